"""How far a cue reaches: which words between a cue and a mention, and what stands between them, end it."""

import re
from collections.abc import Iterator

from data.language import CueScope, SectionKind
from models.text import Reading, normal_words

_COMMA, _OPEN, _CLOSE, _DASH, _COLON = ",", "(", ")", "-", ":"
_SEPARATOR = re.compile(r"[,:()\[\]]|(?<=\s)-+>?(?=\s|\Z)|(?<=\s)-(?=\w)|->|=|\s{3,}|\t")
_FARTHEST = {CueScope.WORD: 4, CueScope.CLAUSE: 9, CueScope.LIST: 40, CueScope.SENTENCE: 60}
FARTHEST = max(_FARTHEST.values()) + 1
"""Words beyond which no cue reaches."""
_FARTHEST_FIELD, _FARTHEST_QUESTION = 3, 6
"""Words between what is asked about and the answer: of a form, and behind a question mark."""
_LONGEST_ITEM = 5
_LONGEST_ITEM_WITH_OR = 8
_LINKS = frozenset({"or", "nor", "and"})
_AFTER_A_QUERY = frozenset(normal_words("on with due of after following for from in at by given treated"))
_PHRASE_ENDS = frozenset(
    normal_words(
        "by on in at for with after from as and or but clinically today "
        "this during via per to of since because due now yet again so then "
        "following when until he she pt patient although however"
    )
)
_OF_EACH = frozenset(normal_words("all both neither"))
_BEFORE_A_VERDICT = frozenset(normal_words("felt thought to be been being were was are have has had now"))
_COMMA_LISTS = frozenset(
    {
        SectionKind.PAST_HISTORY,
        SectionKind.DIAGNOSES,
        SectionKind.PRIMARY_DIAGNOSIS,
        SectionKind.SECONDARY_DIAGNOSES,
    }
)


class Stops:
    """Words of a statement across which cues do not reach, by the widest scope that they stop."""

    def __init__(self, stops: list[tuple[int, int, CueScope]]) -> None:
        self._stops = stops

    def between(self, first: int, last: int, scopes: frozenset[CueScope]) -> bool:
        return any(scope in scopes and start >= first and end <= last for start, end, scope in self._stops)


_STOP_FORWARD = frozenset({CueScope.WORD})
_STOP_SENTENCE = frozenset({CueScope.SENTENCE})
_STOP_CLAUSE = frozenset({CueScope.SENTENCE, CueScope.CLAUSE})
_STOP_LIST = frozenset({CueScope.SENTENCE, CueScope.CLAUSE, CueScope.LIST})


class Reach:
    """Judges reach within one statement of a reading."""

    def __init__(self, reading: Reading, first: int, end: int, stops: Stops) -> None:
        self._reading = reading
        self._first = first
        self._end = end
        self._stops = stops
        self._separators: dict[int, str] = {}

    def forward(self, scope: CueScope, cue_last: int, first: int, last: int) -> bool:
        """Whether a cue that ends at `cue_last` reaches a later mention of words `first` to `last`."""
        too_far = first - cue_last - 1 > _FARTHEST[scope] or (
            scope is not CueScope.SENTENCE and self._stops.between(cue_last + 1, first - 1, _STOP_FORWARD)
        )
        if too_far or self._stopped(scope, cue_last + 1, first - 1):
            return False
        if scope is CueScope.SENTENCE:
            return True
        marks = [self.separator(word) for word in range(cue_last + 1, first + 1)]
        if marks[:1] == [_COLON]:
            marks = marks[1:]
        if scope is CueScope.WORD:
            return not any(marks) and not self._holds(_AFTER_A_QUERY, cue_last + 1, first)
        if not _brackets_balance(marks) or _DASH in marks or _COLON in marks:
            return False
        if scope is not CueScope.LIST:
            return _COMMA not in marks
        return self._in_list(cue_last + 1, first, last)

    def labels(self, cue_first: int, cue_last: int, first: int) -> bool:
        """Whether a cue stands before a dash like a name before what is told of it: `Dad - emphysema`."""
        begins = cue_first == self._first or bool(self.separator(cue_first))
        return begins and first == cue_last + 1 and self.separator(first) == _DASH

    def backward(self, scope: CueScope, cue_first: int, mention_last: int, *, aside: bool = False) -> bool:
        """Whether a cue that starts at `cue_first` reaches back to an earlier mention.

        Args:
            aside: also out of a bracket that opens between them: `CT urogram (22/4, as an outpatient)`.
        """
        if cue_first - mention_last - 1 > _FARTHEST[scope]:
            return False
        if self._stopped(CueScope.CLAUSE, mention_last + 1, cue_first - 1):
            return False
        if scope is CueScope.SENTENCE:
            return True
        marks = [self.separator(word) for word in range(mention_last + 1, cue_first + 1)]
        if aside:
            marks = _out_of_bracket(marks)
        elif marks[0] == _OPEN:
            marks = marks[1:]
        if not _brackets_balance(marks):
            return False
        if _COMMA in marks and not self._sums_up(cue_first):
            return scope is not CueScope.WORD and self._holds(_LINKS, mention_last + 1, cue_first)
        return marks.count(_DASH) + marks.count(_COLON) <= 1

    def answers(self, cue_first: int, cue_last: int, mention_last: int) -> bool:
        """Whether a cue stands alone as the answer to what precedes it: `Diabetes: no`."""
        asked = "?" in self._reading.words[mention_last + 1 : cue_first]
        farthest = _FARTHEST_QUESTION if asked else _FARTHEST_FIELD
        if cue_first - mention_last - 1 > farthest or not self._ends_sharply(cue_last):
            return False
        marks = [self.separator(word) for word in range(mention_last + 1, cue_first + 1)]
        if marks[-1] in {_DASH, _COLON, _OPEN}:
            return _COMMA not in marks
        return (asked and _COMMA not in marks) or (cue_first == mention_last + 1 and not marks[-1])

    def separator(self, word: int) -> str:
        """What stands before a word: nothing, a comma, a bracket, a colon, or a dash (wide gaps too)."""
        if word not in self._separators:
            self._separators[word] = _separator(self._reading.gap(word)) if word > self._first else ""
        return self._separators[word]

    def _sums_up(self, cue_first: int) -> bool:
        """`PE, ACS, SAH - all felt to be excluded`: what follows is told of each item of the list."""
        words = self._reading.words
        start = cue_first if words[cue_first] in _OF_EACH else cue_first - 1
        while start > self._first and words[start] in _BEFORE_A_VERDICT:
            start -= 1
        return start > self._first and words[start] in _OF_EACH

    def _stopped(self, scope: CueScope, first: int, last: int) -> bool:
        scopes = _STOP_SENTENCE if scope is CueScope.SENTENCE else _STOP_CLAUSE
        return last >= first and self._stops.between(first, last, scopes)

    def _holds(self, words: frozenset[str], first: int, end: int) -> bool:
        return any(word in words for word in self._reading.words[first:end])

    def _in_list(self, list_first: int, first: int, last: int) -> bool:
        """Whether a negation goes on to an item: the items are short, and none is a statement of its own."""
        items = list(self._items(list_first, self._item_end(last)))
        if not items:
            return True
        linked = self._holds(_LINKS, list_first, self._list_end(last))
        section = self._reading.sections.kind_at(self._reading.starts[first])
        if section in _COMMA_LISTS and not linked:
            return False
        longest = _LONGEST_ITEM_WITH_OR if linked else _LONGEST_ITEM
        return all(
            end - start <= longest
            and not self._stops.between(start, end - 1, _STOP_LIST)
            and (linked or not self._tells(start, end))
            for start, end in items
        )

    def _tells(self, first: int, end: int) -> bool:
        """An item with a number or a participle tells what was found or done: `washed out, 4 sutures`."""
        return any(word.isdecimal() or word.endswith("ed") for word in self._reading.words[first:end])

    def _items(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """The items after the first comma or "and"."""
        words = self._reading.words
        starts = [w for w in range(first, end) if self.separator(w) == _COMMA or words[w] == "and"]
        return zip(starts, [*starts[1:], end], strict=False)

    def _item_end(self, last: int) -> int:
        """The word after the item that a mention ends in."""
        for word in range(last + 1, self._end):
            if self.separator(word) or self._reading.words[word] in _LINKS:
                return word
        return self._end

    def _list_end(self, last: int) -> int:
        for word in range(last + 1, self._end):
            if self.separator(word) not in {"", _COMMA}:
                return word
        return self._end

    def ends_phrase(self, cue_last: int) -> bool:
        """A cue that follows what it is about ends its phrase: `culture negative`, not `negative culture`."""
        return self._ends_sharply(cue_last) or self._reading.words[cue_last + 1] in _PHRASE_ENDS

    def _ends_sharply(self, cue_last: int) -> bool:
        following = cue_last + 1
        return following >= self._end or bool(self.separator(following))


def _separator(gap: str) -> str:
    found = _SEPARATOR.search(gap)
    if found is None:
        return ""
    mark = found.group()
    if mark in "([":
        return _OPEN
    if mark in ")]":
        return _CLOSE
    return mark if mark in {_COMMA, _COLON} else _DASH


def _out_of_bracket(marks: list[str]) -> list[str]:
    """Without the bracket that is still open at the end, and the commas in it."""
    for place in range(len(marks) - 1, -1, -1):
        if marks[place] == _CLOSE:
            return marks
        if marks[place] == _OPEN:
            return [*marks[:place], *(mark for mark in marks[place + 1 :] if mark != _COMMA)]
    return marks


def _brackets_balance(marks: list[str]) -> bool:
    depth = 0
    for mark in marks:
        depth += (mark == _OPEN) - (mark == _CLOSE)
        if depth < 0:
            return False
    return depth == 0
