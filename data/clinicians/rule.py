"""The attribution rule as a table: by step and standing of a person, which code answers for an episode, why.

Care is attributed to the responsible clinician whatever the grade: a SAS doctor with approved autonomy that
covers the episode answers under their own number, otherwise the named consultant does, otherwise a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter

from data.curated import Row, read_rows

_TABLE = Path(__file__).parent / "attribution.tsv"
_COLUMNS = ("step", "standing", "code", "basis", "flag", "reason")
_PLACES = frozenset({"name", "policy"})


class Step(StrEnum):
    """Whose standing is looked at, in this order."""

    TREATING = "treating"
    NAMED = "named"
    FALLBACK = "fallback"
    """Who treated, once more, where nobody named can answer."""
    NOBODY = "nobody"


class Standing(StrEnum):
    """What a person is to an episode, by the register in force on its days and the provider's policy."""

    CONSULTANT = "consultant"
    AUTONOMOUS = "autonomous"
    OUTSIDE_SCOPE = "outside_scope"
    EXPIRED = "expired"
    NOT_AUTONOMOUS = "not_autonomous"
    NO_POLICY = "no_policy"
    GRADE_LEFT_OUT = "grade_left_out"
    NOT_SIGNED_OFF = "not_signed_off"
    UNDATED = "undated"
    SUPERVISED = "supervised"
    NOT_IN_POST = "not_in_post"
    PROFESSION = "profession"
    """A nurse, a midwife or another profession, in the register."""
    NURSE_NUMBER = "nurse_number"
    UNREGISTERED = "unregistered"
    DEFAULT = "default"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    ABSENT = "absent"


class CodeSource(StrEnum):
    OWN = "own"
    KEPT = "kept"
    DEFAULT = "default"
    NEXT = "next"


class Basis(StrEnum):
    """On what the code rests."""

    CONSULTANT = "consultant"
    AUTONOMOUS = "autonomous"
    TREATING_CONSULTANT = "treating_consultant"
    PROFESSION = "profession"
    AS_SENT = "as_sent"
    DEFAULT = "default"
    PERSON = "person"
    """A person of the provider decided it, by accepting a proposal."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    code: CodeSource
    basis: Basis | None
    """None where the next step is asked."""
    flag: str
    reason: str


def read_rule(path: Path = _TABLE) -> Mapping[tuple[Step, Standing], RuleLine]:
    """
    Raises:
        CuratedFileError: a line is wrong, stands twice, or a step has no word on some standing.
    """
    lines: dict[tuple[Step, Standing], RuleLine] = {}
    last = None
    for row in read_rows(path, _COLUMNS):
        key = row.one_of("step", Step), row.one_of("standing", Standing)
        if key in lines:
            raise row.problem("standing", "stands twice in this step")
        lines[key] = _line(row)
        last = row
    missing = sorted(_every_key() - set(lines))
    if last is not None and missing:
        step, standing = missing[0]
        raise last.problem("standing", f"nothing is said of {standing} in the step {step}")
    return lines


def _every_key() -> set[tuple[Step, Standing]]:
    asked = {(step, standing) for step in Step if step is not Step.NOBODY for standing in Standing}
    return asked | {(Step.NOBODY, Standing.ABSENT)}


@cache
def shipped_rule() -> Mapping[tuple[Step, Standing], RuleLine]:
    return read_rule()


def _line(row: Row) -> RuleLine:
    source = row.one_of("code", CodeSource)
    if (source is CodeSource.NEXT) == bool(row["basis"]):
        raise row.problem("basis", "stands with every code but next")
    if source is not CodeSource.NEXT:
        row.required("reason")
    places = {name for _, name, _, _ in Formatter().parse(row["reason"]) if name is not None}
    if places - _PLACES:
        raise row.problem("reason", "knows the places {name} and {policy}")
    basis = row.one_of("basis", Basis) if row["basis"] else None
    return RuleLine(source, basis, row["flag"], row["reason"])
