"""What looks at corpora: leaks between splits, agreement, missed codes, the log of test runs."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.corpora import Split, read_coded_documents, shipped_corpus
from data.episodes import CodedEpisode, Document, DocumentKind, Episode, Role
from training.agreement import Agreement, Position, agreement, read_codes
from training.checking import problems_of_shipped, split_problems
from training.corpus import read_corpus
from training.errors import CorpusError
from training.leakage import sentences, sentences_alike
from training.opening import find_model
from training.split_log import COLUMNS, log_run, touches_test_split
from training.unmatched import Missed, unmatched_lines

ONE = "He was brought in by ambulance at 03:10 with a swollen left knee and a fever of 38.9."
NEARLY = "He was brought in by ambulance at 11:45 with a swollen left knee and a fever of 39.5."
OTHER = "Cataract surgery under local anaesthetic went well and the lens sits where it should."


def coded(name: str, patient: str, text: str) -> CodedEpisode:
    document = Document("1", DocumentKind.DISCHARGE_SUMMARY, text)
    return CodedEpisode(Episode(name, (document,)), patient=patient)


def ignore(step: str, done: int, total: int | None) -> None:
    pass


class TestLeaks:
    def test_sentences_that_differ_in_numbers_only_are_alike(self) -> None:
        one, other = (list(sentences([coded("a", "p", text)])) for text in (ONE, NEARLY))
        assert [alike.similarity for alike in sentences_alike(one, other)] == [100.0]

    def test_other_sentences_and_short_ones_are_not(self) -> None:
        one = list(sentences([coded("a", "p", f"{ONE}\nDiagnoses and procedures")]))
        other = list(sentences([coded("b", "q", f"{OTHER}\nDiagnoses and procedures")]))
        assert len(one) == len(other) == 1
        assert list(sentences_alike(one, other)) == []

    def test_a_shared_patient_episode_and_sentence_are_problems(self) -> None:
        problems = split_problems({"train": [coded("a", "p", ONE)], "test": [coded("a", "p", NEARLY)]})
        assert problems[:2] == ["episode a is in train and in test", "patient p is in train and in test"]
        assert "100 % alike" in problems[2]

    def test_the_corpus_that_ships_has_no_problem(self) -> None:
        assert problems_of_shipped() == []


class TestAgreement:
    def test_counts_each_position(self, tmp_path: Path) -> None:
        first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
        line = {"id": "a", "diagnoses": ["i10", "E11.9"], "procedures": ["G459", "Z274"]}
        first.write_text(json.dumps(line | {"diagnoses": [{"code": "I10X"}, {"code": "E119"}]}))
        second.write_text(json.dumps(line | {"procedures": ["G459", "Z271"]}))
        episodes, found = agreement(read_codes([first]), read_codes([second]))
        assert episodes == 1
        assert found[Position.PRIMARY_DIAGNOSIS] == Agreement(1, 1, 1)
        assert found[Position.SECONDARY_DIAGNOSIS].f1 == 1.0
        assert found[Position.SECONDARY_PROCEDURE].f1 == 0.0

    def test_codings_without_a_common_episode_are_refused(self) -> None:
        with pytest.raises(CorpusError, match="no episode stands in both"):
            agreement({}, {})

    def test_a_line_that_is_no_coding_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "second.jsonl"
        path.write_text('{"id": "a", "diagnoses": ["?"], "procedures": []}')
        with pytest.raises(CorpusError, match=r"second\.jsonl, line 1: is not an object"):
            read_codes([path])


def test_missed_codes_are_sorted_by_use_and_say_why(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    gold = {
        "id": "a",
        "text": "Diagnosis: T2DM. No pneumonia. Very odd zebra pox.",
        "diagnoses": [
            {"code": "E119", "evidence": ["T2DM"]},
            {"code": "B04X", "evidence": ["zebra pox"]},
            {"code": "J189", "evidence": ["pneumonia"]},
        ],
    }
    path.write_text(json.dumps(gold))
    with find_model("day-one") as source:
        found = unmatched_lines(source, read_corpus([path]), ignore)
    assert [(line.code, line.why) for line in found] == [
        ("J189", Missed.LEFT_OUT),
        ("B04X", Missed.NO_MENTION),
    ]
    assert found[0].reason.startswith("negated")
    assert found[1].quotes == ("zebra pox",)
    assert {line.role for line in found} == {Role.DIAGNOSIS}
    assert json.dumps([asdict(line) for line in found])


def test_titles_alone_find_less_than_the_terms(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"id": "a", "text": "NSTEMI, T2DM", "diagnoses": [{"code": "E119"}]}))
    missed = {}
    for name in ("day-one", "titles"):
        with find_model(name) as source:
            missed[name] = unmatched_lines(source, read_corpus([path]), ignore)
    assert [len(missed["day-one"]), len(missed["titles"])] == [0, 1]


def test_a_run_on_the_test_split_is_recognised_and_logged(tmp_path: Path) -> None:
    test_files = shipped_corpus(Split.TEST)
    assert touches_test_split(read_corpus(test_files[:1]).digests)
    assert not touches_test_split(read_corpus(shipped_corpus()).digests)
    report = {
        "model": {"name": "day-one", "version": "untrained", "digest": "a" * 64},
        "episodes": 2,
        "corpus": {"files": {"t.jsonl": "b" * 64}},
        "headline": {
            "diagnoses_micro_f1": {"value": 0.5},
            "procedures_micro_f1": {"value": None},
            "primary_correct": {"value": 1.0},
        },
    }
    log = tmp_path / "runs.tsv"
    for _ in range(2):
        log_run(report, datetime(2026, 11, 22, tzinfo=UTC), log)
    header, *lines = [line.split("\t") for line in log.read_text().splitlines()]
    assert tuple(header) == COLUMNS
    assert lines[0] == lines[1]
    assert lines[0][1:] == ["day-one/untrained", "a" * 12, "2", "0.5000", "", "1.0000", f"t.jsonl:{'b' * 12}"]


def test_no_patient_is_in_two_splits() -> None:
    patients = {
        split: {coded.patient for path in shipped_corpus(split) for coded in read_coded_documents(path)}
        for split in Split
    }
    assert not patients[Split.TRAIN] & patients[Split.TEST]
    assert not patients[Split.TRAIN] & patients[Split.VALIDATION]
    assert not patients[Split.VALIDATION] & patients[Split.TEST]
