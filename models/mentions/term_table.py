"""A hundred thousand terms in columns: small in memory, quick to read, objects only of those that are met."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from sys import intern
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from data.episodes import Role
from data.packed import PackedStrings
from data.terms import Need, NeedSubject
from models.mentions.compiled import CompiledTerm, keys_of
from models.mentions.phrases import PhraseKeys

_COLUMNS = ("role", "code", "kind", "exact_case", "needs", "companions")
"""Of each term the place of its value in the legend of the same name."""
_EXACT = (False, True)
Legend = Mapping[str, Sequence[Any]]
Integers = NDArray[np.int32]
Kind = TypeVar("Kind", bound=Hashable)


class TermTable(Sequence[CompiledTerm]):
    """Terms, and the phrases under which they are looked for. Immutable."""

    def __init__(
        self,
        legend: Legend,
        columns: Integers,
        phrases: PackedStrings,
        keys: Sequence[str],
        owners: Integers,
    ) -> None:
        """
        Args:
            columns: a row for each term, places in the legend in the order of `_COLUMNS`.
            keys: different normalised phrases.
            owners: a row for each phrase that leads to a term: numbers of key and term.
        """
        self._legend = legend
        self._columns = columns
        self._phrases = phrases
        self._key_strings = PackedStrings(keys)
        self.keys = PhraseKeys(keys)
        order = np.argsort(owners[:, 0], kind="stable")
        self._owners: Integers = owners[order, 1]
        firsts = np.searchsorted(owners[order, 0], np.arange(len(keys) + 1))
        self._first_owners: Integers = firsts.astype(np.int32)

    @classmethod
    def of(cls, terms: Iterable[CompiledTerm]) -> "TermTable":
        if isinstance(terms, TermTable):
            return terms
        known = list(terms)
        legend = {name: list(dict.fromkeys(_of_column(one, name) for one in known)) for name in _COLUMNS}
        legend["exact_case"] = list(_EXACT)
        places = {name: _places(found) for name, found in legend.items()}
        columns = [[places[name][_of_column(one, name)] for name in _COLUMNS] for one in known]
        keys: dict[str, int] = {}
        owners = [
            (keys.setdefault(key, len(keys)), number)
            for number, term in enumerate(known)
            for key in keys_of(term)
            if key
        ]
        phrases = PackedStrings([one.phrase for one in known])
        return cls(legend, _rows(columns, 6), phrases, list(keys), _rows(owners, 2))

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, number: int) -> CompiledTerm: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[CompiledTerm]: ...
    def __getitem__(self, number: int | slice) -> CompiledTerm | Sequence[CompiledTerm]:
        if isinstance(number, slice):
            return [self._term(one) for one in range(*number.indices(len(self)))]
        return self._term(range(len(self))[number])

    def __iter__(self) -> Iterator[CompiledTerm]:
        return map(self._term, range(len(self)))

    def _term(self, number: int) -> CompiledTerm:
        row = self._columns[number].tolist()
        role, code, kind, exact, needs, companions = (
            self._legend[name][place] for name, place in zip(_COLUMNS, row, strict=True)
        )
        return CompiledTerm(role, code, self._phrases[number], kind, exact, needs, companions)

    def of_key(self, key: int) -> tuple[CompiledTerm, ...]:
        """The terms that a phrase may stand for, in their order."""
        first, end = self._first_owners[key : key + 2].tolist()
        return tuple(self._term(number) for number in self._owners[first:end].tolist())

    def of_roles(self, roles: Iterable[Role]) -> "TermTable":
        """The terms of these roles only; itself where that is all of them."""
        wanted = set(roles)
        if wanted.issuperset(self._legend["role"]):
            return self
        return TermTable.of([term for term in self if term.role in wanted])

    def to_json(self) -> dict[str, Any]:
        counts = np.diff(self._first_owners)
        return {
            "roles": [role.value for role in self._legend["role"]],
            "kinds": list(self._legend["kind"]),
            "codes": list(self._legend["code"]),
            "needs": [[_need_row(need) for need in found] for found in self._legend["needs"]],
            "companions": [list(found) for found in self._legend["companions"]],
            "columns": [self._columns[:, place].tolist() for place in range(len(_COLUMNS))],
            "phrases": list(self._phrases),
            "keys": list(self._key_strings),
            "terms_of_each_key": counts.tolist(),
            "terms_of_keys": self._owners.tolist(),
        }

    @classmethod
    def from_json(cls, written: Any) -> "TermTable":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`.

        Takes apart what is written: while a process loads a model, forty megabytes tell.
        """
        phrases, keys = PackedStrings(_texts(written.pop("phrases"))), _texts(written.pop("keys"))
        legend: Legend = {
            "role": [Role(role) for role in written["roles"]],
            "code": _texts(written["codes"]),
            "kind": _texts(written["kinds"]),
            "exact_case": _EXACT,
            "needs": _needs(written["needs"]),
            "companions": [tuple(_texts(found)) for found in written["companions"]],
        }
        columns = _checked(written.pop("columns"), [len(legend[name]) for name in _COLUMNS], len(phrases))
        counts = np.asarray(written.pop("terms_of_each_key"), dtype=np.int32)
        if len(counts) != len(keys) or (counts < 1).any():
            raise ValueError("every key leads to a term")
        owners = np.repeat(np.arange(len(keys), dtype=np.int32), counts)
        (terms,) = _checked([written.pop("terms_of_keys")], [len(phrases)], len(owners)).T
        return cls(legend, columns, phrases, keys, np.column_stack([owners, terms]))


def _of_column(term: CompiledTerm, name: str) -> Any:
    return getattr(term, name)


def _places(values: Iterable[Kind]) -> dict[Kind, int]:
    return {value: place for place, value in enumerate(values)}


def _rows(rows: Sequence[Sequence[int]], width: int) -> Integers:
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.int32, count=len(rows) * width)
    return flat.reshape(-1, width)


def _checked(columns: Sequence[Sequence[int]], sizes: Sequence[int], count: int) -> Integers:
    """Columns of places, as rows, each below the size of what it points into."""
    rows = np.asarray(columns, dtype=np.int32).T.reshape(-1, len(sizes))
    if rows.shape != (count, len(sizes)) or (rows < 0).any() or (rows >= np.asarray(sizes)).any():
        raise ValueError("a place points nowhere")
    return np.ascontiguousarray(rows)


def _texts(written: Any) -> list[str]:
    if not isinstance(written, list) or not all(isinstance(text, str) for text in written):
        raise TypeError("codes, phrases, kinds and keys are lists of text")
    return written


def _need_row(need: Need) -> list[object]:
    return [need.subject.value, need.operator, list(need.values)]


def _needs(written: Sequence[Sequence[Sequence[Any]]]) -> list[tuple[Need, ...]]:
    """One object for each condition, and for each of its words, however many terms it stands on."""
    known: dict[tuple[str, str, tuple[str, ...]], Need] = {}

    def need(subject: str, operator: str, values: list[str]) -> Need:
        key = subject, operator, tuple(map(intern, _texts(values)))
        if key not in known:
            known[key] = Need(NeedSubject(subject), operator, key[2])
        return known[key]

    return [tuple(need(*row) for row in found) for found in written]
