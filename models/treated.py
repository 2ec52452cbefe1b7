"""Site and side from the diagnosis that an operation treats.

`Displaced L distal radius fracture`, and some lines below `manipulation, good position`: the bone and its
side are told once, where the fracture is.
"""

from collections.abc import Collection
from dataclasses import dataclass

from data.episodes import Role
from models.judged import ReadEpisode
from models.mentions import Mention
from models.sides import Side, side_of


@dataclass(frozen=True, slots=True)
class _Treated:
    """Beginnings of codes."""

    operations: tuple[str, ...]
    diagnoses: tuple[str, ...]
    sites: tuple[str, ...]


_TREATED = (
    _Treated(
        ("W19", "W20", "W21", "W22", "W23", "W24", "W25", "W26"),
        ("S42", "S52", "S62", "S72", "S82", "S92"),
        ("Z6", "Z7", "Z8"),
    ),
    _Treated(("B27", "B28"), ("C50", "D05", "D24"), ("Z15",)),
    _Treated(("T85", "T86", "T87"), ("C50", "D05"), ()),
    _Treated(("N13",), ("N44",), ()),
    _Treated(("E05", "E06"), ("R040",), ()),
    _Treated(("F36",), ("J36",), ()),
    _Treated(("C79",), ("H34", "H353", "H36"), ()),
    _Treated(("C18",), ("H024",), ()),
    _Treated(("A41",), ("S065", "I62"), ()),
    _Treated(
        ("S41", "S42"),
        ("S010", "S014", "S018", "S11", "S21", "S31", "S41", "S51", "S61", "S71", "S81", "S91"),
        ("Z47", "Z48", "Z49", "Z50"),
    ),
    _Treated(
        ("S35", "S36", "S55", "S56", "S57"),
        ("T20", "T21", "T22", "T23", "T24", "T25"),
        ("Z47", "Z48", "Z49", "Z50"),
    ),
    _Treated(("X12",), ("T873", "T874", "T875", "T876", "Z895", "Z896"), ()),
    _Treated(("S47",), ("L02", "L03", "T874"), ("Z47", "Z48", "Z49", "Z50")),
    _Treated(("T19", "T20", "T21", "T22", "T23"), ("K40", "K41"), ()),
    _Treated(("L83", "L84", "L85", "L86", "L87", "L88"), ("I83",), ()),
    _Treated(("W37", "W38", "W39", "W46", "W47", "W48"), ("S720", "S721", "M16"), ()),
    _Treated(("W40", "W41", "W42"), ("M17",), ()),
    _Treated(("A65",), ("G56",), ()),
    _Treated(("C71", "C75"), ("H25", "H26"), ()),
    _Treated(("N08", "N09"), ("Q53",), ()),
    _Treated(("N11",), ("N43",), ()),
    _Treated(("T52",), ("M720",), ()),
    _Treated(("W79",), ("M20",), ()),
    _Treated(("S06",), ("C43", "C44", "D22", "D23"), ("Z47", "Z48", "Z49", "Z50")),
)


def treated_side(read: ReadEpisode, operation: Mention) -> tuple[Side, Mention] | None:
    """The side named with the diagnosis; where its mentions name both, only one directly beside counts."""
    named = [
        (side, mention)
        for mention in _diagnoses(read, operation.term.code, operation.document)
        if (side := side_of(read.readings[mention.document], mention)) is not None
    ]
    if len({side.code for side, _ in named}) > 1:
        named = [pair for pair in named if abs(pair[1].statement - operation.statement) <= 1]
    return named[0] if len({side.code for side, _ in named}) == 1 else None


def site_side(read: ReadEpisode, document: int, sites: Collection[str]) -> tuple[Side, Mention] | None:
    """The only side that a document names with these parts of the body, wherever it names them."""
    named = [
        (side, judged.mention)
        for judged in read.judged.get(Role.PROCEDURE, ())
        if judged.mention.document == document
        and judged.mention.term.code in sites
        and (side := side_of(read.readings[document], judged.mention)) is not None
    ]
    return named[0] if len({side.code for side, _ in named}) == 1 else None


def is_site_of_treated(read: ReadEpisode, operation: str, site: Mention) -> bool:
    """Whether a site stands in a statement of a diagnosis that such an operation treats."""
    fits = any(
        operation.startswith(one.operations) and site.term.code.startswith(one.sites) for one in _TREATED
    )
    return fits and any(
        mention.statement == site.statement for mention in _diagnoses(read, operation, site.document)
    )


def _diagnoses(read: ReadEpisode, operation: str, document: int) -> list[Mention]:
    """What an operation may treat, as a document tells it."""
    treats = [code for one in _TREATED if operation.startswith(one.operations) for code in one.diagnoses]
    return [
        judged.mention
        for judged in read.judged.get(Role.DIAGNOSIS, ())
        if treats
        and judged.coded
        and judged.mention.document == document
        and judged.mention.term.code.startswith(tuple(treats))
    ]
