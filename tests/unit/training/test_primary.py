"""The primary diagnosis is learned from what coders put first, once there are episodes enough."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from data.corpora import read_coded_documents
from data.episodes import CodedEpisode, Document, DocumentKind, Episode, Role
from models.coder import LexiconCoder
from models.knowledge import make_parts
from models.ordering import Ranked
from models.prediction import ModelVersion
from models.primary import PRIMARY_FEATURES, PrimaryRanker, may_lead
from models.ranking import Trees
from tests.corpus import small_corpus
from training.config import read_config
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications
from training.primary import count_first, fit_primary

CONFIG = read_config().primary
EAGER = CONFIG.model_copy(update={"least_episodes": 10})


@pytest.fixture(scope="module")
def gold() -> list[CodedEpisode]:
    return [coded for path in small_corpus() for coded in read_coded_documents(path)]


@pytest.fixture(scope="module")
def coder() -> LexiconCoder:
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    parts = make_parts(tables, created=datetime(2026, 3, 1, tzinfo=UTC))
    return LexiconCoder(ModelVersion("x", "1", ""), parts.terms, parts.language, parts.ranker, tables)


@pytest.fixture(scope="module")
def codings(gold: Sequence[CodedEpisode], coder: LexiconCoder) -> list[tuple[CodedEpisode, list[Ranked]]]:
    return [(coded, [Ranked(one, 0.8) for one in coder.candidates(coded.episode)]) for coded in gold]


def test_counts_know_code_category_and_chapter(gold: Sequence[CodedEpisode]) -> None:
    counts = count_first(gold)
    assert sum(first for key, (_, first) in counts.items() if len(key) == 1) == len(gold)
    stood, first = counts["I10X"]
    assert counts["I10"] == (stood, first)
    assert stood > first


def test_counts_know_what_leads_beside_an_operation(gold: Sequence[CodedEpisode]) -> None:
    counts = count_first(gold)
    operated = next(coded for coded in gold if any(line.code[0] == "W" for line in coded.procedures))
    stood, first = counts[f"{operated.diagnoses[0].code[0]} W"]
    assert 0 < first <= stood


def test_a_small_corpus_leaves_the_rules_in_place_and_a_larger_one_teaches(
    codings: list[tuple[CodedEpisode, list[Ranked]]], coder: LexiconCoder
) -> None:
    assert fit_primary(codings, CONFIG) is None
    learned = fit_primary(codings, EAGER)
    assert learned is not None
    assert PrimaryRanker.from_json(learned.to_json()) == learned
    right = sum(_first(learned, ranked, coder) == coded.diagnoses[0].code for coded, ranked in codings)
    assert right >= 0.8 * len(codings)


def test_words_of_many_episodes_are_weighed_and_trees_are_fitted(
    codings: list[tuple[CodedEpisode, list[Ranked]]], coder: LexiconCoder
) -> None:
    trees = EAGER.trees.model_copy(update={"least_right": 10, "least_in_leaf": 5})
    config = EAGER.model_copy(update={"word_episodes": 5, "most_words": 7, "trees": trees})
    learned = fit_primary(codings, config)
    assert learned is not None
    assert len(learned.words) == 7
    assert any(learned.words.values())
    assert learned.trees
    assert PrimaryRanker.from_json(learned.to_json()) == learned
    assert fit_primary(codings, config) == learned


def test_a_word_beside_a_diagnosis_moves_its_chance(
    codings: list[tuple[CodedEpisode, list[Ranked]]], coder: LexiconCoder
) -> None:
    learned = fit_primary(codings, EAGER)
    assert learned is not None
    text = "Shingles of the scalp was treated here. Gout came up."
    episode = Episode("e", (Document("1", DocumentKind.DISCHARGE_SUMMARY, text),))
    found = [Ranked(one, 0.8) for one in coder.candidates(episode) if one.role is Role.DIAGNOSIS]
    plain, told = (replace(learned, words=words).chances(found, []) for words in ({}, {"a1:came": 3.0}))
    gout = next(place for place, one in enumerate(found) if one.candidate.code[:3] == "M10")
    assert told[gout] > plain[gout]


@pytest.mark.parametrize(
    "wrong",
    [
        {"words": {"b:a": float("nan")}},
        {"trees": Trees(1, ((len(PRIMARY_FEATURES),),), ((0.0,),), ((0.0, 1.0),))},
    ],
)
def test_what_cannot_be_a_choice_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"words|trees"):
        PrimaryRanker((0.0,) * len(PRIMARY_FEATURES), {}, **wrong)


def _first(learned: PrimaryRanker, ranked: list[Ranked], coder: LexiconCoder) -> str:
    diagnoses = [one for one in ranked if one.candidate.role is Role.DIAGNOSIS]
    procedures = [one for one in ranked if one.candidate.role is Role.PROCEDURE]
    chances = learned.chances(diagnoses, procedures)
    assert sum(chances) == pytest.approx(learned.reach)
    return diagnoses[chances.index(max(chances))].candidate.code


def test_an_unlikely_diagnosis_that_must_lead_is_suggested(
    codings: list[tuple[CodedEpisode, list[Ranked]]], coder: LexiconCoder
) -> None:
    learned = fit_primary(codings, EAGER)
    assert learned is not None
    diagnoses = [one for one in codings[0][1] if one.candidate.role is Role.DIAGNOSIS]
    alone = diagnoses[0]._replace(confidence=0.1)
    assert learned.chances([alone], []) == [learned.reach]
    assert learned.chances([alone._replace(confidence=0.01)], []) == [0.0]


@pytest.mark.parametrize(
    ("text", "symptom_may_lead"),
    [
        ("Recurrent falls from postural hypotension.", False),
        ("Recurrent falls. Postural hypotension.", True),
        ("Recurrent falls due to unclear causes. Postural hypotension.", True),
    ],
)
def test_a_symptom_that_is_put_down_to_a_diagnosis_does_not_lead(
    coder: LexiconCoder, text: str, symptom_may_lead: bool
) -> None:
    episode = Episode("e", (Document("1", DocumentKind.DISCHARGE_SUMMARY, text),))
    found = [Ranked(one, 0.8) for one in coder.candidates(episode) if one.role is Role.DIAGNOSIS]
    leading = {one.candidate.code for one in may_lead(found)}
    assert "I951" in leading
    assert ("R296" in leading) is symptom_may_lead
