"""Types of what a caller may send: strict where harm could come of it, exact where text is evidence.

Text is kept as sent. NUL and lone surrogates are refused: PostgreSQL and UTF-8 cannot hold them.
"""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

_CLEAN_PATTERN = {"pattern": r"^[^\u0000]*$"}
_DATE = r"(18|19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"
"""Systems write 9999-12-31 for "still open" and 0001-01-01 for "not known": neither is a date to code by."""


def _clean(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not hold NUL")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must not hold lone surrogates") from None
    return value


def _refuse_bool_and_text(value: Any) -> Any:  # whatever JSON held
    if isinstance(value, bool | str):
        raise ValueError("must be a number")
    return value


def _iso_text(value: Any) -> Any:  # whatever JSON held
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(_DATE, value)):
        return value  # pydantic alone would read 1699920000 as an instant
    raise ValueError("must be a date as YYYY-MM-DD, from 1800 to 2199; leave out what is not known")


MAX_TEXT = 1_000_000

ShortText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_clean),
    Field(json_schema_extra=_CLEAN_PATTERN),
]
"""A name or an identifier."""


def _one_line(value: str) -> str:
    if value != value.strip() or any(character in value for character in "\t\r\n"):
        raise ValueError("must be on one line, without tabs, and not begin or end with a space")
    return value


_LINE_PATTERN: JsonDict = {"pattern": r"^[^\s\u0000]([^\t\r\n\u0000]*[^\s\u0000])?$"}
Line = Annotated[ShortText, AfterValidator(_one_line), Field(json_schema_extra=_LINE_PATTERN)]
"""A short text that fits into one field of a text file."""

ClinicalText = Annotated[
    str,
    StringConstraints(max_length=MAX_TEXT),
    AfterValidator(_clean),
    Field(json_schema_extra=_CLEAN_PATTERN),
]
"""A document, exactly as written; up to a million code points."""

CodeText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=12),
    AfterValidator(_clean),
    Field(json_schema_extra=_CLEAN_PATTERN),
]
"""A code in any written form."""

Offset = Annotated[int, Field(ge=0, le=MAX_TEXT), BeforeValidator(_refuse_bool_and_text)]
"""Counted in Unicode code points."""

OrdinalNumber = Annotated[int, Field(ge=1, le=100_000), BeforeValidator(_refuse_bool_and_text)]
"""First is 1."""

Years = Annotated[int, Field(ge=0, le=130), BeforeValidator(_refuse_bool_and_text)]

CalendarDate = Annotated[date, BeforeValidator(_iso_text), Field(json_schema_extra={"pattern": f"^{_DATE}$"})]
"""A UK calendar date."""


class Body(BaseModel):
    """Base of everything that a caller sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Answer(BaseModel):
    """Base of everything that is answered."""

    model_config = ConfigDict(frozen=True)
