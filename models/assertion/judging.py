"""What the text says of a mention: from the cues of its statement and from its section.

Section context beats sentence context: a diagnosis under "Family history" is a relative's, a procedure
under "Plan" is planned, whatever the sentence says. Of several cues the order of `_decide` counts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from data.episodes import Role
from data.language import Assertion, Cue, CueDirection, CueEffect, SectionKind, StatusWhen
from models.assertion.parity import parity_before
from models.assertion.reach import FARTHEST, Reach, Stops
from models.assertion.statuses import StatusTable
from models.mentions import Hit, Mention, PhraseIndex, phrase_key
from models.text import Reading

_UNTICKED = re.compile(r"(?:\[ ?\]|☐|□)[^\S\n]*\Z")
_MINUS = re.compile(r" ?-[^\S\n]*(?=[,;.)/\n]|\Z)")
"""`COVID -, flu -`."""
_INTERVAL = re.compile(r" \d{1,2}/52(?=[ \t]*(?:[.,;\n]|\Z))")
"""`Echo 6/52.` is one to come; months may be dates (`6/12`), days how long something lasted (`NIV 3/7`)."""
_COLON = re.compile(r":|\s-")
_COMMA = re.compile(r"[,:()]|\s-")
_YEAR_BACK = 4
_BOX_BACK = 4
_PAST_A_COMMA = 2
_YEARS_AHEAD = 8


class Judgement(NamedTuple):
    assertion: Assertion
    because: str
    """The cue as it is listed, or the section."""


class CueReader:
    """The cues of the language; reads the statements of one document after another."""

    def __init__(self, cues: Iterable[Cue], statuses: StatusTable) -> None:
        self._index = PhraseIndex.of((phrase_key(cue.phrase), cue) for cue in cues)
        self._statuses = statuses

    def read(self, reading: Reading, year: int | None) -> "AssertionReader":
        """`year` is that of the episode's end: earlier years lie in the past."""
        by_statement: dict[int, list[Hit[Cue]]] = {}
        for hit in _longest(self._index.find(reading), len(reading.words)):
            by_statement.setdefault(reading.statement_of(hit.first), []).append(hit)
        return AssertionReader(reading, by_statement, self._statuses, year)


def _longest(hits: list[Hit[Cue]], words: int) -> Iterator[Hit[Cue]]:
    taken = bytearray(words)
    for hit in sorted(hits, key=lambda hit: (hit.first - hit.last, hit.first)):
        if not any(taken[hit.first : hit.last + 1]):
            taken[hit.first : hit.last + 1] = b"\x01" * (hit.last + 1 - hit.first)
            yield hit


class _Statement:
    """The cues of one statement: those that say something, and those that others do not reach across."""

    def __init__(self, reading: Reading, first: int, end: int, hits: Sequence[Hit[Cue]]) -> None:
        self._bounds = (reading, first, end)
        self._stops = [(hit, cue) for hit in hits for cue in hit.payloads if cue.effect is CueEffect.STOP]
        self._reach: dict[Role, Reach] = {}
        self._saying = [hit for hit in hits if any(cue.effect not in _SILENT for cue in hit.payloads)]

    def reach(self, role: Role) -> Reach:
        """How far cues reach for mentions of a role: `no PE on CTPA` denies no scan."""
        if role not in self._reach:
            stops = [(hit.first, hit.last, cue.scope) for hit, cue in self._stops if role in cue.roles]
            self._reach[role] = Reach(*self._bounds, Stops(stops))
        return self._reach[role]

    def near(self, mention: Mention) -> list[Hit[Cue]]:
        """The cues within reach of a mention and not part of it, the nearest first."""
        if not self._saying:
            return []
        found = [
            hit
            for hit in self._saying
            if (hit.first < mention.first or hit.last > mention.last)
            and mention.first - FARTHEST <= hit.last
            and hit.first <= mention.last + FARTHEST
        ]
        return sorted(found, key=lambda hit: max(mention.first - hit.last, hit.first - mention.last))


_SILENT = frozenset({CueEffect.STOP, CueEffect.NONE})


class AssertionReader:
    """Judges the mentions of one document."""

    def __init__(
        self,
        reading: Reading,
        cues: dict[int, list[Hit[Cue]]],
        statuses: StatusTable,
        year: int | None,
    ) -> None:
        self._reading = reading
        self._cues = cues
        self._statuses = statuses
        self._year = year
        self._statements: dict[int, _Statement] = {}
        self._has_boxes = any(box in reading.text.folded for box in "[☐□")

    def judge(self, mention: Mention) -> Judgement:
        by_section = _by_section(mention)
        if by_section is not None and by_section.assertion is not Assertion.FAMILY:
            return by_section
        effects = self._effects(mention)
        if by_section is not None and CueEffect.NEGATED not in effects:
            return by_section
        if self._has_boxes and self._is_unticked(mention):
            effects.setdefault(CueEffect.NEGATED, "an unticked box")
        if mention.term.code.startswith(_INFECTIONS) and self._has_minus(mention):
            effects.setdefault(CueEffect.NEGATED, "-")
        if mention.term.role is Role.PROCEDURE:
            return self._of_procedure(mention, effects)
        return self._of_diagnosis(mention, effects)

    def _of_diagnosis(self, mention: Mention, effects: dict[CueEffect, str]) -> Judgement:
        if mention.term.code.startswith(_FAMILY_CODES):
            effects.pop(CueEffect.FAMILY, None)
        passed = self._passed(mention, effects)
        for effect, assertion in _DIAGNOSIS_ORDER:
            if effect is CueEffect.PROBABLE and passed == effects.get(CueEffect.EARLIER, ""):
                continue  # `UTI last month treated with ...`: what was treated then is past
            if effect in effects:
                asserted = _queried_first(effects) if effect is CueEffect.NEGATED else assertion
                return Judgement(asserted, effects[effect])
        if passed is not None:
            return Judgement(Assertion.HISTORY, passed)
        return Judgement(Assertion.PRESENT, effects.get(CueEffect.PRESENT, ""))

    def _passed(self, mention: Mention, effects: dict[CueEffect, str]) -> str | None:
        """Why a condition is past, if it is one of those that pass."""
        passes = self._statuses.passes(mention.term.code)
        if passes in _NEVER_BY_ITSELF or self._names_past(mention):
            return None
        if CueEffect.EARLIER in effects:
            return effects[CueEffect.EARLIER]
        in_past = mention.section is SectionKind.PAST_HISTORY
        if passes is StatusWhen.LISTED and in_past:
            return "past history"
        return self._past_year(mention) if passes is StatusWhen.LISTED or in_past else None

    def _names_past(self, mention: Mention) -> bool:
        """Whether the term itself says that something is past: `previous caesarean section`."""
        return any(
            cue.effect in {CueEffect.EARLIER, CueEffect.HISTORY}
            for hit in self._cues.get(mention.statement, ())
            if mention.first <= hit.first and hit.last <= mention.last
            for cue in hit.payloads
        )

    def _of_procedure(self, mention: Mention, effects: dict[CueEffect, str]) -> Judgement:
        interval = _INTERVAL.match(self._reading.text.folded, self._reading.ends[mention.last])
        if interval is not None:
            effects.setdefault(CueEffect.PLANNED, interval[0].strip())
        if self._reading.maybe_before(mention.first):
            effects.setdefault(CueEffect.PLANNED, "+/-")
        for effect, assertion in _PROCEDURE_ORDER:
            if effect in effects:
                return Judgement(assertion, effects[effect])
        past = self._past_year(mention) or parity_before(self._reading, mention)
        if past is not None:
            return Judgement(Assertion.PAST_PROCEDURE, past)
        return Judgement(Assertion.PRESENT, "")

    def _effects(self, mention: Mention) -> dict[CueEffect, str]:
        """What the cues of the statement say of a mention: of each effect the nearest cue."""
        effects: dict[CueEffect, str] = {}
        if mention.statement not in self._cues:
            return effects
        statement = self._statement(mention.statement)
        for hit in statement.near(mention):
            for cue in hit.payloads:
                if (
                    cue.effect not in _SILENT
                    and cue.effect not in effects
                    and mention.term.role in cue.roles
                    and self._reaches(statement.reach(mention.term.role), hit, cue, mention)
                ):
                    effects[cue.effect] = cue.phrase
        return effects

    def _statement(self, number: int) -> "_Statement":
        if number not in self._statements:
            first, end = self._reading.statement_words(number)
            self._statements[number] = _Statement(self._reading, first, end, self._cues.get(number, ()))
        return self._statements[number]

    def _reaches(self, reach: Reach, hit: Hit[Cue], cue: Cue, mention: Mention) -> bool:
        if hit.last < mention.last and hit.first < mention.first:
            forward = cue.direction is CueDirection.BEFORE and not self._is_an_answer(hit)
            return (
                forward
                and self._looks_ahead(hit, cue)
                and (
                    reach.forward(cue.scope, hit.last, mention.first, mention.last)
                    or (cue.effect is CueEffect.FAMILY and reach.labels(hit.first, hit.last, mention.first))
                )
            )
        if hit.first <= mention.last:
            return False
        if cue.direction is CueDirection.ANSWER:
            return reach.answers(hit.first, hit.last, mention.last)
        backward = cue.direction is CueDirection.AFTER
        return (
            backward
            and not self._looks_ahead(hit, cue, query=True)
            and not self._is_answered(hit, mention.statement)
            and (cue.effect in _NEED_NOT_END or reach.ends_phrase(hit.last))
            and reach.backward(cue.scope, hit.first, mention.last, aside=cue.roles == _PROCEDURES_ONLY)
        )

    def _is_an_answer(self, hit: Hit[Cue]) -> bool:
        """`AKI? - no: CKD3b as before`: what follows is told, not denied."""
        asked = hit.first > 0 and self._reading.words[hit.first - 1] == "?"
        after = hit.last + 1
        return asked and after < len(self._reading.words) and ":" in self._reading.gap(after)

    def _is_answered(self, hit: Hit[Cue], statement: int) -> bool:
        """`AKI?? - no`: what the answer says counts, not that there was a question."""
        return self._reading.words[hit.last] == "?" and any(
            answer.first == hit.last + 1 and cue.direction is CueDirection.ANSWER
            for answer in self._cues[statement]
            for cue in answer.payloads
        )

    def _looks_ahead(self, hit: Hit[Cue], cue: Cue, query: bool = False) -> bool:
        """A question mark that touches the word before it asks about that word: `codeine?`."""
        if cue.phrase != "?":
            return not query
        start = self._reading.starts[hit.first]
        return start == 0 or not self._reading.text.folded[start - 1].isalnum()

    def _is_unticked(self, mention: Mention) -> bool:
        first, _ = self._reading.statement_words(mention.statement)
        for word in range(mention.first, max(first, mention.first - _BOX_BACK) - 1, -1):
            gap = self._reading.gap(word)
            if _UNTICKED.search(gap):
                return True
            if "]" in gap:
                return False
        return False

    def _has_minus(self, mention: Mention) -> bool:
        return _MINUS.match(self._reading.text.folded, self._reading.ends[mention.last]) is not None

    def _past_year(self, mention: Mention) -> str | None:
        """A year before that of the episode, close to the mention."""
        if self._year is None or not self._names_year(mention.statement):
            return None
        first, end = self._reading.statement_words(mention.statement)
        near = (
            *self._own_words(range(mention.last + 1, min(end, mention.last + 1 + _YEARS_AHEAD))),
            *self._up_to(_COMMA, range(mention.first, max(first, mention.first - _YEAR_BACK), -1), -1),
        )
        for word in near:
            written = self._reading.words[word]
            if len(written) == 4 and written.isdecimal() and 1900 <= int(written) < self._year:
                return written
        return None

    def _own_words(self, words: range) -> Iterator[int]:
        """Past a comma only two: `appendicectomy, aged 9, 1987`, but not `falls, hip replacement 2015`."""
        left = len(words)
        for word in self._up_to(_COLON, words):
            if "," in self._reading.gap(word):
                left = min(left, _PAST_A_COMMA)
            if left == 0:
                return
            left -= 1
            yield word

    def _names_year(self, statement: int) -> bool:
        """Whether a number of four digits stands in a statement; most need no closer look."""
        first, end = self._reading.statement_words(statement)
        return any(len(word) == 4 and word.isdecimal() for word in self._reading.words[first:end])

    def _up_to(self, ends: re.Pattern[str], words: range, offset: int = 0) -> Iterator[int]:
        """Words before one that such punctuation sets apart."""
        for word in words:
            if ends.search(self._reading.gap(word)):
                return
            yield word + offset


_NEVER_BY_ITSELF = frozenset({None, StatusWhen.OPERATED})
_PROCEDURES_ONLY = frozenset({Role.PROCEDURE})
_NEED_NOT_END = frozenset({CueEffect.EARLIER, CueEffect.HYPOTHETICAL, CueEffect.FAMILY})
_DIAGNOSIS_ORDER = (
    (CueEffect.NEGATED, Assertion.NEGATED),
    (CueEffect.FAMILY, Assertion.FAMILY),
    (CueEffect.HYPOTHETICAL, Assertion.HYPOTHETICAL),
    (CueEffect.PROBABLE, Assertion.PROBABLE),
    (CueEffect.QUERIED, Assertion.QUERIED),
    (CueEffect.HISTORY, Assertion.HISTORY),
)
_PROCEDURE_ORDER = (
    (CueEffect.FAMILY, Assertion.FAMILY),
    (CueEffect.NEGATED, Assertion.NEGATED),
    (CueEffect.HYPOTHETICAL, Assertion.HYPOTHETICAL),
    (CueEffect.PLANNED, Assertion.PLANNED),
    (CueEffect.QUERIED, Assertion.PLANNED),
    (CueEffect.EARLIER, Assertion.PAST_PROCEDURE),
)


def _queried_first(effects: dict[CueEffect, str]) -> Assertion:
    """`?PE, excluded` was a question; `probable PE, excluded` is a negation."""
    queried = CueEffect.QUERIED in effects and CueEffect.PROBABLE not in effects
    return Assertion.QUERIED if queried else Assertion.NEGATED


def _by_section(mention: Mention) -> Judgement | None:
    diagnosis = mention.term.role is Role.DIAGNOSIS
    assertion = (_DIAGNOSIS_SECTIONS if diagnosis else _PROCEDURE_SECTIONS).get(mention.section)
    if assertion is None or (diagnosis and mention.term.code.startswith(_STAYS.get(mention.section, ()))):
        return None
    return Judgement(assertion, mention.section.replace("_", " "))


_DIAGNOSIS_SECTIONS = {
    SectionKind.FAMILY_HISTORY: Assertion.FAMILY,
    SectionKind.ADVICE: Assertion.HYPOTHETICAL,
    SectionKind.ALLERGIES: Assertion.HISTORY,
}
_PROCEDURE_SECTIONS = {
    SectionKind.FAMILY_HISTORY: Assertion.FAMILY,
    SectionKind.ADVICE: Assertion.HYPOTHETICAL,
    SectionKind.PLAN: Assertion.PLANNED,
    SectionKind.FOLLOW_UP: Assertion.PLANNED,
    SectionKind.PAST_HISTORY: Assertion.PAST_PROCEDURE,
}
_INFECTIONS = ("A", "B", "J09", "J10", "J11", "J12", "U07")
"""What swabs and serology are done for."""
_FAMILY_CODES = ("Z80", "Z81", "Z82", "Z83", "Z84")
_STAYS = {
    SectionKind.FAMILY_HISTORY: _FAMILY_CODES,
    SectionKind.ALLERGIES: ("Z88", "Z91"),
}
