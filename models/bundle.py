"""A model is a folder: a manifest, and the files it names with their sha256. No pickle, no code.

It holds all that changes what the model answers, except tables and standards. A folder is verified whole
before anything in it is parsed; one that is not exactly as its manifest says is refused with the reason.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from data.classifications import Classification
from data.episodes import Role
from models.coder import LexiconCoder
from models.errors import BundleError
from models.judged import Language
from models.language_json import language_from_json, language_json
from models.lexicon import Lexicon
from models.mentions import CompiledTerm, term_rows, terms_from_rows
from models.prediction import ModelVersion
from models.primary import PrimaryRanker
from models.ranking import FEATURE_NAMES, Ranker

FORMAT = "hospital-autocoder-model"
FORMAT_VERSION = 3
MANIFEST = "manifest.json"
_TERMS, _LANGUAGE, _RANKER, _PRIMARY = "terms.json", "language.json", "ranker.json", "primary.json"
_LEXICON = "lexicon.json"
_FILES = frozenset({_TERMS, _LANGUAGE, _RANKER, _PRIMARY, _LEXICON})
_LARGEST_MANIFEST = 1_000_000
_LARGEST_FILE = 200_000_000

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class BundleParts:
    """What a model is made of."""

    terms: tuple[CompiledTerm, ...]
    language: Language
    ranker: Ranker
    created: datetime
    primary: PrimaryRanker | None = None
    """Learned; without one, rules choose the primary diagnosis."""
    lexicon: Lexicon = field(default_factory=Lexicon)
    """Learned from evidence; empty on day one."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """What it was trained on and how well it did: kept, not used."""


def write_bundle(folder: Path, parts: BundleParts) -> None:
    """Writes a model; the folder is whole or not there at all, and must not exist before."""
    if folder.exists():
        raise BundleError(folder, "it exists already; a model is written into a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".bundle-") as temporary:
        whole = Path(temporary) / "bundle"
        whole.mkdir()
        contents = _contents(parts)
        for name, content in {**contents, MANIFEST: _json(_manifest(parts, contents))}.items():
            _write(whole / name, content)
        os.rename(whole, folder)


def open_bundle(
    folder: Path, *, name: str, version: str, classifications: Mapping[Role, Classification]
) -> LexiconCoder:
    """The model of a folder.

    Raises:
        BundleError: the folder is not exactly what its manifest says.
    """
    manifest_bytes = _read(folder, MANIFEST, _LARGEST_MANIFEST)
    manifest = _parse(folder, MANIFEST, manifest_bytes, _checked_manifest)
    contents = _verified(folder, manifest)
    language = _parse(folder, _LANGUAGE, contents[_LANGUAGE], language_from_json)
    terms = _parse(folder, _TERMS, contents[_TERMS], terms_from_rows)
    ranker = _parse(folder, _RANKER, contents[_RANKER], Ranker.from_json)
    primary = _parse(folder, _PRIMARY, contents[_PRIMARY], _primary_from_json)
    lexicon = _parse(folder, _LEXICON, contents[_LEXICON], Lexicon.from_json)
    missing = [role.value for role in classifications if role not in ranker.roles]
    if missing:
        raise BundleError(folder, f"it has no ranker for {', '.join(missing)}")
    digest = hashlib.sha256(manifest_bytes).hexdigest()
    coder = LexiconCoder(
        ModelVersion(name, version, digest), terms, language, ranker, classifications, primary
    )
    return coder.with_lexicon(lexicon)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """What the manifest says, with the training metadata; the other files are not looked at."""
    return _parse(folder, MANIFEST, _read(folder, MANIFEST, _LARGEST_MANIFEST), _checked_manifest)


def _contents(parts: BundleParts) -> dict[str, bytes]:
    return {
        _TERMS: _json_lines(term_rows(parts.terms)),
        _LANGUAGE: _json(language_json(parts.language)),
        _RANKER: _json(parts.ranker.to_json()),
        _PRIMARY: _json({"ranker": parts.primary.to_json() if parts.primary else None}),
        _LEXICON: _json(parts.lexicon.to_json()),
    }


def _manifest(parts: BundleParts, contents: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "created": parts.created.isoformat(),
        "files": {
            name: {"sha256": _sha256(content), "size": len(content)} for name, content in contents.items()
        },
        "terms_digest": _sha256(contents[_TERMS]),
        "language_digest": _sha256(contents[_LANGUAGE]),
        "features": list(FEATURE_NAMES),
        "training": dict(parts.training),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False).encode() + b"\n"


def _json_lines(rows: list[Any]) -> bytes:
    """One row a line: as small as JSON gets, and still good to read in a diff."""
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return b"[\n" + ",\n".join(lines).encode() + b"\n]\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read(folder: Path, name: str, largest: int) -> bytes:
    path = folder / name
    try:
        if path.is_symlink() or not path.is_file():
            raise BundleError(folder, f"{name} is missing")
        if path.stat().st_size > largest:
            raise BundleError(folder, f"{name} is larger than {largest} bytes")
        return path.read_bytes()
    except OSError as error:
        raise BundleError(folder, f"{name} cannot be read: {error.strerror}") from None


def _verified(folder: Path, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    extra = sorted({path.name for path in folder.iterdir()} - _FILES - {MANIFEST})
    if extra:
        raise BundleError(folder, f"it holds {', '.join(extra)}, which the manifest does not name")
    return {name: _verified_file(folder, name, stated) for name, stated in manifest["files"].items()}


def _verified_file(folder: Path, name: str, stated: Mapping[str, Any]) -> bytes:
    content = _read(folder, name, min(_LARGEST_FILE, stated["size"]))
    if len(content) != stated["size"]:
        raise BundleError(folder, f"{name} has {len(content)} bytes instead of {stated['size']}")
    if _sha256(content) != stated["sha256"]:
        raise BundleError(folder, f"{name} has changed: its sha256 is not that of the manifest")
    return content


def _parse(folder: Path, name: str, content: bytes, read: Callable[[Any], Parsed]) -> Parsed:
    """Any defect of the content is one kind of error, whatever the parser made of it."""
    try:
        return read(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise BundleError(folder, f"{name} is not of this format: {error}") from None


def _checked_manifest(manifest: Any) -> Mapping[str, Any]:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(f"it is no {FORMAT}")
    if manifest.get("format_version") != FORMAT_VERSION:
        found = manifest.get("format_version")
        raise ValueError(f"format version {found}, this program reads {FORMAT_VERSION}")
    if set(manifest["files"]) != _FILES:
        raise ValueError(f"it names other files than {', '.join(sorted(_FILES))}")
    for stated in manifest["files"].values():
        if not isinstance(stated["size"], int) or not isinstance(stated["sha256"], str):
            raise TypeError("sizes are numbers and digests text")
    return manifest


def _primary_from_json(written: Any) -> PrimaryRanker | None:
    return None if written["ranker"] is None else PrimaryRanker.from_json(written["ranker"])
