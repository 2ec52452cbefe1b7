"""Errors of the registry; each message says what to do.

RegistryError
├── StoreUnreachable    the store does not answer, or does not exist yet
├── NoSuchModel         the store has no such name, alias or version
└── ArtifactsMissing    the version is known, its files are not there
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from models.errors import ModelError

_CREDENTIALS = re.compile(r"://[^/@\s]*@")


class RegistryError(ModelError):
    """Base of all errors of the registry; the message says what to do."""


class StoreUnreachable(RegistryError):
    """The store does not answer, or does not exist yet."""


class NoSuchModel(RegistryError):
    """The store has no such name, alias or version."""


class ArtifactsMissing(RegistryError):
    """The version is known to the store, its files are not there."""


_KINDS = {"RESOURCE_DOES_NOT_EXIST": NoSuchModel, "INVALID_PARAMETER_VALUE": RegistryError}


@contextmanager
def reasons(problem: str) -> Iterator[None]:
    """MLflow, its database, its HTTP client and the file system have errors of their own: one kind leaves."""
    try:
        yield
    except RegistryError:
        raise
    except Exception as error:
        kind = _KINDS.get(getattr(error, "error_code", ""), StoreUnreachable)
        detail = (str(error) or type(error).__name__).splitlines()[0]
        raise kind(_CREDENTIALS.sub("://", f"{problem}: {detail}")) from error
