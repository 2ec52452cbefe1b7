"""A database as a large hospital has it: twenty thousand open episodes with documents and suggestions.

Some hundred episodes of the shipped corpus go through the code that receives and suggests; their rows are
then copied in bulk, each copy with ids, dates and a site of its own.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from data.corpora import read_coded_documents, shipped_corpus
from data.episodes import CodedEpisode
from models.coder import Coder
from service.accounts import directory
from service.accounts.directory import new_id
from service.accounts.passwords import hash_password
from service.automation.tables import GateVerdict
from service.classifications.tables import CodeUseRow
from service.clock import SystemClock
from service.db import Database
from service.episodes import intake
from service.episodes.reading import model_episode
from service.episodes.schemas import EpisodeIn
from service.identity import Actor, UserRole
from service.schema import migrate
from service.tables import (
    Account,
    Base,
    DocumentRow,
    DocumentVersion,
    EpisodeRow,
    SuggestionLineRow,
    SuggestionRow,
)
from tests.load.simulated_coder import posted
from tests.service_fixtures import PASSWORD

EPISODES = 20_000
_DISTINCT = 200
_SITES = ("NORTH", "SOUTH", "EAST", "WEST", "DAY")
_DAYS = 40
_AT_ONCE = 200
_COPIED: tuple[type[Base], ...] = (
    EpisodeRow, DocumentRow, DocumentVersion, SuggestionRow, SuggestionLineRow, GateVerdict, CodeUseRow,
)  # fmt: skip
"""Parents first."""
_IDS = ("id", "episode_id", "document_id", "suggestion_id", "source_id")
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Coders:
    """Who signs in, all with one password."""

    usernames: tuple[str, ...]
    password: str = PASSWORD


def seed(db: Database, coder: Coder, *, coders: int, episodes: int = EPISODES) -> Coders:
    """Fills an empty database."""
    migrate(db)
    now = SystemClock().now()
    with db.write() as session:
        provider = directory.add_provider(session, "LOAD", "A hospital under load", at=now)
        operator = directory.operator(provider.id)
        usernames = _accounts(session, provider.id, coders, now)
        for gold in islice(_corpus(), min(_DISTINCT, episodes)):
            _receive(session, operator, coder, gold, now)
    with db.write() as session:
        _copy(session, episodes - min(_DISTINCT, episodes))
    return Coders(usernames)


def _accounts(session: Session, provider_id: str, coders: int, now: datetime) -> tuple[str, ...]:
    """Hashed once, because argon2 is slow on purpose."""
    hashed = hash_password(PASSWORD)
    names = tuple(f"coder-{number}" for number in range(coders))
    for name in names:
        session.add(
            Account(
                id=new_id(),
                provider_id=provider_id,
                username=name,
                name=name.title(),
                role=UserRole.CODER,
                password_hash=hashed,
                session_epoch=0,
                demonstration=False,
                created_at=now,
            )
        )
    session.flush()
    return names


def _corpus() -> Iterator[CodedEpisode]:
    for path in shipped_corpus():
        yield from read_coded_documents(path)


def _receive(session: Session, operator: Actor, coder: Coder, gold: CodedEpisode, now: datetime) -> None:
    sent = EpisodeIn.model_validate(posted(gold) | _circumstances(random.Random(gold.episode.id), now))
    documents = intake.merged_documents({}, sent, now)
    episode = model_episode(intake.merged_facts(None, operator, sent, now), documents)
    read = {sender_id: version.digest for sender_id, version in documents.items()}
    intake.receive(session, operator, sent, intake.Answered(read, coder.suggest(episode), None), at=now)
    session.flush()


def _circumstances(drawn: random.Random, now: datetime) -> _Row:
    ended = (now - timedelta(days=drawn.randrange(_DAYS))).date()
    dates = {"episode_end": ended.isoformat(), "spell_end": ended.isoformat()}
    start = (ended - timedelta(days=drawn.randrange(8))).isoformat()
    return {**dates, "spell_start": start, "birth_date": f"{drawn.randrange(1930, 2005)}-06-15",
            "site": drawn.choice(_SITES), "family_name": "Example", "given_name": "Patient"}  # fmt: skip


def _copy(session: Session, count: int) -> None:
    patterns = list(_patterns(session))
    drawn = random.Random(1)
    for first in range(0, count, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, count))
        copies = [_copied(patterns[number % len(patterns)], number, drawn) for number in numbers]
        for kind in _COPIED:
            rows = [row for copy in copies for row in copy[kind.__tablename__]]
            if rows:
                session.execute(insert(kind), rows)


def _patterns(session: Session) -> Iterator[Mapping[str, Sequence[_Row]]]:
    """The rows of each received episode, by table."""
    for episode_id in session.scalars(select(EpisodeRow.id)).all():
        yield {kind.__tablename__: _rows(session, kind, episode_id) for kind in _COPIED}


def _rows(session: Session, kind: type[Base], episode_id: str) -> list[_Row]:
    table = kind.__table__
    assert isinstance(table, Table)
    own = table.c.id if kind is EpisodeRow else table.c.episode_id
    return [dict(row) for row in session.execute(select(table).where(own == episode_id)).mappings()]


def _copied(
    pattern: Mapping[str, Sequence[_Row]], number: int, drawn: random.Random
) -> Mapping[str, list[_Row]]:
    """The same episode under other ids, ended on another day at another site."""
    ids: dict[str, str] = {}
    copy = {name: [_renamed(row, ids) for row in rows] for name, rows in pattern.items()}
    shift = timedelta(days=drawn.randrange(-3, 4))
    for row in copy[EpisodeRow.__tablename__]:
        row |= {"spell_number": f"LOAD{number:06d}", "site": drawn.choice(_SITES)}
        row |= {"due_date": row["due_date"] + shift, "episode_end": row["episode_end"] + shift}
    return copy


def _renamed(row: _Row, ids: dict[str, str]) -> _Row:
    renamed = {
        name: ids.setdefault(value, new_id()) if name in _IDS and isinstance(value, str) else value
        for name, value in row.items()
    }
    return {name: value for name, value in renamed.items() if name != "id" or isinstance(value, str)}
