"""Coding standards as data: rules in files, with an edition, dates, a basis, and examples that are run."""

from data.standards.codes import NO_CODES, CodeSet, is_stored
from data.standards.coverage import CoverageRow, read_coverage
from data.standards.edition import STANDARDS_FOLDER, StandardsEdition, load_standards, with_policy
from data.standards.examples import Example, WrittenCoding, WrittenFacts, WrittenLine, read_example
from data.standards.fifths import FifthWords, read_fifths
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
    "FifthWords",
    "Rule",
    "Severity",
    "StandardsEdition",
    "WrittenCoding",
    "WrittenFacts",
    "WrittenLine",
    "is_stored",
    "load_standards",
    "read_coverage",
    "read_example",
    "read_fifths",
    "read_rules",
    "with_policy",
]
