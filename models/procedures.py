"""Procedure candidates in groups: each procedure with its methods, sites and side (P-Y-Z).

Method and site codes never stand alone: they attach to the nearest procedure of their statement, or are
dropped. Repeats of one procedure are one, unless the text gives them different dates.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.episodes import Role
from models.candidates import Candidate, Origin, best_first, gather_evidence
from models.judged import Judged, ReadEpisode
from models.mentions import Mention
from models.sides import Side, only_side, side_of

SIDE_COMPANION = "Z94?"
_SITE_BLOCKS = frozenset(
    "O11 O12 O13 O14 O16 O28 O30 O31 O33 O34 O36 O42 O43 O45 O46 O47 O50 O52 O53".split()
)
_NO_SIDE = frozenset("GHJKRUX")
"""Chapters of unpaired parts, imaging and the like: a side is added only where the term asks for it."""
_DATE = re.compile(r"(?<![\d/])([0-3]?\d)[/.]([01]?\d)[/.]((?:20)?\d\d)(?![\d/])")
_FARTHEST_SITE = 20


def is_secondary(code: str) -> bool:
    """Methods, sites and sides: codes that only accompany a procedure."""
    return code[0] in "YZ" or code[:3] in _SITE_BLOCKS


@dataclass(frozen=True, slots=True)
class _Procedure:
    code: str
    mentions: tuple[Judged, ...]
    against: int
    group: int


def procedure_candidates(read: ReadEpisode) -> tuple[Candidate, ...]:
    """Group by group, in the order of the text; inside a group in P-Y-Z order."""
    coded = [judged for judged in read.judged.get(Role.PROCEDURE, ()) if judged.coded]
    leads = [judged for judged in coded if not is_secondary(judged.mention.term.code)]
    attached = [judged for judged in coded if is_secondary(judged.mention.term.code)]
    procedures = _procedures(read, leads)
    candidates: list[Candidate] = []
    for procedure in procedures:
        candidates.append(_lead_candidate(read, procedure))
        candidates.extend(_followers(read, procedure, procedures, attached))
    return tuple(candidates)


def _procedures(read: ReadEpisode, leads: Sequence[Judged]) -> list[_Procedure]:
    repeats: dict[tuple[str, str], list[Judged]] = {}
    for judged in leads:
        code = judged.mention.term.code
        repeats.setdefault((code, _date_near(read, judged.mention)), []).append(judged)
    merged = _without_undated(repeats)
    against: dict[str, int] = {}
    for judged in read.judged.get(Role.PROCEDURE, ()):
        if not judged.coded:
            against[judged.mention.term.code] = against.get(judged.mention.term.code, 0) + 1
    return [
        _Procedure(code, best_first(found), against.get(code, 0), number)
        for number, ((code, _), found) in enumerate(merged.items(), start=1)
    ]


def _without_undated(
    repeats: dict[tuple[str, str], list[Judged]],
) -> dict[tuple[str, str], list[Judged]]:
    """Mentions without a date belong to the first that has one."""
    merged: dict[tuple[str, str], list[Judged]] = {}
    for (code, date), found in repeats.items():
        dated = next((key for key in repeats if key[0] == code and key[1]), (code, date))
        key = dated if not date else (code, date)
        merged.setdefault(key, []).extend(found)
    return merged


def _date_near(read: ReadEpisode, mention: Mention) -> str:
    """The date that the statement of a mention gives, if any."""
    reading = read.readings[mention.document]
    first, end = reading.statement_words(mention.statement)
    match = _DATE.search(reading.text.folded, reading.starts[first], reading.ends[end - 1])
    return "-".join(part.removeprefix("20").zfill(2) for part in match.groups()) if match else ""


def _lead_candidate(read: ReadEpisode, procedure: _Procedure) -> Candidate:
    return Candidate(
        Role.PROCEDURE,
        procedure.code,
        Origin.MENTION,
        procedure.mentions,
        against=procedure.against,
        evidence=gather_evidence(read, procedure.mentions),
        group=procedure.group,
    )


def _followers(
    read: ReadEpisode,
    procedure: _Procedure,
    procedures: Sequence[_Procedure],
    attached: Sequence[Judged],
) -> Iterator[Candidate]:
    """Methods, then sites, then the side, each code once."""
    found = {candidate.code: candidate for candidate in _sites(read, procedure, procedures, attached)}
    sites = any(code[0] == "Z" for code in found)
    for companion in _companions(procedure):
        if companion != SIDE_COMPANION:
            found[companion] = _companion(read, procedure, companion)
    side = _side_candidate(read, procedure, sites)
    if side is not None:
        found[side.code] = side
    yield from sorted(found.values(), key=lambda follower: _rank(follower.code))


def _rank(code: str) -> int:
    if code.startswith("Z94"):
        return 3
    return 2 if code[0] in "ZO" else 1 if code[0] == "Y" else 0


def _companions(procedure: _Procedure) -> tuple[str, ...]:
    return procedure.mentions[0].mention.term.companions


def _companion(read: ReadEpisode, procedure: _Procedure, code: str) -> Candidate:
    return Candidate(
        Role.PROCEDURE,
        code,
        Origin.COMPANION,
        procedure.mentions,
        evidence=gather_evidence(read, procedure.mentions[:1]),
        group=procedure.group,
    )


def _side_candidate(read: ReadEpisode, procedure: _Procedure, has_site: bool) -> Candidate | None:
    asked = any(SIDE_COMPANION in judged.mention.term.companions for judged in procedure.mentions)
    if not asked and (procedure.code[0] in _NO_SIDE and not has_site):
        return None
    side, mention = _side(read, procedure, asked)
    if side is None:
        return None
    start, end = read.readings[mention.document].span(side.first, side.last)
    return Candidate(
        Role.PROCEDURE,
        side.code,
        Origin.COMPANION if asked else Origin.SIDE,
        procedure.mentions,
        evidence=(read.evidence(mention.document, start, end),),
        group=procedure.group,
        distance=side.distance,
    )


def _side(read: ReadEpisode, procedure: _Procedure, asked: bool) -> tuple[Side | None, Mention]:
    """Named in the statement of any mention, the closest first; else the only side of the document."""
    named = [
        (side, judged.mention)
        for judged in procedure.mentions
        if (side := side_of(read.readings[judged.mention.document], judged.mention)) is not None
    ]
    if named:
        return min(named, key=lambda pair: pair[0].distance)
    mention = procedure.mentions[0].mention
    return (only_side(read.readings[mention.document]) if asked else None), mention


def _sites(
    read: ReadEpisode,
    procedure: _Procedure,
    procedures: Sequence[_Procedure],
    attached: Sequence[Judged],
) -> Iterator[Candidate]:
    for judged in attached:
        distance = _distance(judged.mention, procedure)
        nearest = min((_distance(judged.mention, other) for other in procedures), default=distance)
        if distance <= _FARTHEST_SITE and distance == nearest:
            yield Candidate(
                Role.PROCEDURE,
                judged.mention.term.code,
                Origin.SITE,
                (judged,),
                evidence=(read.evidence_of(judged.mention),),
                group=procedure.group,
                distance=distance,
            )


def _distance(mention: Mention, procedure: _Procedure) -> int:
    """Words between a site and the closest mention of a procedure in its statement."""
    distances = [
        max(mention.first - lead.last, lead.first - mention.last, 0)
        for lead in (judged.mention for judged in procedure.mentions)
        if (lead.document, lead.statement) == (mention.document, mention.statement)
    ]
    return min(distances, default=_FARTHEST_SITE + 1)
