"""What the harness of the learning curve promises of its subsets, its table and its plot."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from data.corpora import read_coded_documents
from data.episodes import CodedEpisode
from tests.corpus import small_corpus
from tests.load.learning_curve import Line, Point, draw, kept, nested, table, without_evidence
from tests.load.pages import write_part

POINTS = [Point(line, size, (0.7, 0.8)) for line in Line for size in (50, 100)]


@pytest.fixture(scope="module")
def corpus() -> list[CodedEpisode]:
    return [episode for path in small_corpus() for episode in read_coded_documents(path)]


def test_each_subset_holds_the_one_before_and_whole_patients(corpus: list[CodedEpisode]) -> None:
    small, large = nested(corpus, (10, 25), seed=1)
    assert 10 <= len(small) < 25 <= len(large)
    assert small == large[: len(small)]
    patients = {episode.patient for episode in small}
    assert not any(episode.patient in patients for episode in corpus if episode not in small)
    assert nested(corpus, (10, 25), seed=2) != [small, large]


def test_labels_only_keeps_codes_and_text(corpus: list[CodedEpisode]) -> None:
    bare = without_evidence(corpus[0])
    assert bare.episode == corpus[0].episode
    assert [line.code for line in bare.diagnoses] == [line.code for line in corpus[0].diagnoses]
    assert not any(line.evidence for line in (*bare.diagnoses, *bare.procedures))
    assert any(line.evidence for line in corpus[0].diagnoses)


def test_the_table_stands_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n", encoding="utf-8")
    write_part(page, "x", table(POINTS, 0.6))
    written = page.read_text(encoding="utf-8")
    assert f"| 100 |{3 * ' 75.0% (70.0% to 80.0%) |'}" in written
    assert f"| day-one knowledge |{3 * ' 60.0% |'}" in written
    assert "old" not in written
    assert written.startswith("a\n")
    assert written.endswith("b\n")


def test_a_second_run_goes_on_with_the_points_that_were_kept(tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    assert kept(path) == kept(None) == []
    path.write_text("".join(json.dumps(asdict(point)) + "\n" for point in POINTS), encoding="utf-8")
    assert kept(path) == POINTS


def test_each_line_learns_its_lexicon_as_it_says() -> None:
    told = [(line.config().lexicon.enabled, line.config().lexicon.weak) for line in Line]
    assert told == [(False, False), (True, False), (True, True)]


def test_the_plot_says_that_the_text_is_synthetic_and_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        draw(POINTS, 0.6, tmp_path / name)
    drawn = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert "synthetic text" in drawn
    assert drawn == (tmp_path / "two.svg").read_text(encoding="utf-8")
