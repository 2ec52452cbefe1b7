"""Sets of codes as rules write them: `J449`, a category `J44`, a range of categories `J12-J18`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_PREFIX = re.compile(r"[A-Z](\d(\d([0-9X])?)?)?")
_RANGE = re.compile(r"([A-Z])(\d\d)(\d?)-([A-Z])(\d\d)(\d?)")
_STORED = re.compile(r"[A-Z]\d\d[0-9X]")


@dataclass(frozen=True, slots=True)
class CodeSet:
    """Codes by their beginnings; looking one up costs at most four look-ups, however long the list."""

    prefixes: frozenset[str]
    written: tuple[str, ...] = ()

    @classmethod
    def of(cls, written: Iterable[str]) -> "CodeSet":
        """
        Raises:
            ValueError: one is neither the beginning of a code nor a range of them.
        """
        given = tuple(written)
        return cls(frozenset(prefix for one in given for prefix in _prefixes(one)), given)

    def __contains__(self, code: object) -> bool:
        if not isinstance(code, str):
            return False
        prefixes = self.prefixes  # written out: asked some hundred times of every coding
        return code[:3] in prefixes or code in prefixes or code[:2] in prefixes or code[:1] in prefixes

    def meets(self, beginnings: Iterable[str]) -> bool:
        """Whether it holds the code of these `beginnings_of`: for who asks many sets of one code."""
        return not self.prefixes.isdisjoint(beginnings)

    def __bool__(self) -> bool:
        return bool(self.prefixes)

    def __or__(self, other: "CodeSet") -> "CodeSet":
        return CodeSet(self.prefixes | other.prefixes, self.written + other.written)


NO_CODES = CodeSet(frozenset())


def beginnings_of(code: str) -> tuple[str, ...]:
    """What a set may hold it by."""
    return code[:3], code, code[:2], code[:1]


def is_stored(code: str) -> bool:
    """Whether it has the shape of a whole code: `I10X`, `E119`, `W371`."""
    return _STORED.fullmatch(code) is not None


def _prefixes(written: str) -> Iterator[str]:
    if _PREFIX.fullmatch(written):
        yield written
        return
    ends = _RANGE.fullmatch(written)
    if ends is None or bool(ends[3]) != bool(ends[6]):
        raise ValueError(f"{written!r} is neither the beginning of a code nor a range of categories")
    first, last = f"{ends[1]}{ends[2]}{ends[3]}", f"{ends[4]}{ends[5]}{ends[6]}"
    if first > last:
        raise ValueError(f"{written!r} ends before it begins")
    yield from (prefix for prefix in _every(ends[1], ends[4], len(first) - 1) if first <= prefix <= last)


def _every(first_letter: str, last_letter: str, digits: int) -> Iterator[str]:
    for letter in range(ord(first_letter), ord(last_letter) + 1):
        for number in range(10**digits):
            yield f"{chr(letter)}{number:0{digits}d}"
