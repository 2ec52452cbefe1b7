"""What a run says of the decisions that it learned from."""

from datetime import UTC, datetime, timedelta

import pytest

from data.episodes import CodedEpisode, Document, DocumentKind, Episode, Role
from training.corpus import Corpus
from training.decided import Decided
from training.decisions import Decisions, DecisionSource, source_of
from training.errors import DecisionsError
from training.exposure import Offer
from training.learned_from import LearnedFrom

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = DecisionSource("postgresql://me:geheim@host/name", provider="RX1", as_of=NOON)


def coding(identifier: str, finalised_at: datetime, confidence: float = 0.9) -> Decided:
    episode = Episode(identifier, (Document("1", DocumentKind.DISCHARGE_SUMMARY, "secret words"),))
    return Decided(CodedEpisode(episode), {(Role.DIAGNOSIS, "I10X"): Offer(True, confidence)}, finalised_at)


def decisions(*found: Decided) -> Decisions:
    return Decisions(found, None, 1, SOURCE)


def learned_from(*found: Decided, after: timedelta = timedelta(hours=3)) -> LearnedFrom:
    return LearnedFrom.of(Corpus((), {}, False, decisions(*found)), NOON + after)


def test_the_time_from_the_latest_decision_is_told() -> None:
    told = learned_from(coding("1", NOON - timedelta(days=2)), coding("2", NOON))
    assert told.metrics["decisions.seconds_to_model"] == 3 * 3600
    assert "from the latest decision to this model: 3.0 hours" in told.notes
    assert told.tags["decisions.latest"] == NOON.isoformat()


def test_what_is_left_out_and_the_want_of_audits_are_told() -> None:
    notes = learned_from(coding("1", NOON)).notes
    assert "1 left out: their text was erased or withdrawn" in notes
    assert any("no blind audits" in note for note in notes)


def test_neither_text_nor_password_is_told() -> None:
    told = learned_from(coding("1", NOON))
    assert not [word for word in ("secret", "geheim") if word in f"{told.tags}{told.notes}{told.provenance}"]


def test_a_run_without_decisions_says_nothing_of_them() -> None:
    told = LearnedFrom.of(Corpus((), {}, False), NOON)
    assert (told.metrics, told.tags, told.notes) == ({}, {}, ())


def test_the_digest_is_of_all_that_was_read() -> None:
    one, other = coding("1", NOON), coding("2", NOON)
    digest = decisions(one).digest
    assert digest == decisions(coding("1", NOON)).digest
    changed = (decisions(other), decisions(one, other), decisions(coding("1", NOON, confidence=0.8)))
    assert digest not in {found.digest for found in changed}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T12:00Z", NOON),
        ("2026-03-01T13:00+01:00", NOON),
    ],
)
def test_instants_are_in_utc_where_they_name_no_zone(written: str, meant: datetime) -> None:
    source = source_of("sqlite:///x", None, written, None)
    assert source is not None
    assert source.as_of == meant


def test_options_that_ask_of_no_database_are_refused() -> None:
    with pytest.raises(DecisionsError, match="need --decisions"):
        source_of(None, None, None, "2026-03-01")
