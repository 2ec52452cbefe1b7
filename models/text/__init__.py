"""Reads a note: folded words with their places in the text as sent, statements and sections."""

from models.text.headings import HeadingIndex
from models.text.reading import Reading, read_text
from models.text.words import normal_words

__all__ = ["HeadingIndex", "Reading", "normal_words", "read_text"]
