"""Forms as plain text: dotted lines become colons, of the boxes of a question only the ticked answer stays.

`High BP ........ N` reads like `High BP: N`, and `Diabetes [ ] Y [x] N` like `Diabetes : N`. Where many lines
begin with `# ` none of them is a fracture. Every character keeps its place.
"""

import re

_LEADER = re.compile(r"(?<=[\w)\]?]) ?(?:\.{4,}|_{4,}|(?:\. ){3,}\.) ?(?=[^\s._])")
_ANSWER = r"(?:yes|y|no|n|not done|done|n/a|left|right|l|r)"
_TICKED = r"(?:\[ ?[xy\u2713\u2714\u221a] ?\]|[\u2611\u2612\u25a0])"
_EMPTY = r"(?:\[ {0,3}\]|[\u2610\u25a1])"
_BOX = rf"(?:{_TICKED}|{_EMPTY})"
_BOXES_FIRST = re.compile(rf"{_BOX} ?{_ANSWER}\b(?: {{0,4}}/? {{0,4}}{_BOX} ?{_ANSWER}\b)+")
_ANSWERS_FIRST = re.compile(rf"\b{_ANSWER} ?{_BOX}(?: {{0,4}}/? {{0,4}}{_ANSWER} ?{_BOX})+")
_EMPTY_FIRST = re.compile(rf"{_EMPTY} ?{_ANSWER}\b")
_EMPTY_LAST = re.compile(rf"\b{_ANSWER} ?{_EMPTY}")
_TICK = re.compile(_TICKED)
_HASH = re.compile(r"^([ \t]*)#(?= \S)", re.MULTILINE)
_HASHES = 3
"""Lines; `# L NOF` may stand above `# R wrist`."""
_OR = re.compile(r"/(?!a\b)")


def plain_form(folded: str) -> str:
    """The folded text with its forms made plain; as long as it was."""
    if "...." in folded or "____" in folded or ". . ." in folded:
        folded = _LEADER.sub(_colon, folded)
    if "# " in folded and len(_HASH.findall(folded)) >= _HASHES:
        folded = _HASH.sub(r"\1-", folded)
    if "]" in folded or "\u2610" in folded or "\u25a1" in folded:
        folded = _BOXES_FIRST.sub(lambda run: _chosen(run[0], _EMPTY_FIRST, ":"), folded)
        folded = _ANSWERS_FIRST.sub(lambda run: _chosen(run[0], _EMPTY_LAST, " "), folded)
    return folded


def _colon(leader: re.Match[str]) -> str:
    return ":" + " " * (len(leader[0]) - 1)


def _chosen(run: str, not_chosen: re.Pattern[str], mark: str) -> str:
    """The ticked answers, with a mark for the tick; a question that nobody answered stays as it is."""
    left = not_chosen.sub(lambda answer: " " * len(answer[0]), run)
    if not left.strip(" /"):
        return run
    return _OR.sub(" ", _TICK.sub(lambda tick: mark.ljust(len(tick[0])), left))
