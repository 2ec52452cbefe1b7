"""`/healthz` alive, `/readyz` able to do everything (with reasons where not), `/metrics`, `/v1/models`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service.deps import Anyone, Held
from service.errors import ServiceError
from service.problems import documented
from service.text_types import Answer

router = APIRouter(tags=["operation"])


class Alive(Answer):
    status: str = "ok"


class Readiness(Answer):
    """Each part is `ok`, or says why not."""

    ready: bool
    database: str
    model: str


class ServingModelOut(Answer):
    name: str
    version: str
    digest: str
    tables: dict[str, str]


class ModelsAnswer(Answer):
    reference: str
    serving: ServingModelOut | None
    reason: str | None
    """Why none serves, or why a newer one could not be loaded."""


@router.get("/healthz")
async def healthz() -> Alive:
    """The process lives; touches neither database nor model, and waits for no thread."""
    return Alive()


def readiness(held: Held) -> Readiness:
    serving = held.suggester.holder.serving
    model = "ok" if serving.coder is not None else serving.reason
    try:
        held.db.check()
        database = "ok"
    except ServiceError as error:
        database = error.title()
    return Readiness(ready=database == model == "ok", database=database, model=model)


@router.get(
    "/readyz", responses={503: {"model": Readiness, "description": "Something is missing; it says what."}}
)
def readyz(state: Annotated[Readiness, Depends(readiness)], response: Response) -> Readiness:
    """Whether everything works. Without a model episodes are still accepted and coded by hand."""
    response.status_code = 200 if state.ready else 503
    return state


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics() -> Response:
    """Prometheus metrics; they hold no patient data. Keep them inside the network."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/models", responses=documented())
def get_models(held: Held, _actor: Anyone) -> ModelsAnswer:
    """The model that serves, and why not a newer one."""
    serving = held.suggester.holder.serving
    coder = serving.coder
    return ModelsAnswer(
        reference=held.settings.model_reference,
        serving=None
        if coder is None
        else ServingModelOut(
            name=coder.version.name,
            version=coder.version.version,
            digest=coder.version.digest,
            tables=dict(coder.tables),
        ),
        reason=serving.reason or None,
    )
