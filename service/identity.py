"""Who is asking: the one seam between a request and the person or system behind it.

Local accounts and API keys fill it today; OpenID Connect will fill it in a hospital.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fastapi import Request


class UserRole(StrEnum):
    EPR = "epr"
    CODER = "coder"
    TRAINEE = "trainee"
    AUDITOR = "auditor"
    MANAGER = "manager"
    CLINICIAN = "clinician"
    ENGINEER = "engineer"
    ADMIN = "admin"


class ActorKind(StrEnum):
    ACCOUNT = "account"
    KEY = "key"
    SYSTEM = "system"
    GATE = "gate"


@dataclass(frozen=True, slots=True)
class Actor:
    kind: ActorKind
    id: str
    name: str
    role: UserRole
    provider_id: str
    session_id: str | None = None
    """Set when the actor came by a cookie: such a request must carry a CSRF token to change anything."""


class IdentitySource(Protocol):
    def identify(self, request: Request) -> Actor | None:
        """The actor of this request, or None when this source knows nothing of it.

        Raises:
            Unauthenticated: credentials of this kind were sent and are not valid.
        """
        ...


CODING_ROLES = frozenset({UserRole.CODER, UserRole.TRAINEE, UserRole.AUDITOR, UserRole.MANAGER})
"""Those who decide on codes."""

AUDITING_ROLES = frozenset({UserRole.AUDITOR, UserRole.MANAGER})
"""Those who code an episode a second time, blind."""

CHECKING_ROLES = CODING_ROLES - {UserRole.TRAINEE}
"""Those who check the codings of trainees."""

QUERY_READERS = CODING_ROLES | {UserRole.CLINICIAN}
"""Those who put queries, and those who answer them."""

AUTOMATION_READERS = AUDITING_ROLES | {UserRole.ENGINEER, UserRole.ADMIN}
"""Those who see what is automated, and on what evidence."""

LOCAL_TERM_EDITORS = (CODING_ROLES - {UserRole.TRAINEE}) | {UserRole.ENGINEER, UserRole.ADMIN}
"""Those who say what words mean at their provider."""

MESSAGE_MENDERS = frozenset({UserRole.MANAGER, UserRole.ADMIN})
"""Those who mend messages that could not be taken; they see what stands in them."""

REGISTER_KEEPERS = frozenset({UserRole.MANAGER, UserRole.ADMIN})
"""Those who say which clinician may answer for what."""

DECLARERS = frozenset({UserRole.CLINICIAN, UserRole.MANAGER})
"""Clinicians who declare their work, and those who compare it with what is recorded."""

OUTGOING_READERS = frozenset({UserRole.MANAGER, UserRole.ENGINEER, UserRole.ADMIN})
"""Those who see what goes out, and replay it."""

DESTINATION_EDITORS = frozenset({UserRole.ENGINEER, UserRole.ADMIN})
"""Those who say where codings go."""

EVERY_ROLE = frozenset(UserRole)
