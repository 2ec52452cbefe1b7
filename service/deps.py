"""What a route may ask for, as types in its signature. A route without an actor is public, visibly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import StringConstraints

from data.classifications import Classification
from data.episodes import Role
from service.clock import Clock
from service.config import Settings
from service.db import Database
from service.errors import CsrfRejected, Forbidden, Unauthenticated
from service.identity import (
    CODING_ROLES,
    EVERY_ROLE,
    LOCAL_TERM_EDITORS,
    MESSAGE_MENDERS,
    Actor,
    IdentitySource,
    UserRole,
)
from service.serving.suggester import Suggester
from service.sessions import Sessions


@dataclass(frozen=True, slots=True)
class CodeTables:
    """The classification of each role, and all by name."""

    by_role: Mapping[Role, Classification]

    @property
    def by_name(self) -> Mapping[str, Classification]:
        return {table.name: table for table in self.by_role.values()}

    @property
    def editions(self) -> dict[str, str]:
        return {table.name: table.edition for table in self.by_role.values()}


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that an application holds; made once, in create_app."""

    settings: Settings
    db: Database
    clock: Clock
    tables: CodeTables
    suggester: Suggester
    sessions: Sessions
    identity_sources: Sequence[IdentitySource]


async def services(request: Request) -> Services:  # async: FastAPI would go to a thread for it
    held: Services = request.app.state.services
    return held


Held = Annotated[Services, Depends(services)]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def csrf_token(request: Request) -> str:
    """The page's token: a header where script sent the request, a field where the browser sent a form."""
    header = request.headers.get("x-csrf-token", "")
    if header or not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return header
    field = (await request.form()).get("csrf_token", "")
    return field if isinstance(field, str) else ""


def identified(request: Request, held: Held, token: Annotated[str, Depends(csrf_token)]) -> Actor:
    """The actor of the request.

    Raises:
        Unauthenticated: nobody, or credentials that are not valid.
        CsrfRejected: a change by cookie without the page's token.
    """
    actor = next(filter(None, (source.identify(request) for source in held.identity_sources)), None)
    if actor is None:
        raise Unauthenticated
    by_cookie = actor.session_id is not None and request.method not in _SAFE_METHODS
    if by_cookie and not held.sessions.csrf_holds(actor.session_id or "", token):
        raise CsrfRejected
    request.state.actor = actor  # pages show who is signed in, failures too
    return actor


class RoleGate:
    """Lets the given roles in. Its `roles` are read by the test that walks every route with every role."""

    def __init__(self, roles: frozenset[UserRole]) -> None:
        self.roles = roles

    async def __call__(self, actor: Annotated[Actor, Depends(identified)]) -> Actor:
        if actor.role not in self.roles:
            raise Forbidden
        return actor


READERS = CODING_ROLES | {UserRole.EPR}
SUGGESTERS = READERS | {UserRole.ENGINEER}

Anyone = Annotated[Actor, Depends(RoleGate(EVERY_ROLE))]
Epr = Annotated[Actor, Depends(RoleGate(frozenset({UserRole.EPR})))]
Reader = Annotated[Actor, Depends(RoleGate(READERS))]
Decider = Annotated[Actor, Depends(RoleGate(CODING_ROLES))]
SuggestionAsker = Annotated[Actor, Depends(RoleGate(SUGGESTERS))]
LocalTermReader = Annotated[Actor, Depends(RoleGate(CODING_ROLES | {UserRole.ENGINEER, UserRole.ADMIN}))]
LocalTermEditor = Annotated[Actor, Depends(RoleGate(LOCAL_TERM_EDITORS))]
MessageMender = Annotated[Actor, Depends(RoleGate(MESSAGE_MENDERS))]
Engineer = Annotated[Actor, Depends(RoleGate(frozenset({UserRole.ENGINEER})))]
Admin = Annotated[Actor, Depends(RoleGate(frozenset({UserRole.ADMIN})))]

IdempotencyKey = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")] | None,
    Header(
        alias="Idempotency-Key",
        description="A replay with the same key and body is answered as the first time.",
    ),
]
"""Visible ASCII, up to 255 characters."""
