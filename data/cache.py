"""Keeps what is slow to work out from files that seldom change, as JSON in a folder of this installation.

The key is a digest of everything the value is made of, so a change of any of it makes it anew; a digest of
the content stands before it, so a damaged file is made anew, too. Nothing depends on the folder: where it
cannot be written, every process does the work itself.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")
_KEPT = 4
"""Files of one name: of other branches, editions and versions."""


def cache_folder() -> Path:
    """AUTOCODER_CACHE_DIR, otherwise `cache` in the folder of what running writes."""
    own = os.environ.get("AUTOCODER_CACHE_DIR")
    return Path(own) if own else Path(os.environ.get("AUTOCODER_VAR_DIR") or "var") / "cache"


def digest_of(files: Iterable[Path], *facts: str) -> str:
    """sha256 of the names and contents of files, and of what else decides."""
    running = hashlib.sha256()
    for fact in facts:
        running.update(f"{len(fact)}:{fact}\n".encode())
    for path in sorted(files):
        content = path.read_bytes()
        running.update(f"{path.name}:{len(content)}\n".encode())
        running.update(content)
    return running.hexdigest()


def cached(name: str, key: str, make: Callable[[], Value]) -> Value:
    """The value kept under this key, or made now and kept.

    Args:
        key: a digest; another key is another value.
        make: gives a value that is the same after a way through JSON.
    """
    path = cache_folder() / f"{name}-{key[:32]}.json"
    with suppress(OSError, ValueError):
        digest, content = path.read_bytes().split(b"\n", 1)
        if digest == _digest(key, content):
            kept: Value = json.loads(content)
            return kept
    value = make()
    with suppress(OSError):
        _keep(path, key, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
        _forget_old(path.parent, name)
    return value


def _digest(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + content).hexdigest().encode()


def _keep(path: Path, key: str, content: bytes) -> None:
    """Whole or not at all, whoever else writes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, written = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    with os.fdopen(handle, "wb") as file:
        file.write(_digest(key, content) + b"\n" + content)
    Path(written).replace(path)


def _forget_old(folder: Path, name: str) -> None:
    newest_first = sorted(folder.glob(f"{name}-*.json"), key=lambda path: -path.stat().st_mtime)
    for path in newest_first[_KEPT:]:
        path.unlink(missing_ok=True)
