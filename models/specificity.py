"""General terms for what the episode names more exactly elsewhere: they are not coded beside it.

Two kinds: the unspecified code of a category beside a specific one (J44.9 beside J44.1), and a shorter name
inside a longer one of the same block ("dementia" beside "vascular dementia").
"""

from collections.abc import Callable, Hashable, Iterable, Sequence

from data.episodes import NotCoded, NotCodedReason
from models.candidates import Candidate
from models.codes import CodeTable
from models.judged import Judged, ReadEpisode
from models.mentions import Mention


def drop_explained(
    candidates: Sequence[Candidate], read: ReadEpisode, table: CodeTable, statuses: frozenset[str]
) -> tuple[tuple[Candidate, ...], tuple[NotCoded, ...]]:
    """The candidates that stand, and the others with what explains them."""
    named = [(one.code, names_of(read, one.mentions)) for one in candidates]
    explained = _by_category(candidates, table, statuses) | find_shorter(named, table.blocks.get)
    kept = tuple(one for one in candidates if one.code not in explained)
    return kept, tuple(_not_coded(one, explained[one.code]) for one in candidates if one.code in explained)


def _by_category(
    candidates: Iterable[Candidate], table: CodeTable, statuses: frozenset[str]
) -> dict[str, str]:
    unspecified: list[str] = []
    specific: dict[str, str] = {}
    for one in candidates:
        if one.code in table.unspecified:
            unspecified.append(one.code)
        elif one.code not in statuses:
            specific.setdefault(one.code[:3], one.code)
    return {code: specific[code[:3]] for code in unspecified if code[:3] in specific}


def find_shorter(
    named: Sequence[tuple[str, frozenset[frozenset[str]]]], kind: Callable[[str], Hashable]
) -> dict[str, str]:
    """Codes all of whose names lie inside a longer name of another code of the same kind, and that code."""
    alike: dict[Hashable, list[tuple[str, frozenset[frozenset[str]]]]] = {}
    for code, names in named:
        alike.setdefault(kind(code), []).append((code, names))
    shorter: dict[str, str] = {}
    for group in alike.values():
        if len(group) == 1:
            continue
        for code, names in group:
            by = next((other for other, longer in group if other != code and _inside(names, longer)), None)
            if by is not None:
                shorter[code] = by
    return shorter


def _inside(names: frozenset[frozenset[str]], longer: frozenset[frozenset[str]]) -> bool:
    return all(any(name < other for other in longer) for name in names)


def names_of(read: ReadEpisode, mentions: Iterable[Judged]) -> frozenset[frozenset[str]]:
    """The words of each mention."""
    return frozenset(_words(read, judged.mention) for judged in mentions)


def _words(read: ReadEpisode, mention: Mention) -> frozenset[str]:
    return frozenset(read.readings[mention.document].words[mention.first : mention.last + 1])


def _not_coded(candidate: Candidate, by: str) -> NotCoded:
    return NotCoded(
        evidence=candidate.evidence[0],
        reason=NotCodedReason.EXPLAINED_BY,
        note=f"{by} says more",
        would_be=candidate.code,
    )
