"""What a route may ask for, as types in its signature. A route without an actor is public, visibly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    AUDITING_ROLES,
    AUTOMATION_READERS,
    CHECKING_ROLES,
    CODING_ROLES,
    DECLARERS,
    DESTINATION_EDITORS,
    EVERY_ROLE,
    LOCAL_TERM_EDITORS,
    MESSAGE_MENDERS,
    OUTGOING_READERS,
    QUERY_READERS,
    REGISTER_KEEPERS,
    Actor,
    IdentitySource,
    UserRole,
)
from service.kept_forms import store as kept_forms
from service.serving.suggester import Suggester
from service.sessions import Sessions
from service.standards.book import StandardsBook


@dataclass(frozen=True, slots=True)
class CodeTables:
    """The classification of each role, all by name, and the standards for coding with them."""

    by_role: Mapping[Role, Classification]
    standards: StandardsBook = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "standards", StandardsBook(self.by_role))

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
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return header
    fields = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    request.state.form = fields  # kept where the session has ended
    return header or fields.get("csrf_token", "")


def identified(request: Request, held: Held, token: Annotated[str, Depends(csrf_token)]) -> Actor:
    """The actor of the request.

    Raises:
        Unauthenticated: nobody, or credentials that are not valid.
        CsrfRejected: a change by cookie without the page's token.
    """
    actor = next(filter(None, (source.identify(request) for source in held.identity_sources)), None)
    if actor is None:
        at = held.clock.now()
        request.state.kept_form = kept_forms.keep(held.db, held.sessions, request, token, at=at)
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
OutgoingReader = Annotated[Actor, Depends(RoleGate(OUTGOING_READERS))]
DestinationEditor = Annotated[Actor, Depends(RoleGate(DESTINATION_EDITORS))]
Engineer = Annotated[Actor, Depends(RoleGate(frozenset({UserRole.ENGINEER})))]
BlindAuditor = Annotated[Actor, Depends(RoleGate(AUDITING_ROLES))]
AutomationReader = Annotated[Actor, Depends(RoleGate(AUTOMATION_READERS))]
Manager = Annotated[Actor, Depends(RoleGate(frozenset({UserRole.MANAGER})))]
StandardsReader = Annotated[Actor, Depends(RoleGate(SUGGESTERS | {UserRole.ADMIN, UserRole.CLINICIAN}))]
PolicyEditor = Annotated[Actor, Depends(RoleGate(frozenset({UserRole.MANAGER, UserRole.ADMIN})))]
Checker = Annotated[Actor, Depends(RoleGate(CHECKING_ROLES))]
Clinician = Annotated[Actor, Depends(RoleGate(frozenset({UserRole.CLINICIAN})))]
QueryReader = Annotated[Actor, Depends(RoleGate(QUERY_READERS))]
PeopleManager = Annotated[Actor, Depends(RoleGate(frozenset({UserRole.MANAGER, UserRole.ADMIN})))]
RegisterKeeper = Annotated[Actor, Depends(RoleGate(REGISTER_KEEPERS))]
Declarer = Annotated[Actor, Depends(RoleGate(DECLARERS))]
Admin = Annotated[Actor, Depends(RoleGate(frozenset({UserRole.ADMIN})))]

IdempotencyKey = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")] | None,
    Header(
        alias="Idempotency-Key",
        description="A replay with the same key and body is answered as the first time.",
    ),
]
"""Visible ASCII, up to 255 characters."""
