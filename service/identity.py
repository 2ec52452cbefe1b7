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

LOCAL_TERM_EDITORS = (CODING_ROLES - {UserRole.TRAINEE}) | {UserRole.ENGINEER, UserRole.ADMIN}
"""Those who say what words mean at their provider."""

MESSAGE_MENDERS = frozenset({UserRole.MANAGER, UserRole.ADMIN})
"""Those who mend messages that could not be taken; they see what stands in them."""

EVERY_ROLE = frozenset(UserRole)
