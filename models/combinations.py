"""Diagnosis candidates that mean something together (data/language/combinations.tsv)."""

from collections.abc import Iterable, Sequence

from data.episodes import NotCoded, NotCodedReason, Role
from data.language import Combination
from models.candidates import Candidate, Origin, best_first, gather_evidence
from models.judged import Judged, ReadEpisode


class CombinationIndex:
    """Combinations by what their first group asks for. Immutable; threads may share it."""

    def __init__(self, combinations: Iterable[Combination]) -> None:
        self._all = tuple(combinations)
        self._by_beginning: dict[str, list[int]] = {}
        for number, combination in enumerate(self._all):
            for beginning in combination.found[0]:
                self._by_beginning.setdefault(beginning, []).append(number)

    def next_possible(self, present: frozenset[str], after: int) -> tuple[int, Combination] | None:
        """The first one behind a place all of whose groups may be there, and its place."""
        asked = self._by_beginning.keys() & present
        places = {place for one in asked for place in self._by_beginning[one] if place > after}
        for place in sorted(places):
            if not any(map(present.isdisjoint, self._all[place].found)):
                return place, self._all[place]
        return None


def combine(
    candidates: Sequence[Candidate], read: ReadEpisode, combinations: CombinationIndex
) -> tuple[tuple[Candidate, ...], tuple[NotCoded, ...]]:
    """The candidates with what they become together, and those that are left out for it."""
    kept, left = list(candidates), list[NotCoded]()
    present = _beginnings(kept)
    place = -1
    while (following := combinations.next_possible(present, place)) is not None:
        place, combination = following
        groups = _groups(kept, combination)
        if groups is None:
            continue
        if combination.patient and combination.patient not in read.facts:
            continue
        replaced = [one for one in _members(groups) if one.code.startswith(combination.replaces or ("?",))]
        if combination.becomes and all(one.code != combination.becomes for one in kept):
            kept.append(_combined(groups, read, combination.becomes))
        by = combination.becomes or _other(groups, replaced)
        left.extend(_not_coded(one, by) for one in replaced if one.code != by)
        kept = [one for one in kept if one not in replaced or one.code == by]
        present = _beginnings(kept)
    return tuple(kept), tuple(left)


def _beginnings(candidates: Iterable[Candidate]) -> frozenset[str]:
    """Of the codes: most combinations are passed over by a look at these."""
    return frozenset(one.code[:length] for one in candidates for length in (2, 3, 4))


_Groups = list[list[Candidate]]


def _groups(candidates: Sequence[Candidate], combination: Combination) -> _Groups | None:
    """The candidates of each group; None where one is empty, or no statement holds one of each."""
    groups = [[one for one in candidates if one.code.startswith(prefixes)] for prefixes in combination.found]
    if not all(groups):
        return None
    if combination.within == "statement":
        shared = frozenset.intersection(*(_statements(group) for group in groups))
        groups = [[one for one in group if _statements([one]) & shared] for group in groups]
    return groups if all(groups) else None


def _statements(group: Iterable[Candidate]) -> frozenset[tuple[int, int]]:
    return frozenset(
        (judged.mention.document, judged.mention.statement) for one in group for judged in one.mentions
    )


def _members(groups: _Groups) -> list[Candidate]:
    return list({id(one): one for group in groups for one in group}.values())


def _other(groups: _Groups, replaced: Sequence[Candidate]) -> str:
    return next((one.code for one in _members(groups) if one not in replaced), "")


def _combined(groups: _Groups, read: ReadEpisode, code: str) -> Candidate:
    """It stands where its parts stand, and cites the best mention of each."""
    mentions: list[Judged] = [judged for group in groups for one in group for judged in one.mentions]
    cited = [group[0].mentions[0] for group in groups]
    return Candidate(
        Role.DIAGNOSIS,
        code,
        Origin.COMBINATION,
        best_first(mentions),
        evidence=gather_evidence(read, cited),
    )


def _not_coded(candidate: Candidate, by: str) -> NotCoded:
    return NotCoded(candidate.evidence[0], NotCodedReason.EXPLAINED_BY, f"{by} says more", candidate.code)
