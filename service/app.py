"""The application: `create_app(settings)`. Nothing connects or reads a file before its lifespan begins."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from data.classifications import Classification, load_classification
from data.episodes import Role
from data.terms import term_book
from models.registry import CHALLENGER
from service import health, problems, workbench
from service.accounts import routes as account_pages
from service.accounts.sources import KeySource, SessionSource
from service.accounts.throttle import SignInThrottle
from service.automation import routes as automation
from service.challenger import routes as challenger
from service.challenger.shadow import Shadow
from service.classifications import routes as classifications
from service.clinicians import routes as clinicians
from service.clock import Clock, SystemClock
from service.config import Settings
from service.db import Database
from service.deps import CodeTables, Services
from service.episodes import routes as episodes
from service.episodes.backlog import Backlog
from service.errors import ServiceError
from service.extracts import routes as extracts
from service.local_terms import routes as local_terms
from service.local_terms.coders import LocalCoders
from service.messages import routes as messages
from service.messages.fhir import routes as fhir
from service.middleware import BodyLimit, RequestRecord, SecurityHeaders
from service.observability import configure_logging, log
from service.outgoing import routes as outgoing
from service.outgoing.delivery import Delivery
from service.queries import neutrality
from service.queries import routes as queries
from service.serving.holder import ModelHolder, ModelSource, RegistrySource, give_back_memory
from service.serving.suggester import Suggester
from service.sessions import Sessions
from service.standards import routes as standards
from service.suggestions import routes as suggestions
from service.workbench import failures, rendering

TAGS = [
    {"name": "suggestions", "description": "Codes for a text, without an episode."},
    {"name": "episodes", "description": "Episodes: received, read, listed, decided."},
    {"name": "classifications", "description": "Code tables and their search."},
    {"name": "local terms", "description": "What words mean at one provider."},
    {"name": "messages", "description": "HL7 v2 in, and the quarantine."},
    {"name": "fhir", "description": "Documents, messages and stays as FHIR; answers are FHIR too."},
    {"name": "queries", "description": "Questions to clinicians about words of a document."},
    {"name": "outgoing", "description": "Who is told of finalised codings, and what went to whom."},
    {"name": "extracts", "description": "Commissioning files for chosen dates."},
    {"name": "challenger", "description": "A second model beside the one that serves."},
    {"name": "audits", "description": "Blind second codings."},
    {"name": "automation", "description": "What is coded without a person, and on what evidence."},
    {"name": "standards", "description": "Coding standards and a provider's policy on them."},
    {"name": "clinicians", "description": "The register of clinicians and the policy on autonomous work."},
    {"name": "attributions", "description": "Who answers for an episode; likely misattributions."},
    {"name": "declarations", "description": "What clinicians declare, beside what is recorded."},
    {"name": "operation", "description": "Whether the service lives and is ready."},
]

_PATIENCE_SECONDS = 60.0
"""For a model, before pages are made ready without one."""
_QUIET_SECONDS = 1.0
"""Messages of one visit often come within less."""


def create_app(
    settings: Settings,
    *,
    model_source: ModelSource | None = None,
    challenger_source: ModelSource | None = None,
    clock: Clock | None = None,
) -> FastAPI:
    """
    Args:
        model_source: where models come from; the MLflow registry by default.
        challenger_source: where challengers come from; the same.

    Raises:
        InsecureSettings: the settings are not fit to serve with.
    """
    app = _application(settings)
    hold(app, settings, model_source=model_source, challenger_source=challenger_source, clock=clock)
    return app


def hold(
    app: FastAPI,
    settings: Settings,
    *,
    model_source: ModelSource | None = None,
    challenger_source: ModelSource | None = None,
    clock: Clock | None = None,
    db: Database | None = None,
) -> None:
    """Gives the application what its requests work on: database, model, clock, sessions.

    Args:
        db: the database of the settings, where it is open already.

    Raises:
        InsecureSettings: the settings are not fit to serve with.
    """
    held = services_of(settings.checked(), model_source, clock, db)
    app.state.services = held
    app.state.shadow = _shadow(held, challenger_source)
    app.state.sign_in_throttle = SignInThrottle()


def _application(settings: Settings) -> FastAPI:
    """Routes and what stands around them; nothing is held yet."""
    configure_logging()
    app = FastAPI(
        title="Hospital auto-coder",
        version="1",
        summary="Discharge summaries in; ICD-10 and OPCS-4 codes with evidence out.",
        docs_url=None,  # these pages load scripts from outside
        redoc_url=None,
        openapi_tags=TAGS,
        generate_unique_id_function=lambda route: route.name,  # what a generated client calls its methods
        lifespan=_lifespan,
    )
    # A request tries the routers in turn, a hundred routes in all: what is asked most comes first.
    app.include_router(suggestions.router)
    app.include_router(episodes.router)
    workbench.install(app)
    for router in (
        classifications.router,
        local_terms.router,
        messages.router,
        outgoing.destinations,
        outgoing.outgoing,
        extracts.router,
        fhir.router,
        challenger.router,
        automation.audits,
        automation.automation,
        standards.router,
        queries.router,
        *clinicians.routers,
        health.router,
    ):
        app.include_router(router)
    account_pages.install(app)
    problems.install(app, pages=_failure)
    _document(app)
    # Outermost last.
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(problems.Defects, pages=_failure)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestRecord)
    return app


def _failure(request: Request, error: ServiceError) -> Response | None:
    """In the form that the sender reads: FHIR, a page, or None for a problem."""
    return fhir.fhir_failure(request, error) or failures.failure_page(request, error)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    held: Services = app.state.services
    seconds = held.settings.model_poll_seconds / 2
    backlog = Backlog(held, interval_seconds=seconds, quiet_seconds=min(_QUIET_SECONDS, seconds))
    held.suggester.holder.start()
    backlog.start()
    shadow: Shadow = app.state.shadow
    shadow.start()
    warming = threading.Thread(target=_warm, args=(held,), name="warm", daemon=True)
    warming.start()
    delivering = asyncio.create_task(Delivery.of(held).run())
    log.info("service.started")
    yield
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    shadow.stop()
    backlog.stop()
    held.suggester.holder.stop()
    held.db.close()
    log.info("service.stopped")


def _warm(held: Services) -> None:
    """What first use makes ready, pages, an index or a vocabulary: not while a coder waits for it.

    After the model, so that not all at once take the memory that reading them needs.
    """
    rendering.warm()
    held.suggester.holder.wait_for_first(_PATIENCE_SECONDS)
    for table in held.tables.by_role.values():
        table.search("warm")
        term_book(table.name)
    neutrality.warm()
    give_back_memory()


def services_of(
    settings: Settings,
    model_source: ModelSource | None = None,
    clock: Clock | None = None,
    db: Database | None = None,
) -> Services:
    """Everything that is held; nothing is connected or loaded yet."""
    tables = load_tables(settings)
    db = db or Database(settings.database, busy_timeout_ms=settings.busy_timeout_ms)
    sessions = Sessions(
        settings.secret_key.get_secret_value(), idle_seconds=settings.session_idle_minutes * 60
    )
    source = model_source or RegistrySource(
        settings.tracking_uri, settings.model_reference, settings.model_cache_dir, tables
    )
    holder = ModelHolder(source, poll_seconds=settings.model_poll_seconds)
    code_tables = CodeTables(tables)
    suggester = Suggester(
        holder,
        slots=os.cpu_count() or 1,
        max_waiting=settings.max_predictions_waiting,
        localise=LocalCoders(db, code_tables).coder,
    )
    return Services(
        settings=settings,
        db=db,
        clock=clock or SystemClock(),
        tables=code_tables,
        suggester=suggester,
        sessions=sessions,
        identity_sources=(
            KeySource(db),
            SessionSource(db, sessions, demonstration=settings.demonstration),
        ),
    )


def _shadow(held: Services, source: ModelSource | None) -> Shadow:
    """The challenger of the name that serves, asked as often as the champion."""
    settings = held.settings
    name = settings.model_reference.partition("@")[0].partition("/")[0]
    registered = RegistrySource(
        settings.tracking_uri, f"{name}@{CHALLENGER}", settings.model_cache_dir, held.tables.by_role
    )
    return Shadow(
        held,
        source or registered,
        LocalCoders(held.db, held.tables),
        interval_seconds=settings.model_poll_seconds,
    )


def load_tables(settings: Settings) -> Mapping[Role, Classification]:
    """ICD-10 for diagnoses, OPCS-4 for procedures: imported tables where there are any, else what ships."""
    return {
        Role.DIAGNOSIS: load_classification("icd10", settings.tables_dir),
        Role.PROCEDURE: load_classification("opcs4", settings.tables_dir),
    }


def _document(app: FastAPI) -> None:
    """The OpenAPI document: our problems instead of FastAPI's own shape of 422, keys and cookies named."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes, tags=TAGS
    )
    schemas = document["components"]["schemas"]
    schemas["Problem"] = problems.PROBLEM_SCHEMA
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    _link(document)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _describe_operation(path, operation)
    return document


def _link(document: dict[str, Any]) -> None:
    """Says how one answer leads to the next request: posted, read, decided."""
    paths = document["paths"]
    read = paths["/v1/episodes/{episode_id}"]["get"]
    decide = paths["/v1/episodes/{episode_id}/decisions"]["post"]
    episode = {"episode_id": "$response.body#/id"}
    locked = episode | {"If-Match": "$response.header.ETag"}
    links = {
        "Read": {"operationId": read["operationId"], "parameters": episode},
        "Decide": {"operationId": decide["operationId"], "parameters": locked},
    }
    for status in ("200", "201"):
        paths["/v1/episodes"]["post"]["responses"][status]["links"] = links
    read["responses"]["200"]["links"] = {"Decide": links["Decide"]}


def _describe_operation(path: str, operation: dict[str, Any]) -> None:
    invalid = operation["responses"].get("422")
    if invalid is not None and set(invalid["content"]) <= {"application/json", problems.MEDIA_TYPE}:
        reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
        operation["responses"]["422"] = {
            "description": invalid["description"],
            "content": {problems.MEDIA_TYPE: reference},
        }
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "If-Match":  # to be without it has an answer of its own, 428
            parameter |= {"required": True, "schema": {"type": "string", "pattern": r'^"?[0-9]{1,9}"?$'}}
    if path.startswith("/v1/"):
        operation["security"] = [{"key": []}]
