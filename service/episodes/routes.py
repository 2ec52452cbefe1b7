"""Episodes over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Query, Response
from pydantic import Field, StringConstraints

from service.coding.status import Status
from service.deps import Decider, Epr, Held, IdempotencyKey, Reader
from service.episodes import schemas as s
from service.episodes import workflow
from service.episodes.posted import PostedEpisode
from service.errors import (
    BadRequest,
    BodyTooLarge,
    Conflict,
    IllegalState,
    ModelUnavailable,
    NotFound,
    PreconditionRequired,
    StaleVersion,
    TooManyRequests,
    Unprocessable,
    UnsupportedMedia,
)
from service.problems import documented
from service.worklist.filters import Filters, View

router = APIRouter(prefix="/v1/episodes", tags=["episodes"])

EpisodeId = Annotated[
    str, Path(pattern=r"^[0-9a-f-]{36}$", description="The id that this service gave to the episode.")
]
IfMatch = Annotated[
    Annotated[str, StringConstraints(max_length=40, pattern=r"^[\x20-\x7e]*$")] | None,
    Header(alias="If-Match", description='The ETag of the episode that was decided on, for example "3".'),
]
ETAG_HEADER = {"ETag": {"description": "The episode's version.", "schema": {"type": "string"}}}
WRITE_ERRORS = documented(BadRequest, BodyTooLarge, UnsupportedMedia, Unprocessable)


@router.post(
    "",
    status_code=201,
    response_model=s.EpisodeOut,
    responses={
        **WRITE_ERRORS,
        200: {
            "model": s.EpisodeOut,
            "description": "Known already; brought up to date.",
            "headers": ETAG_HEADER,
        },
        201: {"description": "Stored.", "headers": ETAG_HEADER},
    },
)
def post_episode(
    held: Held, actor: Epr, episode: Annotated[PostedEpisode, Body()], idempotency_key: IdempotencyKey = None
) -> Response:
    """Stores an episode with its documents and answers with suggestions.

    The natural key (provider, spell number, episode number) makes a second post an update: a document with a
    known id is a new version, one with a new id is a further document. While no model can answer the episode
    is stored with `suggestions: null` and a reason, and suggested when it can.
    A PDF or RTF file (`data`, base64) may stand in place of the text: offsets count in what is taken from it.
    """
    return workflow.submit(held, actor, idempotency_key, episode.opened()).response()


@router.get("", responses=documented(Unprocessable))
def get_episodes(  # noqa: PLR0913 (each filter is a query parameter)
    held: Held,
    actor: Reader,
    *,
    status: Annotated[Status | None, Query()] = None,
    site: Annotated[s.SenderCode | None, Query()] = None,
    treatment_function: Annotated[s.SenderCode | None, Query()] = None,
    claimed_by_me: Annotated[bool, Query()] = False,
    cursor: Annotated[str | None, Query(max_length=100, pattern=r"^[A-Za-z0-9_=-]*$")] = None,
    limit: Annotated[int, Field(ge=1, le=200), Query()] = 50,
) -> s.EpisodePage:
    """Episodes by due date, earliest first. `next_cursor` leads to the next page."""
    view = View(status.value) if status else View.ALL
    filters = Filters(view, site or "", treatment_function or "", mine=claimed_by_me)
    return workflow.worklist(held, actor, filters, cursor, limit)


@router.get(
    "/{episode_id}",
    responses={
        **documented(NotFound, Conflict, Unprocessable),
        200: {"headers": ETAG_HEADER, "description": "The episode."},
    },
)
def get_episode(held: Held, actor: Reader, episode_id: EpisodeId, response: Response) -> s.EpisodeOut:
    """An episode with its documents, suggestions, decisions and the coding that stands."""
    episode = workflow.read(held, actor, episode_id)
    response.headers["ETag"] = f'"{episode.version}"'
    return episode


@router.post(
    "/{episode_id}/decisions",
    status_code=201,
    response_model=s.DecisionAnswer,
    responses={
        **WRITE_ERRORS,
        **documented(NotFound, Conflict, StaleVersion, PreconditionRequired),
        201: {"description": "Decided.", "headers": ETAG_HEADER},
    },
)
def post_decision(
    held: Held,
    actor: Decider,
    episode_id: EpisodeId,
    decision: Annotated[s.DecisionIn, Body()],
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Decides on a line, or on the episode. `If-Match` names the version that was decided on."""
    version = expected_version(if_match)
    return workflow.record_decision(held, actor, idempotency_key, episode_id, version, decision).response()


@router.post(
    "/{episode_id}/suggestions",
    responses={
        **documented(
            NotFound, IllegalState, StaleVersion, Unprocessable, PreconditionRequired, TooManyRequests,
            ModelUnavailable,
        ),
        200: {"headers": ETAG_HEADER, "description": "The episode with its new suggestions."},
    },
)  # fmt: skip
def post_episode_suggestions(
    held: Held, actor: Decider, episode_id: EpisodeId, response: Response, if_match: IfMatch = None
) -> s.EpisodeOut:
    """Suggests again with the model that serves now. Decisions stay as they are.

    For an episode that still is to be coded; `newer_model` says where it is worth while.
    """
    episode = workflow.suggest_again(held, actor, episode_id, expected_version(if_match))
    response.headers["ETag"] = f'"{episode.version}"'
    return episode


def expected_version(if_match: str | None) -> int:
    """
    Raises:
        PreconditionRequired: there is none.
        StaleVersion: it is not a version of ours.
    """
    if not if_match:
        raise PreconditionRequired
    digits = if_match.strip().removeprefix("W/").strip('"')  # a compressing proxy makes the ETag weak
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise StaleVersion("If-Match is not an ETag that this service gave")
    return int(digits)
