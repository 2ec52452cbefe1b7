"""Methods and sites by the procedure of their statement that they belong to, or of further off.

They never stand alone: what belongs to none is dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.judged import Judged, ReadEpisode
from models.mentions import Mention
from models.treated import is_site_of_treated

_ROUND_ABOUT = ("Y53", "Y79")
"""Image guidance and arterial access are told in a sentence of their own."""
_STATEMENTS_ROUND_ABOUT = 2
_HERNIA_REPAIRS = ("T20", "T21", "T22", "T23", "T24", "T25", "T26", "T27", "T97", "T98")
_INTO_A_DEPTH = ("A5", "A6", "A7", "B3", "L91", "T1", "T3", "T4", "V5", "W90")
"""Injections, blocks, aspirations, drains and lines: what is done under the guidance of images."""
_OPEN_HEART = (
    "K0", "K1", "K2", "K31", "K32", "K33", "K34", "K37", "K38", "K40", "K41", "K42", "K43", "K44", "K45",
    "K46",
)  # fmt: skip
_VESSELS = ("K4", "K5", "K6", "K7", "L")
_FROM_AFAR = (
    ("Y28", _HERNIA_REPAIRS),
    ("Y53", (*_INTO_A_DEPTH, *_VESSELS)),
    ("Y73", _OPEN_HEART),
    ("Y79", _VESSELS),
)
"""Methods that belong to the only such operation of their document, however far off it is told."""
_DISTANCE_FROM_AFAR = 3
"""What it counts as: nothing else can take the method, so it is no worse than one of the same sentence."""
_FARTHEST_SITE = 20


@dataclass(frozen=True, slots=True)
class Procedure:
    code: str
    mentions: tuple[Judged, ...]
    against: int
    companions: tuple[str, ...]
    """What its term brings into its group."""
    asks_side: bool
    opens: "tuple[Procedure, ...]" = ()
    """Further operations that the same words name, each with a group of its own."""

    @property
    def is_level_of_spine(self) -> bool:
        return self.code.startswith("V55")

    @property
    def statements(self) -> frozenset[tuple[int, int]]:
        return frozenset((one.mention.document, one.mention.statement) for one in self.mentions)


def attach(
    read: ReadEpisode, procedures: Sequence[Procedure], attached: Sequence[Judged]
) -> dict[int, list[tuple[Judged, int]]]:
    """Methods and sites by the place of the nearest procedure of their statement, with the words between."""
    leads: dict[tuple[int, int], list[tuple[int, Mention]]] = {}
    for place, procedure in enumerate(procedures):
        for judged in procedure.mentions:
            statement = (judged.mention.document, judged.mention.statement)
            leads.setdefault(statement, []).append((place, judged.mention))
    nearest: dict[int, list[tuple[Judged, int]]] = {}
    for judged in attached:
        mention = judged.mention
        near = leads.get((mention.document, mention.statement)) or _round_about(mention, leads)
        found = [(_distance(mention, lead), place) for place, lead in near]
        found = [one for one in found if one[0] <= _FARTHEST_SITE] or _from_afar(read, mention, procedures)
        if found:
            distance, place = min(found)
            nearest.setdefault(place, []).append((judged, distance))
    return nearest


def _from_afar(read: ReadEpisode, mention: Mention, procedures: Sequence[Procedure]) -> list[tuple[int, int]]:
    """The only operation of its document that can take it: a mesh the repair, a bone its fixation.

    All that is done on an open heart is done on one bypass: it goes with the first.
    """
    wanted = next((done for method, done in _FROM_AFAR if mention.term.code.startswith(method)), ("?",))
    fitting = [
        place
        for place, procedure in enumerate(procedures)
        if procedure.mentions[0].mention.document == mention.document
        and (procedure.code.startswith(wanted) or is_site_of_treated(read, procedure.code, mention))
    ]
    alone = len(fitting) == 1 or (fitting and wanted is _OPEN_HEART)
    return [(_DISTANCE_FROM_AFAR, fitting[0])] if alone else []


def _round_about(
    mention: Mention, leads: Mapping[tuple[int, int], list[tuple[int, Mention]]]
) -> Sequence[tuple[int, Mention]]:
    """The procedures of the sentences before and after, for methods that are told apart."""
    if not mention.term.code.startswith(_ROUND_ABOUT):
        return ()
    statements = (
        (mention.document, mention.statement + step * side)
        for step in range(1, _STATEMENTS_ROUND_ABOUT + 1)
        for side in (-1, 1)
    )
    return next((leads[place] for place in statements if place in leads), ())


def _distance(mention: Mention, lead: Mention) -> int:
    return max(mention.first - lead.last, lead.first - mention.last, 0)
