"""What is written of coded documents is what is read."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.corpora import read_coded_documents, write_coded_documents
from data.episodes import (
    CodedEpisode,
    CodedLine,
    Document,
    DocumentKind,
    Episode,
    Evidence,
    NotCoded,
    NotCodedReason,
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)
known = st.none() | texts
dates = st.none() | st.dates()
counts = st.none() | st.integers(0, 200)


@st.composite
def coded_episodes(draw: st.DrawFn) -> CodedEpisode:
    documents = draw(
        st.lists(
            st.builds(Document, texts, st.sampled_from(DocumentKind), texts, known), min_size=1, max_size=3
        )
    )
    evidence = st.lists(spans(documents), max_size=2).map(tuple)
    codes = st.from_regex(r"[A-Z][0-9]{3}", fullmatch=True)
    lines = st.lists(st.builds(CodedLine, codes, evidence, counts, dates, known), max_size=2).map(tuple)
    omitted = st.builds(NotCoded, spans(documents), st.sampled_from(NotCodedReason), known, st.none() | codes)
    episode = st.builds(
        Episode, texts, st.just(tuple(documents)), texts, known, counts, known, known, known, counts, dates
    )
    omissions = st.lists(omitted, max_size=2).map(tuple)
    return draw(st.builds(CodedEpisode, episode, lines, lines, omissions, known, known))


def spans(documents: list[Document]) -> st.SearchStrategy[Evidence]:
    return st.integers(0, len(documents) - 1).flatmap(
        lambda index: st.lists(
            st.integers(0, len(documents[index].text)), min_size=2, max_size=2, unique=True
        ).flatmap(
            lambda ends: st.just(
                Evidence(index, min(ends), max(ends), documents[index].text[min(ends) : max(ends)])
            )
        )
    )


@given(episodes=st.lists(coded_episodes(), max_size=3))
def test_what_is_written_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, episodes: list[CodedEpisode]
) -> None:
    path = tmp_path_factory.mktemp("written") / "coded.jsonl"
    assert write_coded_documents(path, episodes) == len(episodes)
    assert list(read_coded_documents(path)) == episodes


def test_a_single_summary_is_written_as_text(tmp_path: Path) -> None:
    evidence = Evidence(0, 6, 10, "COPD")
    summary = Document("1", DocumentKind.DISCHARGE_SUMMARY, "Known COPD")
    path = tmp_path / "coded.jsonl"
    write_coded_documents(path, [CodedEpisode(Episode("e1", (summary,)), (CodedLine("J449", (evidence,)),))])
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "id": "e1",
        "text": "Known COPD",
        "language": "en",
        "diagnoses": [{"code": "J449", "evidence": [{"start": 6, "end": 10, "text": "COPD", "document": 0}]}],
        "procedures": [],
        "not_coded": [],
    }
