"""Procedure candidates in groups: each procedure with its methods, sites and side (P-Y-Z).

Method and site codes never stand alone: they attach to the nearest procedure of their statement, or are
dropped. Repeats of one procedure are one, unless the text gives them different dates.
"""

from collections.abc import Container, Sequence
from itertools import count

from data.episodes import Role
from data.language import BESIDE
from models.attaching import Procedure, attach
from models.candidates import Candidate, Origin, best_first, gather_evidence, group_by_code
from models.judged import Judged, ReadEpisode
from models.mentions import Mention
from models.sides import Side, only_side, section_side, side_of
from models.specificity import find_shorter, names_of
from models.text import named_days
from models.treated import site_side, treated_side

SIDE_COMPANION = "Z94?"
_NO_SIDE = (
    "A52", "A55", "A84", "E20", "E8", "E9", "F26", "F34", "G", "H", "J", "K", "M4", "M6", "M7", "N17", "N30",
    "P", "Q01", "Q07", "Q08", "Q11", "Q12", "Q18", "Q22", "Q55", "R", "S12", "T3", "T4", "U", "X",
)  # fmt: skip
"""Chapters and categories of unpaired parts, imaging and the like: a side only where the term asks for it."""
_UNNAMED = {"Y284": "Y28", "Y539": "Y53"}
"""A mesh, and an image, of which another method of its category says more."""
_AGAIN_AND_AGAIN = ("U0", "U1", "U2", "U3", "T12", "T46", "M47", "A55")
"""Scans, taps, catheters: told with another day, they were done again. What goes on for days (ventilation,
dialysis, induction) is told with many, and counts once unless whole dates tell it apart."""
METHOD_PLACE = 1


def procedure_candidates(read: ReadEpisode, secondary: Container[str]) -> tuple[Candidate, ...]:
    """Group by group, in the order of the text; inside a group in P-Y-Z order."""
    coded = [judged for judged in read.judged.get(Role.PROCEDURE, ()) if judged.coded]
    leads = [judged for judged in coded if judged.mention.term.code not in secondary]
    attached = [judged for judged in coded if judged.mention.term.code in secondary]
    procedures = _procedures(read, leads)
    sites = attach(read, procedures, attached)
    only_sides = [only_side(reading) for reading in read.readings] if procedures else []
    candidates: list[Candidate] = []
    numbers = count(1)
    for places in _groups(procedures):
        group = [procedures[place] for place in places]
        near = [one for place in places for one in sites.get(place, ())]
        candidates.extend(_GroupBuilder(read, next(numbers), only_sides).candidates(group, near))
        for opened in (one for procedure in group for one in procedure.opens):
            candidates.extend(_GroupBuilder(read, next(numbers), only_sides).candidates([opened], ()))
    return tuple(candidates)


def _procedures(read: ReadEpisode, leads: Sequence[Judged]) -> list[Procedure]:
    repeats: dict[tuple[str, str], list[Judged]] = {}
    for judged in leads:
        code = judged.mention.term.code
        repeats.setdefault((code, _date_near(read, judged.mention)), []).append(judged)
    merged = _without_undated(repeats)
    named = [(code, names_of(read, found)) for (code, _), found in merged.items()]
    shorter = find_shorter(named, lambda code: code[0])
    against = group_by_code(one for one in read.judged.get(Role.PROCEDURE, ()) if not one.coded)
    return [
        _procedure(code, best_first(found), len(against.get(code, ())), frozenset(one for one, _ in merged))
        for (code, _), found in merged.items()
        if code not in shorter
    ]


def _procedure(code: str, mentions: tuple[Judged, ...], against: int, named: frozenset[str]) -> Procedure:
    """`Y752 Q222 Y752`: an operation behind methods and sites opens a group, unless it is `named` itself."""
    own, *further = _runs(mentions[0].mention.term.companions)
    elsewhere = (code for one in mentions[1:] for code in one.mention.term.companions if code[0] in "ZO")
    own = tuple(dict.fromkeys((*own, *elsewhere)))
    return Procedure(
        code,
        mentions,
        against,
        own,
        asks_side=any(SIDE_COMPANION in judged.mention.term.companions for judged in mentions),
        opens=tuple(
            Procedure(run[0], mentions, 0, run[1:], SIDE_COMPANION in run)
            for run in further
            if run[0] not in named
        ),
    )


def _runs(companions: Sequence[str]) -> list[tuple[str, ...]]:
    """Companions, parted before each operation that stands behind a method or site."""
    runs: list[tuple[str, ...]] = [()]
    for code in companions:
        if code[0] not in BESIDE and any(other[0] in BESIDE for other in runs[-1]):
            runs.append((code,))
        else:
            runs[-1] = (*runs[-1], code)
    return runs


def _groups(procedures: Sequence[Procedure]) -> list[list[int]]:
    """Procedures of one statement on one sided part of the body are a group: their side is given once.

    So are an operation on the spine and its levels.
    """
    groups: list[list[int]] = []
    for place, procedure in enumerate(procedures):
        if groups and _same_site(procedures[place - 1], procedure):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _same_site(one: Procedure, other: Procedure) -> bool:
    if one.is_level_of_spine is not other.is_level_of_spine:
        return (
            one.code[0] == other.code[0]
            and one.mentions[0].mention.document == other.mentions[0].mention.document
        )
    both_sided = one.asks_side and other.asks_side
    return both_sided and one.code[0] == other.code[0] and bool(one.statements & other.statements)


def _without_undated(
    repeats: dict[tuple[str, str], list[Judged]],
) -> dict[tuple[str, str], list[Judged]]:
    """Mentions without a date belong to the first that has one."""
    first_dates: dict[str, str] = {}
    for code, date in repeats:
        if date:
            first_dates.setdefault(code, date)
    merged: dict[tuple[str, str], list[Judged]] = {}
    for (code, date), found in repeats.items():
        merged.setdefault((code, date or first_dates.get(code, "")), []).extend(found)
    return merged


def _date_near(read: ReadEpisode, mention: Mention) -> str:
    """The day and month in the statement of a mention, the next behind it before others; or nothing."""
    reading = read.readings[mention.document]
    first, end = reading.statement_words(mention.statement)
    days = named_days(reading.text.folded, reading.starts[first], reading.ends[end - 1])
    after, again = reading.ends[mention.last], mention.term.code.startswith(_AGAIN_AND_AGAIN)
    nearest = min(
        (day for day in days if again or day.in_full),
        key=lambda day: (day.start < after, abs(day.start - after)),
        default=None,
    )
    return f"{nearest.month}-{nearest.day}" if nearest else ""


class _GroupBuilder:
    """Makes the candidates of one group."""

    def __init__(self, read: ReadEpisode, number: int, only_sides: Sequence[Side | None]) -> None:
        self._read = read
        self._number = number
        self._only_sides = only_sides

    def candidates(self, group: Sequence[Procedure], near: Sequence[tuple[Judged, int]]) -> list[Candidate]:
        """What leads, then what goes with it."""
        leads = sorted(group, key=lambda procedure: procedure.is_level_of_spine)
        return [*map(self._lead, leads), *self._followers(group, near)]

    def _lead(self, procedure: Procedure) -> Candidate:
        return Candidate(
            Role.PROCEDURE,
            procedure.code,
            Origin.MENTION,
            procedure.mentions,
            against=procedure.against,
            evidence=gather_evidence(self._read, procedure.mentions),
            group=self._number,
        )

    def _followers(self, group: Sequence[Procedure], near: Sequence[tuple[Judged, int]]) -> list[Candidate]:
        """Methods, then sites, then the side, each code once."""
        found: dict[str, Candidate] = {}
        for judged, distance in sorted(near, key=lambda pair: pair[1]):
            found.setdefault(judged.mention.term.code, self._site(judged, distance))
        for procedure in group:
            for code in procedure.companions:
                if code != SIDE_COMPANION and all(code != other.code for other in group):
                    found[code] = self._companion(procedure, code)
        for unnamed, category in _UNNAMED.items():
            if any(code.startswith(category) and code != unnamed for code in found):
                found.pop(unnamed, None)
        side = self._side(group, [code for code in found if code[0] == "Z"])
        if side is not None:
            found[side.code] = side
        return sorted(found.values(), key=lambda follower: place_in_group(follower.code))

    def _companion(self, procedure: Procedure, code: str) -> Candidate:
        return Candidate(
            Role.PROCEDURE,
            code,
            Origin.COMPANION,
            procedure.mentions,
            evidence=gather_evidence(self._read, procedure.mentions[:1]),
            group=self._number,
        )

    def _side(self, group: Sequence[Procedure], sites: Sequence[str]) -> Candidate | None:
        asked = any(procedure.asks_side for procedure in group)
        if not asked and (_is_imaging(group) or not sites) and group[0].code.startswith(_NO_SIDE):
            return None
        named = self._named_side(group, sites, asked)
        if named is None:
            return None
        side, mention = named
        start, end = self._read.readings[mention.document].span(side.first, side.last)
        return Candidate(
            Role.PROCEDURE,
            side.code,
            Origin.COMPANION if asked else Origin.SIDE,
            group[0].mentions,
            evidence=(self._read.evidence(mention.document, start, end),),
            group=self._number,
            distance=side.distance,
        )

    def _named_side(
        self, group: Sequence[Procedure], sites: Sequence[str], asked: bool
    ) -> tuple[Side, Mention] | None:
        """Named in the statement of any mention, the closest first; else elsewhere."""
        mentions = [judged.mention for procedure in group for judged in procedure.mentions]
        named = [
            (side, mention)
            for mention in mentions
            if (side := side_of(self._read.readings[mention.document], mention)) is not None
        ]
        if named:
            return min(named, key=lambda pair: pair[0].distance)
        if asked:
            return self._told_elsewhere(mentions[0], sites)
        return site_side(self._read, mentions[0].document, sites)

    def _told_elsewhere(self, mention: Mention, sites: Sequence[str]) -> tuple[Side, Mention] | None:
        """With the diagnosis that is treated or a site, else the only one of the section or the document."""
        told = treated_side(self._read, mention) or site_side(self._read, mention.document, sites)
        if told is not None:
            return told
        reading = self._read.readings[mention.document]
        side = section_side(reading, mention) or self._only_sides[mention.document]
        return (side, mention) if side is not None else None

    def _site(self, judged: Judged, distance: int) -> Candidate:
        return Candidate(
            Role.PROCEDURE,
            judged.mention.term.code,
            Origin.SITE,
            (judged,),
            evidence=(self._read.evidence_of(judged.mention),),
            group=self._number,
            distance=distance,
        )


def _is_imaging(group: Sequence[Procedure]) -> bool:
    """The side in its statement is that of a finding: `hyperdense left Sylvian fissure, MRI head`."""
    return group[0].code[0] == "U"


def place_in_group(code: str) -> int:
    """Operation, method, site, side: the order of the lines of a group."""
    if code.startswith("Z94"):
        return 3
    return 2 if code[0] in "ZO" else METHOD_PLACE if code[0] == "Y" else 0
