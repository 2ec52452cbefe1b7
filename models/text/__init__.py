"""Reads a note: folded words with their places in the text as sent, statements and sections."""

from models.text.dates import NamedDay, month_behind, named_days, named_years
from models.text.headings import HeadingIndex
from models.text.reading import Reading, read_text
from models.text.spelling import Spelling
from models.text.windows import Stream, run_numbers
from models.text.words import FILLERS, normal_words

__all__ = [
    "FILLERS",
    "HeadingIndex",
    "NamedDay",
    "Reading",
    "Spelling",
    "Stream",
    "month_behind",
    "named_days",
    "named_years",
    "normal_words",
    "read_text",
    "run_numbers",
]
