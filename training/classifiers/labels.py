"""What a document classifier learns from: the codes of each episode, and how codes are described."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from data.classifications import Classification
from data.episodes import CodedEpisode, Role
from data.terms import read_terms
from models.classifiers.scores import Codes
from training.errors import CorpusError

Flags = NDArray[np.bool_]
_MOST_PHRASES = 8
"""Of a code: some have hundreds, made by composing sites and findings."""
_WITH_TERMS = frozenset({"icd10", "opcs4"})


def codes_of(gold: CodedEpisode, role: Role) -> frozenset[str]:
    lines = gold.diagnoses if role is Role.DIAGNOSIS else gold.procedures
    return frozenset(line.code for line in lines)


def learnable_codes(episodes: Sequence[CodedEpisode], least: int) -> Codes:
    """The codes of each role that at least so many episodes have, in order; a role without any is left out.

    Raises:
        CorpusError: there is no such code.
    """
    counts = {role: Counter(code for gold in episodes for code in codes_of(gold, role)) for role in Role}
    kept = {
        role: tuple(sorted(code for code, count in of_role.items() if count >= least))
        for role, of_role in counts.items()
    }
    if not any(kept.values()):
        raise CorpusError(f"no code is given in {least} episodes or more: there is nothing to learn")
    return {role: codes for role, codes in kept.items() if codes}


def given(episodes: Sequence[CodedEpisode], role: Role, codes: Sequence[str]) -> Flags:
    """Whether each episode has each code: episodes x codes."""
    places = {code: place for place, code in enumerate(codes)}
    flags = np.zeros((len(episodes), len(codes)), dtype=bool)
    for row, gold in enumerate(episodes):
        flags[row, [places[code] for code in codes_of(gold, role) if code in places]] = True
    return flags


def descriptions(codes: Codes, tables: Mapping[Role, Classification]) -> list[tuple[str, ...]]:
    """Title and terms of each code, role after role; empty where nothing is known of it."""
    described: list[tuple[str, ...]] = []
    for role, of_role in codes.items():
        phrases = _phrases(tables.get(role))
        described.extend(tuple(phrases.get(code, ())[:_MOST_PHRASES]) for code in of_role)
    return described


@lru_cache(maxsize=4)
def _phrases(table: Classification | None) -> dict[str, list[str]]:
    if table is None:
        return {}
    found = {entry.code: [entry.title] for entry in table if entry.title}
    if table.name in _WITH_TERMS:
        for term in read_terms(table.name):
            found.setdefault(term.code, []).append(term.phrase)
    return found
