"""Errors of the model layer.

ModelError
└── BundleError    a model folder is missing something, damaged, or not of this format: says what and where
"""

from pathlib import Path


class ModelError(Exception):
    """Base of all errors of this layer; the message says what to do."""


class BundleError(ModelError):
    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder} is not a usable model: {reason}")
        self.folder = folder
        self.reason = reason
