"""`/v1/episodes/<id>/queries` and `/v1/queries`: asked by coders, answered by clinicians."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response

from service.deps import Clinician, Decider, Held, IdempotencyKey, QueryReader
from service.episodes.routes import ETAG_HEADER, WRITE_ERRORS, EpisodeId, IfMatch, expected_version
from service.errors import Conflict, NotFound, PreconditionRequired, StaleVersion, Unprocessable
from service.problems import documented
from service.queries import schemas as s
from service.queries import workflow

router = APIRouter(prefix="/v1", tags=["queries"])

QueryId = Annotated[
    str, Path(pattern=r"^[0-9a-f-]{36}$", description="The id that this service gave to the query.")
]


@router.post(
    "/episodes/{episode_id}/queries",
    status_code=201,
    response_model=s.QueryOut,
    responses={
        **WRITE_ERRORS,
        **documented(NotFound, Conflict, StaleVersion, PreconditionRequired),
        201: {"description": "Put; the episode is on hold.", "headers": ETAG_HEADER},
    },
)
def post_query(
    held: Held,
    actor: Decider,
    episode_id: EpisodeId,
    query: Annotated[s.QueryIn, Body()],
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Asks a clinician about words of a document; the episode waits for the answer.

    A question that could lead the clinician is refused with its `concerns`, unless `confirmed` is sent.
    """
    version = expected_version(if_match)
    return workflow.post_query(held, actor, idempotency_key, episode_id, version, query).response()


@router.get("/episodes/{episode_id}/queries", responses=documented(NotFound, Unprocessable))
def get_queries_of_episode(held: Held, actor: Decider, episode_id: EpisodeId) -> s.QueryPage:
    """The queries of an episode, the oldest first."""
    return workflow.listed(held, actor, None, episode_id)


@router.get("/queries", responses=documented(Unprocessable))
def get_queries(
    held: Held, actor: QueryReader, status: Annotated[s.QueryStatus | None, Query()] = None
) -> s.QueryPage:
    """For coders every query of the provider; for a clinician those that are put to them. At most 200."""
    return workflow.listed(held, actor, status)


@router.get("/queries/{query_id}", responses=documented(NotFound, Unprocessable))
def get_query(held: Held, actor: QueryReader, query_id: QueryId) -> s.QueryOut:
    """A query with its answer, where there is one."""
    return workflow.read(held, actor, query_id)


@router.post(
    "/queries/{query_id}/answer",
    status_code=201,
    response_model=s.QueryOut,
    responses={**WRITE_ERRORS, **documented(NotFound, Conflict)},
)
def post_answer(
    held: Held,
    actor: Clinician,
    query_id: QueryId,
    answer: Annotated[s.AnswerIn, Body()],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Answers a query. The answer becomes a document of the episode, whose words may be evidence."""
    return workflow.post_answer(held, actor, idempotency_key, query_id, answer).response()


@router.post("/queries/{query_id}/withdraw", responses=documented(NotFound, Conflict, Unprocessable))
def post_withdraw(held: Held, actor: Decider, query_id: QueryId) -> s.QueryOut:
    """Asks no more; an episode that waited for nothing else comes back."""
    return workflow.withdraw(held, actor, query_id)
