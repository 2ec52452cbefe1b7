from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from data.corpora import read_coded_documents
from data.episodes import CodedEpisode, Role
from models.coder import LexiconCoder
from models.knowledge import make_parts
from models.prediction import ModelVersion
from models.ranking import day_one_ranker
from tests.corpus import small_corpus
from training.config import read_config
from training.corpus import Corpus
from training.lexica import Lexica
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications
from training.train import Case, code_folds_left_out, examples_of, find_candidates, train

CONFIG = read_config()
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def ignore(step: str, done: int, total: int | None) -> None:
    pass


@pytest.fixture(scope="module")
def episodes() -> tuple[CodedEpisode, ...]:
    return tuple(episode for path in small_corpus() for episode in read_coded_documents(path))


@pytest.fixture(scope="module")
def coder() -> LexiconCoder:
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    parts = make_parts(tables, created=NOON)
    return LexiconCoder(ModelVersion("x", "1", ""), parts.terms, parts.language, parts.ranker, tables)


@pytest.fixture(scope="module")
def cases(episodes: Sequence[CodedEpisode], coder: LexiconCoder) -> tuple[Case, ...]:
    return find_candidates(episodes, coder, Lexica.none(len(episodes)), ignore)


def test_an_episode_is_coded_by_a_ranker_that_has_not_seen_its_codes(
    cases: tuple[Case, ...],
) -> None:
    """Were its gold codes others, its own prediction would be the same, and those of others would not."""
    wronged = replace(cases[0], gold=replace(cases[0].gold, diagnoses=(), procedures=()))
    before = code_folds_left_out(cases, day_one_ranker(), CONFIG, ignore)
    after = code_folds_left_out((wronged, *cases[1:]), day_one_ranker(), CONFIG, ignore)
    assert before[0].diagnoses.gold != after[0].diagnoses.gold
    assert before[0].diagnoses.offered == after[0].diagnoses.offered
    assert any(old.diagnoses.offered != new.diagnoses.offered for old, new in zip(before, after, strict=True))
    assert [item.id for item in before] == [case.gold.episode.id for case in cases]


def test_examples_are_right_as_often_as_coders_gave_the_code(cases: tuple[Case, ...]) -> None:
    for role in Role:
        examples = examples_of(cases, role)
        assert len(examples.features) == len(examples.right) == len(examples.patients) > 0
        assert 0 < examples.right.sum() <= examples.gold
        assert examples.gold == sum(case.codes(role).total() for case in cases)


def test_a_corpus_without_codes_leaves_the_day_one_ranker_and_says_so(
    episodes: Sequence[CodedEpisode],
) -> None:
    uncoded = tuple(replace(episode, diagnoses=(), procedures=()) for episode in episodes[:4])
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    trained = train(Corpus(uncoded, {"ours.jsonl": "abc"}, False), tables, CONFIG, NOON, ignore)
    assert trained.parts.ranker == day_one_ranker()
    assert [note.split(":")[0] for note in trained.notes] == ["diagnosis", "procedure"]
    assert trained.parts.created == NOON
    assert trained.parts.training["corpora"] == {"ours.jsonl": "abc"}
