"""Errors of the knowledge layer.

DataError
├── CuratedFileError    a text file that people curate is wrong: names file, line and field
├── CodedDocumentError  a line of a corpus is wrong: names file, line and field
├── TableError          a code table cannot be read
└── UnknownCode         a code that the classification does not have
"""

from pathlib import Path


class DataError(Exception):
    """Base of all errors of this layer; the message says what to do."""


class CuratedFileError(DataError):
    def __init__(self, path: Path, line: int, field: str, problem: str) -> None:
        super().__init__(f"{path.name}, line {line}, {field}: {problem}")
        self.field = field


class CodedDocumentError(DataError):
    def __init__(self, path: Path, line: int, field: str, problem: str) -> None:
        super().__init__(f"{path.name}, line {line}, {field}: {problem}")


class TableError(DataError):
    """A code table is missing or damaged."""


class UnknownCode(DataError):
    def __init__(self, code: str, classification: str) -> None:
        super().__init__(f"{code!r} is not a code of {classification}")
        self.code = code
