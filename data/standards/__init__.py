"""Coding standards as data: rules in files, with an edition, dates, a basis, and examples that are run."""

from data.standards.codes import NO_CODES, CodeSet, beginnings_of, is_stored
from data.standards.coverage import CoverageRow, read_coverage
from data.standards.edition import STANDARDS_FOLDER, StandardsEdition, load_standards, with_policy
from data.standards.examples import Example, WrittenCoding, WrittenFacts, WrittenLine, read_example
from data.standards.fifths import FifthDigit, FifthWords, fifths_of, read_fifth_digits, read_fifths
from data.standards.reading import read_rules
from data.standards.rule import Rule
from data.standards.vocabulary import OPERATORS, PATIENT_FLAGS, PROJECT, Severity

__all__ = [
    "NO_CODES",
    "OPERATORS",
    "PATIENT_FLAGS",
    "PROJECT",
    "STANDARDS_FOLDER",
    "CodeSet",
    "CoverageRow",
    "Example",
    "FifthDigit",
    "FifthWords",
    "Rule",
    "Severity",
    "StandardsEdition",
    "WrittenCoding",
    "WrittenFacts",
    "WrittenLine",
    "beginnings_of",
    "fifths_of",
    "is_stored",
    "load_standards",
    "read_coverage",
    "read_example",
    "read_fifth_digits",
    "read_fifths",
    "read_rules",
    "with_policy",
]
