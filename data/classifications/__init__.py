"""Code tables: what codes there are, what they mean, how they are written and found."""

from data.classifications.asterisks import asterisk_categories
from data.classifications.classification import Classification
from data.classifications.entry import Entry, EntryKind
from data.classifications.loading import CLASSIFICATION_NAMES, load_classification
from data.classifications.search import SearchHit

__all__ = [
    "CLASSIFICATION_NAMES",
    "Classification",
    "Entry",
    "EntryKind",
    "SearchHit",
    "asterisk_categories",
    "load_classification",
]
