"""Tables as lines: a heading and its cell stand on one line, so that neither loses the other."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

_LONGEST_LABEL = 40


class Cell(NamedTuple):
    is_heading: bool
    text: str


def table_lines(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    """A table with headings above its columns, beside its rows, or with none."""
    filled = [row for row in rows if any(cell.text.strip() for cell in row)]
    above = _headings_above(filled)
    if above is None:
        for row in filled:
            yield from _row_lines(row)
        return
    for place, row in enumerate(filled[1:]):
        if place and len(above) > 1:
            yield ""
        for number, cell in enumerate(row):
            yield from _labelled(above[number] if number < len(above) else "", cell.text)


def _headings_above(rows: Sequence[Sequence[Cell]]) -> list[str] | None:
    """The columns' headings, where the first row has nothing else and the next has a cell."""
    if len(rows) < 2 or not all(cell.is_heading for cell in rows[0]):
        return None
    if all(cell.is_heading for cell in rows[1]):
        return None
    return [cell.text for cell in rows[0]]


def _row_lines(row: Sequence[Cell]) -> Iterator[str]:
    """The heading of a row that was left empty goes too: alone it would seem to say something."""
    first, *rest = row
    others = [cell.text for cell in rest if cell.text.strip()]
    if first.is_heading and rest and not others:
        return
    if first.is_heading and others:
        yield from _labelled(first.text, " | ".join(others))
    elif len(row) == 2 and others and _is_label(first.text):
        yield from _labelled(first.text, others[0])
    else:
        yield from _lines(" | ".join(cell.text for cell in row if cell.text.strip()))


def _is_label(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_LABEL and text[0].isalpha() and not text.endswith((".", ",", ";"))


def _labelled(heading: str, text: str) -> Iterator[str]:
    """`heading: cell`; of a cell with several lines the heading stands above."""
    label = " ".join(heading.split()).rstrip(": ")
    if not text.strip():
        return
    if not label:
        yield from _lines(text)
    elif "\n" in text:
        yield f"{label}:"
        yield from _lines(text)
    else:
        yield f"{label}: {text}"


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.split("\n") if line.strip())
