"""What may be sent, and what is refused before it can do harm."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from service.text_types import CalendarDate, ClinicalText, Offset, ShortText


@pytest.mark.parametrize(
    "text",
    ["", "plain", "\ufeffBOM", "a\r\nb", "e\u0301", "\u00a0", "\U0001f600", "\u200b", "x" * 1_000_000],
)
def test_clinical_text_is_kept_exactly(text: str) -> None:
    assert TypeAdapter(ClinicalText).validate_python(text) == text


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfff", "x" * 1_000_001])
def test_text_that_a_database_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ClinicalText).validate_python(text)


@pytest.mark.parametrize("value", [True, "1", -1, 1.5, 10**30, None])
def test_offset_refuses_what_is_not_a_whole_number_in_range(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Offset).validate_python(value)


@pytest.mark.parametrize("value", [0, 7, 1.0])
def test_offset_takes_what_json_calls_an_integer(value: float) -> None:
    assert TypeAdapter(Offset).validate_python(value) == value


@pytest.mark.parametrize("value", ["2026-13-01", "20260101", "2026-01-01T00:00", 5, True, "0", ""])
def test_only_iso_calendar_dates_are_dates(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(CalendarDate).validate_python(value)


def test_short_text_needs_a_character() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ShortText).validate_python("")
