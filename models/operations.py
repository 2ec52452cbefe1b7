"""Operations that mean something together (data/language/operations.tsv), document by document."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from data.language import BESIDE, OperationScope, OperationsTogether
from models.candidates import Candidate, Origin, gather_evidence
from models.judged import ReadEpisode
from models.procedures import METHOD_PLACE, place_in_group


def join_operations(
    candidates: Sequence[Candidate], read: ReadEpisode, together: Iterable[OperationsTogether]
) -> tuple[Candidate, ...]:
    """The candidates of procedures, with one operation for those that are told in parts."""
    standing = list(candidates)
    for operations in together:
        for members in _members(standing, operations):
            if operations.within is OperationScope.SITTING:
                standing = _one_group(standing, members)
            else:
                standing = _joined(standing, members, operations, read)
    return tuple(sorted(standing, key=_place))


def _place(candidate: Candidate) -> tuple[int, int]:
    """Sites and side at the end of a group; methods stay behind their operation."""
    place = place_in_group(candidate.code)
    return candidate.group or 0, place if place > METHOD_PLACE else 0


def _one_group(standing: list[Candidate], members: Sequence[Candidate]) -> list[Candidate]:
    """The groups of these members as one, unless they are on different sides or one was done again."""
    groups = {one.group for one in members}
    sides = {one.code for one in standing if one.group in groups and one.code.startswith("Z94")}
    again = len({one.code for one in members}) < len(members)
    if len(groups) < 2 or len(sides) > 1 or again:
        return standing
    first, taken, joined = min(one.group or 0 for one in members), set[str](), []
    for one in standing:
        if one.group in groups and one.code[0] in BESIDE:
            if one.code in taken:
                continue
            taken.add(one.code)
        joined.append(replace(one, group=first) if one.group in groups else one)
    return joined


def _members(candidates: Sequence[Candidate], operations: OperationsTogether) -> list[list[Candidate]]:
    """The candidates that take part, place by place; none where a part is missing."""
    if not _all_found(operations, candidates):
        return []
    by_place: dict[int, list[Candidate]] = {}
    for one in candidates:
        place = one.group or 0 if operations.within is OperationScope.GROUP else one.mention.document
        by_place.setdefault(place, []).append(one)
    return [
        [one for one in found if one.code.startswith(tuple(sum(operations.found, ())))]
        for found in by_place.values()
        if _all_found(operations, found)
    ]


def _all_found(operations: OperationsTogether, candidates: Sequence[Candidate]) -> bool:
    codes = [one.code for one in candidates]
    return all(any(code.startswith(part) for code in codes) for part in operations.found)


def _joined(
    standing: Sequence[Candidate],
    members: Sequence[Candidate],
    operations: OperationsTogether,
    read: ReadEpisode,
) -> list[Candidate]:
    """One operation for the members that are replaced; their sites and methods pass to it."""
    replaced = [one for one in members if one.code.startswith(operations.replaces)]
    if operations.becomes:
        kept = replaced[0]
        cited = [judged for one in replaced for judged in one.mentions]
        made = replace(
            kept,
            code=operations.becomes,
            origin=Origin.COMBINATION,
            mentions=tuple(cited),
            evidence=gather_evidence(read, cited),
        )
    else:
        kept = made = next(one for one in members if one not in replaced and one.code[0] not in BESIDE)
    gone = [one for one in replaced if one is not kept]
    stay = [made if one is kept else one for one in standing if not any(one is other for other in gone)]
    return _with_followers(stay, {one.group for one in gone}, made.group)


def _with_followers(
    standing: Sequence[Candidate], left: set[int | None], group: int | None
) -> list[Candidate]:
    """What goes with no operation any more goes with this group, each code once."""
    led = {one.group for one in standing if one.code[0] not in BESIDE}
    taken = {one.code for one in standing if one.group == group}
    followed: list[Candidate] = []
    for one in standing:
        if one.group not in left - led:
            followed.append(one)
        elif one.code not in taken:
            taken.add(one.code)
            followed.append(replace(one, group=group))
    return followed
