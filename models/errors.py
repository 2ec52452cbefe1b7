"""Errors of the model layer.

ModelError
├── BundleError       a model folder is missing something, damaged, or not of this format: says what and where
└── LibraryMissing    the model needs a library that is not installed: says how to get it
"""

from pathlib import Path


class ModelError(Exception):
    """Base of all errors of this layer; the message says what to do."""


class BundleError(ModelError):
    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder} is not a usable model: {reason}")
        self.folder = folder
        self.reason = reason


class LibraryMissing(ModelError):
    def __init__(self, library: str) -> None:
        super().__init__(
            f"this kind of model needs {library}, which is not installed: "
            "pip install 'hospital-autocoder[transformer]'"
        )
        self.library = library
