"""Passwords are kept as argon2id hashes (RFC 9106, the library's defaults)."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
MIN_LENGTH = 10
_verifying = threading.BoundedSemaphore(2)
"""Each takes 64 MiB and all of a processor: guesses must not take both from everyone else."""


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def password_holds(password: str, password_hash: str | None) -> bool:
    """Whether the password is right; as slow for an unknown account (hash None) as for a known one."""
    try:
        with _verifying:
            return _hasher.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("no account has this password")
