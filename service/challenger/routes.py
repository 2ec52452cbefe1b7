"""`GET /v1/challenger/disagreements`: where the challenger in the shadow differs from the champion."""

import base64
import binascii
import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from service.challenger.store import Counts, Place, count, disagreements, newest_challenger
from service.challenger.tables import ChallengerRow
from service.deps import Engineer, Held
from service.episodes.schemas import ModelOut
from service.errors import Unprocessable
from service.problems import documented
from service.tables import SuggestionRow
from service.text_types import Answer

router = APIRouter(prefix="/v1/challenger", tags=["challenger"])


class CodeCountOut(Answer):
    code: str
    episodes: int


class CountsOut(Answer):
    """Of the newest thousand episodes that the challenger read."""

    episodes: int
    agree: int
    other_primary: int
    """Another primary diagnosis."""
    only_champion: tuple[CodeCountOut, ...]
    only_challenger: tuple[CodeCountOut, ...]


class DisagreementOut(Answer):
    """Codes only; the text stays with those who code."""

    episode: str
    suggestion: str
    champion: ModelOut
    challenger: ModelOut
    champion_primary: str | None
    challenger_primary: str | None
    only_champion: tuple[str, ...]
    only_challenger: tuple[str, ...]
    at: datetime


class DisagreementsAnswer(Answer):
    challenger: ModelOut | None
    """The one that answered last; None where none ever did."""
    counts: CountsOut | None
    disagreements: tuple[DisagreementOut, ...]
    next_cursor: str | None


@router.get("/disagreements", responses=documented(Unprocessable))
def get_disagreements(
    held: Held,
    actor: Engineer,
    *,
    cursor: Annotated[str | None, Query(max_length=100, pattern=r"^[A-Za-z0-9_=-]*$")] = None,
    limit: Annotated[int, Field(ge=1, le=200), Query()] = 50,
) -> DisagreementsAnswer:
    """Episodes for which the challenger suggests other codes than the champion did, the newest first."""
    before = _read_cursor(cursor) if cursor is not None else None
    with held.db.read() as session:
        model = newest_challenger(session, actor.provider_id)
        if model is None:
            return DisagreementsAnswer(challenger=None, counts=None, disagreements=(), next_cursor=None)
        found = disagreements(session, actor.provider_id, model.digest, before, limit + 1)
        return DisagreementsAnswer(
            challenger=ModelOut(name=model.name, version=model.version, digest=model.digest),
            counts=_counts(count(session, actor.provider_id, model.digest)),
            disagreements=tuple(_disagreement(*item) for item in found[:limit]),
            next_cursor=_cursor(found[limit - 1][0]) if len(found) > limit else None,
        )


def _counts(found: Counts) -> CountsOut:
    return CountsOut(
        episodes=found.episodes,
        agree=found.agree,
        other_primary=found.other_primary,
        only_champion=tuple(CodeCountOut(code=code, episodes=n) for code, n in found.only_champion),
        only_challenger=tuple(CodeCountOut(code=code, episodes=n) for code, n in found.only_challenger),
    )


def _disagreement(row: ChallengerRow, suggestion: SuggestionRow) -> DisagreementOut:
    return DisagreementOut(
        episode=row.episode_id,
        suggestion=suggestion.id,
        champion=ModelOut.model_validate(suggestion.model),
        challenger=ModelOut.model_validate(row.model),
        champion_primary=row.difference["primary"]["champion"],
        challenger_primary=row.difference["primary"]["challenger"],
        only_champion=tuple(row.difference["only_champion"]),
        only_challenger=tuple(row.difference["only_challenger"]),
        at=row.created_at,
    )


def _cursor(row: ChallengerRow) -> str:
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()} {row.id}".encode()).decode()


def _read_cursor(cursor: str) -> Place:
    try:
        at, _, row_id = base64.urlsafe_b64decode(cursor).decode("ascii").partition(" ")
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None:
            raise ValueError("without a zone")
        return instant, str(uuid.UUID(row_id))
    except (binascii.Error, ValueError):
        raise Unprocessable("the cursor is not one that this service gave") from None
