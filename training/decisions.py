"""Reads finalised codings from the service's database, by its views: the only seam between the two.

`training` never imports `service`. What it relies on are the columns of four views, named by the row types of
training/decided.py and checked on both sides by tests/contract/test_coded_document.py.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from data.corpora import coded_document_json
from data.episodes import CodedEpisode, Role
from training.decided import CodingRow, Decided, LineRow, SpanRow, TextRow, decided, patients_of
from training.display import Watch
from training.errors import DecisionsError
from training.exposure import Audited, Correction, Exposed, Offer, estimate
from training.service_views import connected, read_rows, utc

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, TableClause

AUDITS = "coded_document_audit"
"""There only once the service holds blind audits."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row of `coded_document_audit`: a code of an episode that was coded again, blind."""

    contract: int
    provider: str
    episode: str
    role: str
    code: str
    confidence: float | None
    """None where the model did not have the code."""
    shown: int
    given: int
    blind: int
    weight: float
    """One over the chance of the episode to be drawn."""
    audited_at: datetime


@dataclass(frozen=True, slots=True)
class DecisionSource:
    """Which decisions to read. The URL may hold a password: it is shown only without it."""

    url: str
    provider: str | None = None
    as_of: datetime | None = None
    """What was finalised by then and stood then; later decisions do not count."""
    since: datetime | None = None
    """Only what was finalised at that instant or later."""

    @property
    def settings(self) -> dict[str, str]:
        given = {"provider": self.provider, "as_of": _instant(self.as_of), "since": _instant(self.since)}
        return {name: value for name, value in given.items() if value is not None}


def source_of(
    url: str | None, provider: str | None, as_of: str | None, since: str | None
) -> DecisionSource | None:
    """From the options of a command.

    Raises:
        DecisionsError: an instant is none, or something is asked of no database.
    """
    if url is None:
        if provider or as_of or since:
            raise DecisionsError("--provider, --as-of and --since need --decisions")
        return None
    return DecisionSource(url, provider, _parsed("--as-of", as_of), _parsed("--since", since))


def _parsed(option: str, written: str | None) -> datetime | None:
    """A date or time without a zone is in UTC."""
    try:
        return utc(datetime.fromisoformat(written)) if written else None
    except ValueError:
        raise DecisionsError(f"{option}: {written!r} is no instant such as 2026-03-01T12:00Z") from None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was read."""

    decided: tuple[Decided, ...]
    correction: Correction | None
    left_out: int
    """Codings whose text was erased or withdrawn since."""
    source: DecisionSource

    @property
    def episodes(self) -> tuple[CodedEpisode, ...]:
        return tuple(one.gold for one in self.decided)

    @property
    def latest(self) -> datetime | None:
        return max((one.finalised_at for one in self.decided), default=None)

    @property
    def digest(self) -> str:
        """sha256 of all that was read of the codings."""
        lines = (json.dumps(_content(one), ensure_ascii=False, sort_keys=True) for one in self.decided)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def exposed(self) -> dict[str, Exposed]:
        """By episode; empty where no audit says what the decisions are worth."""
        if self.correction is None:
            return {}
        return {one.gold.episode.id: Exposed(one.offers, self.correction) for one in self.decided}

    def provenance(self) -> dict[str, Any]:
        """For the manifest and MLflow."""
        return {
            **self.source.settings,
            "digest": self.digest,
            "episodes": len(self.decided),
            "left_out": self.left_out,
            "audited_episodes": self.correction.episodes if self.correction else 0,
            "latest": _instant(self.latest),
        }


def read_decisions(source: DecisionSource, watch: Watch) -> Decisions:
    """
    Raises:
        DecisionsError: the database cannot be read, or holds other views than these.
    """
    with connected(source.url) as connection:
        codings = read_rows(connection, CodingRow, "coded_document", lambda view: _wanted(view, source))
        texts = _by(read_rows(connection, TextRow, "coded_document_text", _of(codings, "episode")), "episode")
        lines = _by(read_rows(connection, LineRow, "coded_document_line", _of(codings, "coding")), "coding")
        spans = read_rows(connection, SpanRow, "coded_document_evidence", _of(codings, "episode"))
        audits = _audits(connection, source)
    spans_by = {episode: _by(found, "line") for episode, found in _by(spans, "episode").items()}
    patients = patients_of(codings)
    found = []
    codings = sorted(codings, key=lambda row: (row.finalised_at, row.coding))
    for place, row in enumerate(codings, start=1):
        found.append(
            decided(
                row,
                texts[row.episode],
                lines[row.coding],
                spans_by.get(row.episode, {}),
                patients[row.coding],
            )
        )
        watch("Reading decisions", place, len(codings))
    kept = tuple(one for one in found if one is not None)
    return Decisions(kept, estimate(audits), len(found) - len(kept), source)


def _wanted(view: "TableClause", source: DecisionSource) -> "Select[Any]":
    """What stood at that instant; a coding that was reopened does not stand until it is finalised again."""
    from sqlalchemy import or_, select

    query = select(view)
    reopened, finalised = view.c.reopened_at, view.c.finalised_at
    if source.as_of is None:
        query = query.where(reopened.is_(None))
    else:
        query = query.where(finalised <= utc(source.as_of))
        query = query.where(or_(reopened.is_(None), reopened > utc(source.as_of)))
    if source.since is not None:
        query = query.where(finalised >= utc(source.since))
    if source.provider is not None:
        query = query.where(view.c.provider == source.provider)
    return query


_AT_ONCE = 500
"""Values that one query names; SQLite takes 32,766 at most."""


def _of(codings: Sequence[CodingRow], key: str) -> "Callable[[TableClause], list[Select[Any]]]":
    from sqlalchemy import select

    wanted = sorted({getattr(row, key) for row in codings})
    parts = [wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE)]
    return lambda view: [select(view).where(view.c[key].in_(part)) for part in parts]


def _audits(connection: "Connection", source: DecisionSource) -> list[Audited]:
    from sqlalchemy import inspect, select

    if AUDITS not in inspect(connection).get_view_names():
        return []

    def wanted(view: "TableClause") -> "Select[Any]":
        query = select(view)
        if source.provider is not None:
            query = query.where(view.c.provider == source.provider)
        return query if source.as_of is None else query.where(view.c.audited_at <= utc(source.as_of))

    return [_audited(row) for row in read_rows(connection, AuditRow, AUDITS, wanted)]


def _audited(row: AuditRow) -> Audited:
    offer = None if row.confidence is None else Offer(bool(row.shown), row.confidence)
    return Audited(row.episode, Role(row.role), offer, bool(row.given), bool(row.blind), row.weight)


def _by(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[getattr(row, key)].append(row)
    return grouped


def _content(one: Decided) -> dict[str, Any]:
    offers = sorted((role, code, offer.shown, offer.confidence) for (role, code), offer in one.offers.items())
    finalised = one.finalised_at.isoformat()
    return {"gold": coded_document_json(one.gold), "offers": offers, "finalised_at": finalised}


def _instant(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
