"""The primary diagnosis is learned from what coders put first, once there are episodes enough."""

from datetime import UTC, datetime

from data.corpora import read_coded_documents
from models.coder import LexiconCoder
from models.knowledge import make_parts
from models.prediction import ModelVersion
from models.primary import PrimaryRanker
from tests.corpus import small_corpus
from training.config import read_config
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications
from training.primary import count_first, fit_primary

CONFIG = read_config()


def test_counts_know_code_category_and_chapter() -> None:
    gold = [coded for path in small_corpus() for coded in read_coded_documents(path)]
    counts = count_first(gold)
    assert sum(first for key, (_, first) in counts.items() if len(key) == 1) == len(gold)
    stood, first = counts["I10X"]
    assert counts["I10"] == (stood, first)
    assert stood > first


def test_a_small_corpus_leaves_the_rules_in_place_and_a_larger_one_teaches() -> None:
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    parts = make_parts(tables, created=datetime(2026, 3, 1, tzinfo=UTC))
    coder = LexiconCoder(ModelVersion("x", "1", ""), parts.terms, parts.language, parts.ranker, tables)
    gold = [coded for path in small_corpus() for coded in read_coded_documents(path)]
    cases = [(coded, coder.candidates(coded.episode)) for coded in gold]
    assert fit_primary(cases, parts.ranker, coder.comorbidities, CONFIG) is None
    eager = CONFIG.model_copy(update={"primary": CONFIG.primary.model_copy(update={"least_episodes": 10})})
    learned = fit_primary(cases, parts.ranker, coder.comorbidities, eager)
    assert learned is not None
    assert PrimaryRanker.from_json(learned.to_json()) == learned
    with_it = coder.with_ranker(parts.ranker, learned)
    first = [with_it.suggest(coded.episode).diagnoses[0].code for coded in gold]
    right = sum(code == coded.diagnoses[0].code for code, coded in zip(first, gold, strict=True))
    assert right >= len(gold) / 2
