"""What is kept on disk is what would be made anew, or it is made anew."""

from pathlib import Path

import pytest

from data.cache import cached, digest_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTOCODER_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


class _Work:
    """Counts how often it is done."""

    def __init__(self, value: object = None) -> None:
        self.value = value if value is not None else {"words": ["dysphagia", "née"], "numbers": [1, 0.15]}
        self.done = 0

    def __call__(self) -> object:
        self.done += 1
        return self.value


def test_the_work_is_done_once(folder: Path) -> None:
    work = _Work()
    assert [cached("terms", "a" * 64, work) for _ in range(3)] == [work.value] * 3
    assert work.done == 1


def test_another_key_is_another_value(folder: Path) -> None:
    assert cached("terms", "a" * 64, _Work([1])) == [1]
    assert cached("terms", "b" * 64, _Work([2])) == [2]


@pytest.mark.parametrize("damage", [b"", b"x", b"[1]", b"\xff\n\xff"])
def test_a_damaged_file_is_made_anew(folder: Path, damage: bytes) -> None:
    cached("terms", "a" * 64, _Work([1]))
    (path,) = folder.iterdir()
    path.write_bytes(damage)
    assert cached("terms", "a" * 64, _Work([1])) == [1]
    work = _Work([2])
    assert cached("terms", "a" * 64, work) == [1]
    assert work.done == 0


def test_one_changed_figure_is_noticed(folder: Path) -> None:
    cached("terms", "a" * 64, _Work([1234]))
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes().replace(b"1234", b"1235"))
    assert cached("terms", "a" * 64, _Work([1234])) == [1234]


def test_a_folder_that_cannot_be_written_costs_only_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("AUTOCODER_CACHE_DIR", str(tmp_path / "file" / "cache"))
    work = _Work()
    assert [cached("terms", "a" * 64, work) for _ in range(2)] == [work.value] * 2
    assert work.done == 2


def test_an_error_is_not_kept(folder: Path) -> None:
    def fails() -> object:
        raise ValueError("line 7")

    for _ in range(2):
        with pytest.raises(ValueError, match="line 7"):
            cached("terms", "a" * 64, fails)


def test_only_the_newest_of_a_name_are_kept(folder: Path) -> None:
    for number in range(7):
        cached("terms", f"{number}" * 64, _Work())
    cached("table", "a" * 64, _Work())
    assert len(list(folder.glob("terms-*"))) == 4
    assert len(list(folder.glob("table-*"))) == 1


def test_a_digest_tells_files_and_facts_apart(tmp_path: Path) -> None:
    one, other = tmp_path / "one.tsv", tmp_path / "other.tsv"
    one.write_text("a")
    other.write_text("a")
    digests = [digest_of([one]), digest_of([other]), digest_of([one, other]), digest_of([one], "x")]
    one.write_text("b")
    digests += [digest_of([one]), digest_of([one], "x", "y"), digest_of([one], "xy")]
    assert len(set(digests)) == len(digests)
