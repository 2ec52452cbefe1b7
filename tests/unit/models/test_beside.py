"""The words beside a mention, and what a feature tells by the way the patient came."""

import numpy as np

from data.episodes import Document, DocumentKind, Episode, Role
from data.language import read_headings
from data.terms import read_terms
from models.admissions import ADMISSION_FEATURES, admission_rows
from models.beside import words_beside
from models.judged import EpisodeReader, Language
from models.mentions import compile_term
from models.ranking import FEATURE_NAMES


def beside(text: str, code: str) -> frozenset[str]:
    terms = [compile_term(Role.DIAGNOSIS, term) for term in read_terms("icd10") if term.code == code]
    reader = EpisodeReader(terms, Language((), tuple(read_headings()), ()))
    read = reader.read(Episode("e", (Document("1", DocumentKind.DISCHARGE_SUMMARY, text),)))
    return words_beside(read.judged[Role.DIAGNOSIS], read.readings)


def test_words_before_and_after_within_the_statement() -> None:
    found = beside("He slept. He was treated for gout with colchicine at home. Well.", "M109")
    assert {"b:treated", "b:for", "b1:for", "b2:treated for", "a1:with", "a2:with colchicine"} <= found
    assert not {"b:slept", "a:well", "b1:^", "a1:$"} & found


def test_where_a_statement_starts_and_ends_is_told() -> None:
    assert beside("Gout.", "M109") == {"b1:^", "a1:$"}


def test_all_mentions_count() -> None:
    assert {"b:today", "b:known"} <= beside("Known gout. Today gout.", "M109")


def test_features_count_by_the_way_the_patient_came() -> None:
    rows = np.zeros((2, len(FEATURE_NAMES)))
    rows[:, FEATURE_NAMES.index("neoplasm")] = 1.0
    rows[0, FEATURE_NAMES.index("emergency")] = 1.0
    found = [dict(zip(ADMISSION_FEATURES, row, strict=True)) for row in admission_rows(rows).tolist()]
    assert found[0]["emergency neoplasm"] == 1.0
    assert found[0]["daycase neoplasm"] == 0.0
    assert not any(found[1].values())
