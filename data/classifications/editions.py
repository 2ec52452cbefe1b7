"""Official tables that a hospital has imported: kept by edition and date, never replaced.

Each edition is a folder `<tables>/<classification>/<valid from>_<edition>/` with `table.tsv` and
`manifest.json`. The folder appears at once or not at all; the table is checked against its sha256.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path

from data.classifications.trud import OfficialCode
from data.curated import read_rows
from data.errors import CuratedFileError, TableError

_COLUMNS = tuple(field.name for field in fields(OfficialCode))
_EDITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")


@dataclass(frozen=True, slots=True)
class Edition:
    """An imported edition of a classification."""

    classification: str
    edition: str
    valid_from: date
    valid_to: date | None
    codes: int
    sha256: str
    """Of `table.tsv`."""
    sources: tuple[str, ...]
    """Names of the official files."""
    folder: Path

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class EditionName:
    """What the importing person says of a table."""

    classification: str
    edition: str
    valid_from: date
    valid_to: date | None = None

    def checked(self) -> "EditionName":
        """Itself.

        Raises:
            TableError: the name cannot be one, or the dates are in the wrong order.
        """
        if not _EDITION.fullmatch(self.edition):
            raise TableError(
                f"{self.edition!r} cannot name an edition: letters, digits, spaces and . _ - only"
            )
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise TableError(f"the edition ends on {self.valid_to}, before it begins on {self.valid_from}")
        return self


def import_edition(
    tables_dir: Path, name: EditionName, rows: Sequence[OfficialCode], sources: Iterable[str]
) -> Edition:
    """Keeps a table. The same table a second time is no error and changes nothing.

    Raises:
        TableError: another table stands already under this name or begins on the same day.
    """
    table = _table(rows)
    digest = hashlib.sha256(table).hexdigest()
    for edition in editions(tables_dir, name.checked().classification):
        if edition.edition == name.edition or edition.valid_from == name.valid_from:
            return _same(edition, name, digest)
    manifest = {
        "classification": name.classification,
        "edition": name.edition,
        "valid_from": name.valid_from.isoformat(),
        "valid_to": name.valid_to.isoformat() if name.valid_to else None,
        "codes": len(rows),
        "sha256": digest,
        "sources": sorted(sources),
    }
    folder = tables_dir / name.classification / f"{name.valid_from}_{name.edition.replace(' ', '_')}"
    _write_folder(folder, {"table.tsv": table, "manifest.json": json.dumps(manifest, indent=2).encode()})
    return _edition(folder)


def editions(tables_dir: Path | None, classification_name: str) -> tuple[Edition, ...]:
    """The imported editions of a classification, oldest first.

    Raises:
        TableError: a manifest is damaged.
    """
    if tables_dir is None:
        return ()
    found = (tables_dir / classification_name).glob("[!.]*/manifest.json")
    return tuple(sorted((_edition(path.parent) for path in found), key=lambda edition: edition.valid_from))


def read_edition(edition: Edition) -> tuple[OfficialCode, ...]:
    """The rows of an imported table.

    Raises:
        TableError: the table is missing, or not what was imported.
    """
    path = edition.folder / "table.tsv"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from None
    if digest != edition.sha256:
        raise TableError(f"{path} is not the table that was imported: import it again under another name")
    try:
        return tuple(OfficialCode(**row.fields) for row in read_rows(path, _COLUMNS))
    except CuratedFileError as error:
        raise TableError(str(error)) from None


def _table(rows: Iterable[OfficialCode]) -> bytes:
    lines = ["\t".join(_COLUMNS), *("\t".join(astuple(row)) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _same(edition: Edition, name: EditionName, digest: str) -> Edition:
    stands = (edition.edition, edition.valid_from, edition.valid_to, edition.sha256)
    if stands == (name.edition, name.valid_from, name.valid_to, digest):
        return edition
    raise TableError(
        f"{edition.classification} {edition.edition}, valid from {edition.valid_from}, stands already with "
        "other content or dates. Tables are never replaced: import under another name and date"
    )


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        incoming = Path(tempfile.mkdtemp(prefix=".incoming-", dir=folder.parent))
    except OSError as error:
        raise TableError(f"{folder.parent}: {error.strerror}") from None
    try:
        incoming.chmod(0o755)
        for name, content in files.items():
            with (incoming / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        incoming.rename(folder)
    except OSError as error:
        shutil.rmtree(incoming, ignore_errors=True)
        raise TableError(f"{folder}: {error.strerror}") from None


def _edition(folder: Path) -> Edition:
    path = folder / "manifest.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Edition(
            classification=said["classification"],
            edition=said["edition"],
            valid_from=date.fromisoformat(said["valid_from"]),
            valid_to=date.fromisoformat(said["valid_to"]) if said["valid_to"] else None,
            codes=said["codes"],
            sha256=said["sha256"],
            sources=tuple(said["sources"]),
            folder=folder,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TableError(f"{path} is damaged: {error}") from None
