"""The application: `create_app(settings)`. Nothing connects or reads a file before its lifespan begins."""

import os
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from data.classifications import Classification, load_classification
from data.episodes import Role
from models.registry import CHALLENGER
from service import health, problems, workbench
from service.accounts import routes as account_pages
from service.accounts.sources import KeySource, SessionSource
from service.automation import routes as automation
from service.challenger import routes as challenger
from service.challenger.shadow import Shadow
from service.classifications import routes as classifications
from service.clock import Clock, SystemClock
from service.config import Settings
from service.db import Database
from service.deps import CodeTables, Services
from service.episodes import routes as episodes
from service.episodes.backlog import Backlog
from service.local_terms import routes as local_terms
from service.local_terms.coders import LocalCoders
from service.messages import routes as messages
from service.middleware import BodyLimit, RequestRecord, SecurityHeaders
from service.observability import configure_logging, log
from service.serving.holder import ModelHolder, ModelSource, RegistrySource
from service.serving.suggester import Suggester
from service.sessions import Sessions
from service.standards import routes as standards
from service.suggestions import routes as suggestions
from service.workbench import failures


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
    configure_logging()
    held = _services(settings.checked(), model_source, clock or SystemClock())
    app = FastAPI(
        title="Hospital auto-coder",
        version="1",
        summary="Discharge summaries in; ICD-10 and OPCS-4 codes with evidence out.",
        docs_url=None,  # these pages load scripts from outside
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.services = held
    app.state.shadow = _shadow(held, challenger_source)
    for router in (
        suggestions.router,
        episodes.router,
        classifications.router,
        local_terms.router,
        messages.router,
        challenger.router,
        automation.audits,
        automation.automation,
        standards.router,
        health.router,
    ):
        app.include_router(router)
    workbench.install(app)
    account_pages.install(app)
    problems.install(app, pages=failures.failure_page)
    _document(app)
    # Outermost last.
    app.add_middleware(BodyLimit, max_bytes=held.settings.max_body_bytes)
    app.add_middleware(problems.Defects, pages=failures.failure_page)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestRecord)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    held: Services = app.state.services
    backlog = Backlog(held, interval_seconds=held.settings.model_poll_seconds / 2)
    held.suggester.holder.start()
    backlog.start()
    shadow: Shadow = app.state.shadow
    shadow.start()
    warming = threading.Thread(target=_warm_search, args=(held.tables,), name="warm-search", daemon=True)
    warming.start()
    log.info("service.started")
    yield
    shadow.stop()
    backlog.stop()
    held.suggester.holder.stop()
    held.db.close()
    log.info("service.stopped")


def _warm_search(tables: CodeTables) -> None:
    """The first search builds an index: not while a coder waits for it."""
    for table in tables.by_role.values():
        table.search("warm")


def _services(settings: Settings, model_source: ModelSource | None, clock: Clock) -> Services:
    tables = load_tables(settings)
    db = Database(settings.database, busy_timeout_ms=settings.busy_timeout_ms)
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
        clock=clock,
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
    document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
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
