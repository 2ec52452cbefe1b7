"""Code tables: what codes there are, what they mean, how they are written and found."""

from data.classifications.asterisks import asterisk_categories
from data.classifications.classification import Classification
from data.classifications.entry import Entry, EntryKind
from data.classifications.facts import (
    NationalUse,
    Nature,
    TitleSource,
    beside,
    chapters,
    national_use,
    nature_of,
    notes_of,
    official_code,
    title_source,
    use_of,
)
from data.classifications.loading import CLASSIFICATION_NAMES, load_classification
from data.classifications.search import SearchHit

__all__ = [
    "CLASSIFICATION_NAMES",
    "Classification",
    "Entry",
    "EntryKind",
    "NationalUse",
    "Nature",
    "SearchHit",
    "TitleSource",
    "asterisk_categories",
    "beside",
    "chapters",
    "load_classification",
    "national_use",
    "nature_of",
    "notes_of",
    "official_code",
    "title_source",
    "use_of",
]
