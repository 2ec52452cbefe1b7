"""A model's folder: written whole, opened only if it is exactly what its manifest says."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.episodes import Role
from models.bundle import MANIFEST, content_digest, open_bundle, read_manifest, write_bundle
from models.coder import LexiconCoder
from models.errors import BundleError
from models.ranking import FEATURE_NAMES, Ranker, day_one_ranker
from tests.unit.models.small_model import classifications, episode, parts, suggest

NOTE = "Diagnosis: pneumonia. No PE. PMH: T2DM, stroke 2018. CT head. Left hip replacement"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    write_bundle(folder, parts())
    return folder


def reopen(folder: Path) -> LexiconCoder:
    return open_bundle(folder, name="small", version="7", classifications=classifications())


def test_a_model_survives_its_folder(bundle: Path) -> None:
    found = reopen(bundle).suggest(episode(NOTE))
    expected = suggest(NOTE)
    assert (found.diagnoses, found.procedures, found.not_coded) == (
        expected.diagnoses, expected.procedures, expected.not_coded,
    )  # fmt: skip


def test_the_version_holds_the_digest_of_the_manifest(bundle: Path) -> None:
    version = reopen(bundle).version
    assert (version.name, version.version) == ("small", "7")
    assert version.digest == hashlib.sha256((bundle / MANIFEST).read_bytes()).hexdigest()


def test_the_manifest_says_what_the_model_is(bundle: Path) -> None:
    manifest = read_manifest(bundle)
    assert manifest["created"] == "2026-03-01T00:00:00+00:00"
    assert manifest["features"] == list(FEATURE_NAMES)
    assert manifest["training"] == {"corpus": "none"}
    assert set(manifest["files"]) == {
        "terms.json",
        "language.json",
        "ranker.json",
        "primary.json",
        "lexicon.json",
    }
    assert manifest["terms_digest"] == manifest["files"]["terms.json"]["sha256"]


def test_the_same_parts_give_the_same_bytes(tmp_path: Path, bundle: Path) -> None:
    write_bundle(tmp_path / "again", parts())
    assert _contents(bundle) == _contents(tmp_path / "again")


def test_only_the_manifest_knows_when(tmp_path: Path, bundle: Path) -> None:
    write_bundle(tmp_path / "later", replace(parts(), created=datetime(2027, 1, 1, tzinfo=UTC)))
    changed = {
        name for name, found in _contents(bundle).items() if _contents(tmp_path / "later")[name] != found
    }
    assert changed == {MANIFEST}
    again, first = read_manifest(tmp_path / "later"), read_manifest(bundle)
    assert again["content_digest"] == first["content_digest"] == content_digest(first)


def test_the_content_digest_changes_with_a_file_and_with_a_setting(tmp_path: Path, bundle: Path) -> None:
    ranker = day_one_ranker()
    for name, changed in {
        "a": replace(parts(), terms=parts().terms[1:]),
        "b": replace(parts(), ranker=Ranker({Role.DIAGNOSIS: ranker.roles[Role.DIAGNOSIS]})),
        "c": replace(parts(), training={"settings": {"seed": 2}}),
    }.items():
        write_bundle(tmp_path / name, changed)
        assert read_manifest(tmp_path / name)["content_digest"] != read_manifest(bundle)["content_digest"]


def test_there_is_no_pickle(bundle: Path) -> None:
    assert all(path.suffix == ".json" and json.loads(path.read_bytes()) for path in bundle.iterdir())


def test_an_existing_folder_is_never_written_over(bundle: Path) -> None:
    before = _contents(bundle)
    with pytest.raises(BundleError, match="exists already"):
        write_bundle(bundle, parts())
    assert _contents(bundle) == before


def test_a_model_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    broken = replace(parts(), training={"figure": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        write_bundle(tmp_path / "model", broken)
    assert list(tmp_path.iterdir()) == []


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _restate(folder: Path, name: str, content: bytes) -> None:
    """Changes a file and makes the manifest agree, as a careful forger would."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    (folder / MANIFEST).write_text(json.dumps(manifest))


def _edit_manifest(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **changes}))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no manifest": (lambda folder: (folder / MANIFEST).unlink(), "manifest.json is missing"),
    "no terms": (lambda folder: (folder / "terms.json").unlink(), "terms.json is missing"),
    "a file too many": (lambda folder: (folder / "model.pkl").write_bytes(b"x"), "holds model.pkl"),
    "a folder too many": (lambda folder: (folder / "more").mkdir(), "holds more"),
    "a truncated file": (
        lambda folder: (folder / "terms.json").write_bytes((folder / "terms.json").read_bytes()[:-9]),
        "terms.json has",
    ),
    "a longer file": (
        lambda folder: (folder / "terms.json").write_bytes((folder / "terms.json").read_bytes() + b" "),
        "terms.json is larger",
    ),
    "a flipped bit": (lambda folder: _flip(folder / "ranker.json"), "ranker.json has changed"),
    "a flipped bit in the language": (
        lambda folder: _flip(folder / "language.json"),
        "language.json has changed",
    ),
    "a huge manifest": (lambda folder: (folder / MANIFEST).write_bytes(b" " * 2_000_000), "is larger"),
    "a manifest that is no JSON": (
        lambda folder: (folder / MANIFEST).write_bytes(b"{"),
        "not of this format",
    ),
    "a manifest that is no text": (
        lambda folder: (folder / MANIFEST).write_bytes(b"\xff\xfe{"),
        "not of this format",
    ),
    "a manifest of another thing": (
        lambda folder: (folder / MANIFEST).write_text("[]"),
        "not of this format",
    ),
    "another format version": (lambda folder: _edit_manifest(folder, format_version=1), "format version 1"),
    "other files named": (lambda folder: _edit_manifest(folder, files={}), "names other files"),
    "terms that are none": (lambda folder: _restate(folder, "terms.json", b"[[1]]"), "terms.json is not of"),
    "language that is none": (
        lambda folder: _restate(folder, "language.json", b"{}"),
        "language.json is not of",
    ),
    "a ranker that is none": (lambda folder: _restate(folder, "ranker.json", b"{}"), "ranker.json is not of"),
    "deep nesting": (
        lambda folder: _restate(folder, "terms.json", b"[" * 100_000 + b"]" * 100_000),
        "terms.json is not of",
    ),
}


@pytest.mark.parametrize(("damage", "reason"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_folder_that_is_not_what_it_says_is_refused(
    bundle: Path, damage: Callable[[Path], object], reason: str
) -> None:
    damage(bundle)
    with pytest.raises(BundleError, match=reason):
        reopen(bundle)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json is missing"):
        reopen(tmp_path / "nowhere")


def test_a_link_is_no_file(bundle: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.json"
    (bundle / "terms.json").rename(target)
    (bundle / "terms.json").symlink_to(target)
    with pytest.raises(BundleError, match=r"terms\.json is missing"):
        reopen(bundle)


def test_a_model_without_a_ranker_for_a_role_is_refused(tmp_path: Path) -> None:
    one_role = Ranker({Role.DIAGNOSIS: day_one_ranker().roles[Role.DIAGNOSIS]})
    write_bundle(tmp_path / "half", replace(parts(), ranker=one_role))
    with pytest.raises(BundleError, match="no ranker for procedure"):
        reopen(tmp_path / "half")
