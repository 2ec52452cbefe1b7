"""A model is a folder: a manifest, and the files it names with their sha256. No pickle, no code.

It holds all that changes what the model answers, except tables and standards. A folder is verified whole
before anything in it is parsed; one that is not exactly as its manifest says is refused with the reason.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from data.classifications import Classification
from data.episodes import Role
from models.classifiers import ClassifierCoder
from models.classifiers.files import CLASSIFIER_FILES, ClassifierParts, open_classifier
from models.coder import Coder, LexiconCoder
from models.errors import BundleError
from models.gate import Gate
from models.judged import Language
from models.kinds import ModelKind
from models.language_json import language_from_json, language_json
from models.lexicon import Lexicon
from models.mentions import CompiledTerm, TermTable
from models.prediction import ModelVersion
from models.primary import PrimaryRanker
from models.ranking import FEATURE_NAMES, Ranker

FORMAT = "hospital-autocoder-model"
FORMAT_VERSION = 5
MANIFEST = "manifest.json"
_TERMS, _LANGUAGE, _RANKER, _PRIMARY = "terms.json", "language.json", "ranker.json", "primary.json"
_GATE = "gate.json"
_LEXICON = "lexicon.json"
_FILES: Mapping[ModelKind, frozenset[str]] = {
    ModelKind.LEXICON: frozenset({_TERMS, _LANGUAGE, _RANKER, _PRIMARY, _LEXICON, _GATE}),
    **CLASSIFIER_FILES,
}
_TRAIN_ANEW = "train another with it: autocoder train --register NAME --alias champion"
_CONTENT_DIGEST = "content_digest"
_LARGEST_MANIFEST = 1_000_000
_LARGEST_FILE = 2_000_000_000
"""Bytes: the weights of a large encoder."""

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class BundleParts:
    """What a model is made of."""

    terms: Sequence[CompiledTerm]
    language: Language
    ranker: Ranker
    created: datetime
    primary: PrimaryRanker | None = None
    """Learned; without one, rules choose the primary diagnosis."""
    lexicon: Lexicon = field(default_factory=Lexicon)
    """Learned from evidence; empty on day one."""
    gate: Gate | None = None
    """Learned; without one, nothing is ever automated."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """What it was trained on and how well it did: kept, not used."""

    @property
    def thresholds(self) -> Mapping[Role, float]:
        return {role: ranker.threshold for role, ranker in self.ranker.roles.items()}


ModelParts = BundleParts | ClassifierParts


def write_bundle(folder: Path, parts: ModelParts) -> None:
    """Writes a model; the folder is whole or not there at all, and must not exist before."""
    if folder.exists():
        raise BundleError(folder, "it exists already; a model is written into a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".bundle-") as temporary:
        whole = Path(temporary) / "bundle"
        whole.mkdir()
        contents = parts.contents() if isinstance(parts, ClassifierParts) else _contents(parts)
        for name, content in {**contents, MANIFEST: _json(_manifest(parts, contents))}.items():
            _write(whole / name, content)
        os.rename(whole, folder)


def open_bundle(
    folder: Path, *, name: str, version: str, classifications: Mapping[Role, Classification]
) -> Coder:
    """The model of a folder, of whatever kind.

    Raises:
        BundleError: the folder is not exactly what its manifest says.
        LibraryMissing: its kind needs a library that is not installed.
    """
    manifest_bytes = _read(folder, MANIFEST, _LARGEST_MANIFEST)
    manifest = _parse(folder, MANIFEST, manifest_bytes, _checked_manifest)
    contents = _verified(folder, manifest)
    model = ModelVersion(name, version, hashlib.sha256(manifest_bytes).hexdigest())
    kind = ModelKind(manifest["kind"])
    if kind is ModelKind.LEXICON:
        return _lexicon_coder(folder, contents, model, classifications)
    return _classifier_coder(folder, kind, contents, model, classifications)


def _lexicon_coder(
    folder: Path,
    contents: dict[str, bytes],
    model: ModelVersion,
    classifications: Mapping[Role, Classification],
) -> LexiconCoder:
    language = _parse(folder, _LANGUAGE, contents.pop(_LANGUAGE), language_from_json)
    terms = _parse(folder, _TERMS, contents.pop(_TERMS), TermTable.from_json)
    ranker = _parse(folder, _RANKER, contents.pop(_RANKER), Ranker.from_json)
    primary = _parse(folder, _PRIMARY, contents.pop(_PRIMARY), _primary_from_json)
    lexicon = _parse(folder, _LEXICON, contents.pop(_LEXICON), Lexicon.from_json)
    gate = _parse(folder, _GATE, contents.pop(_GATE), _gate_from_json)
    missing = [role.value for role in classifications if role not in ranker.roles]
    if missing:
        raise BundleError(folder, f"it has no ranker for {', '.join(missing)}")
    coder = LexiconCoder(model, terms, language, ranker, classifications, primary)
    return coder.with_lexicon(lexicon).with_gate(gate)


def _classifier_coder(
    folder: Path,
    kind: ModelKind,
    contents: Mapping[str, bytes],
    model: ModelVersion,
    classifications: Mapping[Role, Classification],
) -> ClassifierCoder:
    classifier = _guarded(folder, "the classifier", lambda: open_classifier(kind, contents))
    return ClassifierCoder(model, classifier, classifications)


def read_gate(folder: Path) -> Gate | None:
    """The gate of a model.

    Raises:
        BundleError: the folder is not exactly what its manifest says.
    """
    manifest = read_manifest(folder)
    return _parse(folder, _GATE, _verified(folder, manifest)[_GATE], _gate_from_json)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """What the manifest says, with the training metadata; the other files are not looked at."""
    return _parse(folder, MANIFEST, _read(folder, MANIFEST, _LARGEST_MANIFEST), _checked_manifest)


def _contents(parts: BundleParts) -> dict[str, bytes]:
    return {
        _TERMS: _json_columns(TermTable.of(parts.terms).to_json()),
        _LANGUAGE: _json(language_json(parts.language)),
        _RANKER: _json(parts.ranker.to_json()),
        _PRIMARY: _json({"ranker": parts.primary.to_json() if parts.primary else None}),
        _LEXICON: _json(parts.lexicon.to_json()),
        _GATE: _json({"gate": parts.gate.to_json() if parts.gate else None}),
    }


def _manifest(parts: ModelParts, contents: Mapping[str, bytes]) -> dict[str, Any]:
    manifest = _stated(parts, contents)
    return {**manifest, _CONTENT_DIGEST: content_digest(manifest)}


def content_digest(manifest: Mapping[str, Any]) -> str:
    """sha256 over everything that the manifest says, and so over every file, but the time: the same data,
    settings and seed on the same kind of processor give the same."""
    kept = {name: value for name, value in manifest.items() if name not in ("created", _CONTENT_DIGEST)}
    return _sha256(_json(kept))


def _stated(parts: ModelParts, contents: Mapping[str, bytes]) -> dict[str, Any]:
    own = {"kind": parts.kind.value} if isinstance(parts, ClassifierParts) else _of_lexicon(contents)
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "created": parts.created.isoformat(),
        "files": {
            name: {"sha256": _sha256(content), "size": len(content)} for name, content in contents.items()
        },
        "training": dict(parts.training),
        **own,
    }


def _of_lexicon(contents: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "kind": ModelKind.LEXICON.value,
        "terms_digest": _sha256(contents[_TERMS]),
        "language_digest": _sha256(contents[_LANGUAGE]),
        "features": list(FEATURE_NAMES),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False).encode() + b"\n"


def _json_columns(columns: Mapping[str, Any]) -> bytes:
    """Compact, one column a line, in ASCII: one `ū` would make every character of the text that is parsed
    take two bytes, which workers that load at once feel."""
    lines = (f"{json.dumps(name)}:{_compact(column)}" for name, column in columns.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


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
    named = _FILES[ModelKind(manifest["kind"])]
    extra = sorted({path.name for path in folder.iterdir()} - named - {MANIFEST})
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
    kept = [content]
    del content  # goes once it is parsed: objects are made of what was parsed while it would still be there
    return _guarded(folder, name, lambda: read(json.loads(kept.pop())))


def _guarded(folder: Path, name: str, read: Callable[[], Parsed]) -> Parsed:
    """Any defect of the content is one kind of error, whatever the parser made of it."""
    try:
        return read()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise BundleError(folder, f"{name} is not of this format: {error}") from None


def _checked_manifest(manifest: Any) -> Mapping[str, Any]:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(f"it is no {FORMAT}")
    if manifest.get("format_version") != FORMAT_VERSION:
        found = manifest.get("format_version")
        raise ValueError(f"format version {found}, this program reads {FORMAT_VERSION}; {_TRAIN_ANEW}")
    files = _FILES[ModelKind(manifest["kind"])]
    if set(manifest["files"]) != files:
        raise ValueError(f"it names other files than {', '.join(sorted(files))}")
    for stated in manifest["files"].values():
        if not isinstance(stated["size"], int) or not isinstance(stated["sha256"], str):
            raise TypeError("sizes are numbers and digests text")
    return manifest


def _primary_from_json(written: Any) -> PrimaryRanker | None:
    return None if written["ranker"] is None else PrimaryRanker.from_json(written["ranker"])


def _gate_from_json(written: Any) -> Gate | None:
    return None if written["gate"] is None else Gate.from_json(written["gate"])
