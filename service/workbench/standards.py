"""`/standards`: what the coding standards ask, to read and to search."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from data.standards import Severity
from service.deps import Held, StandardsReader
from service.standards.tallies import tallies
from service.standards.views import rule_view, rules_found
from service.workbench import rendering

router = APIRouter(prefix="/standards", include_in_schema=False)

_SHOWN = 60
"""Rules of a page; a narrower search finds the others."""


@router.get("")
def get_standards(
    request: Request,
    held: Held,
    actor: StandardsReader,
    query: Annotated[str, Query(max_length=100)] = "",
    severity: Annotated[str, Query(max_length=12)] = "",
) -> HTMLResponse:
    wanted = Severity(severity) if severity in set(Severity) else None
    with held.db.read() as session:
        in_force = held.tables.standards.of(session, actor.provider_id)
        counted = tallies(session, actor.provider_id)
    found = rules_found(in_force.edition, query, wanted)
    return rendering.page(
        request,
        "standards.html",
        edition=in_force.edition,
        rules=[rule_view(rule, counted) for rule in found[:_SHOWN]],
        found=len(found),
        query=query,
        severity=severity,
        severities=list(Severity),
    )
