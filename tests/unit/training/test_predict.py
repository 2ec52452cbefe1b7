import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from data.episodes import Episode
from data.standards import StandardsEdition
from data.terms import LocalTerms
from models.errors import BundleError
from models.prediction import ModelVersion, Prediction, StandardsVersion
from training.opening import ModelSource
from training.predict import Outcome, outcomes, predict_file


class FakeCoder:
    """Answers with the id, except where the text tells it to fail."""

    version = ModelVersion("fake", "1", "")
    tables: Mapping[str, str] = {}

    def suggest(self, episode: Episode) -> Prediction:
        if "explode" in episode.documents[0].text:
            raise RuntimeError(episode.documents[0].text)
        return Prediction(episode.id, self.version, StandardsVersion(), {}, (), (), ())

    def with_standards(self, standards: StandardsEdition) -> "FakeCoder":
        return self

    def with_local(self, local: LocalTerms) -> "FakeCoder":
        return self


class FakeSource(ModelSource):
    def open(self) -> FakeCoder:
        return FakeCoder()


class DamagedSource(ModelSource):
    def open(self) -> FakeCoder:
        raise BundleError(Path("model"), "terms.json has changed")


SOURCE = FakeSource(Path("model"), "fake", "1", ())


def written(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "in.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def ignore(step: str, done: int, total: int | None) -> None:
    pass


def coded(path: Path) -> list[Outcome]:
    return list(outcomes(SOURCE, path))


def test_one_line_out_for_each_line_in(tmp_path: Path) -> None:
    source = written(tmp_path, '{"id": "b", "text": "x"}', "", '{"id": "a", "text": "y"}')
    run = predict_file(SOURCE, source, tmp_path / "out.jsonl", 1, ignore)
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["b", "a"]
    assert (run.documents, run.failed) == (2, 0)
    assert run.summary.startswith("2 documents in ")


@pytest.mark.parametrize(
    ("line", "episode_id", "says"),
    [
        ('{"id": "a"}', "a", "in.jsonl, line 2, text: is missing, and so are documents"),
        ('{"text": "x"}', None, "in.jsonl, line 2, id: is missing"),
        ('{"id": 7, "text": "x"}', 7, "in.jsonl, line 2, id: is not text"),
        ('{"id": "a", "text": "secret', None, "in.jsonl, line 2, line: is not JSON"),
        (b'{"id": "a", "text": "\xff secret"}', None, "in.jsonl, line 2, byte 22: is not UTF-8"),
        ("[1]", None, "in.jsonl, line 2, line: is not a JSON object"),
        ('{"id": "a", "text": "secret\\u0000"}', "a", "in.jsonl, line 2, text: holds"),
        (
            '{"id": "a", "text": "secret explode"}',
            "a",
            "in.jsonl, line 2: the model failed with RuntimeError",
        ),
    ],
)
def test_a_line_that_fails_says_why_and_stops_nothing(
    tmp_path: Path, line: str | bytes, episode_id: object, says: str
) -> None:
    first, failed, last = coded(
        written(tmp_path, '{"id": "1", "text": "x"}', line, '{"id": "3", "text": "x"}')
    )
    assert (first.error, last.error) == (None, None)
    answer = json.loads(failed.written)
    assert answer["id"] == episode_id
    assert answer["error"] == failed.error
    assert answer["error"].startswith(says)
    assert "secret" not in failed.written  # never the words of a patient


def test_a_mistake_in_the_gold_codes_does_not_matter(tmp_path: Path) -> None:
    [outcome] = coded(written(tmp_path, '{"id": "a", "text": "x", "diagnoses": [{"code": "?"}]}'))
    assert outcome.error is None


def test_words_that_look_like_gold_are_text(tmp_path: Path) -> None:
    [outcome] = coded(written(tmp_path, '{"id": "a", "text": "diagnoses: none"}'))
    assert outcome.error is None


def test_failures_are_named_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(tmp_path, '{"id": "a"}', '{"id": "b", "text": "x"}')
    run = predict_file(SOURCE, source, tmp_path / "out.jsonl", 1, ignore)
    assert run.failed == 1
    assert "2 documents, 1 of them failed" in run.summary
    assert "in.jsonl, line 1, text: is missing" in capsys.readouterr().err


def test_a_run_that_breaks_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    def interrupt(step: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    output = tmp_path / "out.jsonl"
    output.write_text("yesterday's")
    with pytest.raises(KeyboardInterrupt):
        predict_file(SOURCE, written(tmp_path, '{"id": "a", "text": "x"}'), output, 1, interrupt)
    assert output.read_text() == "yesterday's"
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", "out.jsonl"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_damaged_model_is_named_before_any_work(tmp_path: Path, workers: int) -> None:
    source = DamagedSource(Path("model"), "fake", "1", ())
    with pytest.raises(BundleError, match=r"terms\.json has changed"):
        predict_file(source, written(tmp_path, "{}"), tmp_path / "out.jsonl", workers, ignore)
    assert not (tmp_path / "out.jsonl").exists()
