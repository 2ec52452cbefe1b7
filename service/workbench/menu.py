"""The menu of every page: what the reader's role may open, the most used first."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.identity import (
    AUDITING_ROLES,
    AUTOMATION_READERS,
    CHECKING_ROLES,
    CODING_ROLES,
    DECLARERS,
    EVERY_ROLE,
    LOCAL_TERM_EDITORS,
    MESSAGE_MENDERS,
    OUTGOING_READERS,
    QUERY_READERS,
    REGISTER_KEEPERS,
    Actor,
    UserRole,
)

_IN_SIGHT = 6
"""Places that fit beside name and account on a page 1366 wide; the rest are a step further."""

_MANAGER = frozenset({UserRole.MANAGER})


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the menu leads to."""

    path: str
    label: str
    roles: frozenset[UserRole]
    around: tuple[str, ...] = ()
    """Where further pages of the same place begin."""

    def current(self, path: str) -> str:
        """The value of `aria-current` on a page: empty elsewhere."""
        if path == self.path:
            return "page"
        return "true" if path.startswith((f"{self.path}/", *self.around)) else ""


@dataclass(frozen=True, slots=True)
class Link:
    path: str
    label: str
    current: str


@dataclass(frozen=True, slots=True)
class Menu:
    in_sight: tuple[Link, ...]
    more: tuple[Link, ...]


_PLACES = (
    Place("/worklist", "Worklist", CODING_ROLES, ("/episodes",)),
    Place("/checking", "Checks", CHECKING_ROLES),
    Place("/my-checks", "My checks", CODING_ROLES - CHECKING_ROLES),
    Place("/queries", "Queries", QUERY_READERS),
    Place("/audits", "Audits", AUDITING_ROLES),
    Place("/codes", "Codes", EVERY_ROLE),
    Place("/standards", "Standards", CODING_ROLES | LOCAL_TERM_EDITORS),
    Place("/declarations", "Declarations", DECLARERS),
    Place("/progress", "Progress", CODING_ROLES),
    Place("/practice", "Practice", CODING_ROLES),
    Place("/local-terms", "Local terms", CODING_ROLES | LOCAL_TERM_EDITORS),
    Place("/messages", "Messages", MESSAGE_MENDERS),
    Place("/outgoing", "Outgoing", OUTGOING_READERS),
    Place("/extracts", "Extracts", _MANAGER),
    Place("/clinicians", "Clinicians", REGISTER_KEEPERS),
    Place("/attributions", "Attributions", _MANAGER),
    Place("/clinician-accounts", "Clinician accounts", _MANAGER | {UserRole.ADMIN}),
    Place("/automation", "Automation", AUTOMATION_READERS),
    Place("/coding-settings", "Coding settings", _MANAGER),
    Place("/administration", "Administration", frozenset({UserRole.ADMIN})),
)


def menu_of(actor: Actor | None, path: str) -> Menu:
    """
    Args:
        path: of the page that is shown.
    """
    links = tuple(_links(actor, path))
    shown = len(links) if len(links) <= _IN_SIGHT + 1 else _IN_SIGHT
    return Menu(links[:shown], links[shown:])


def _links(actor: Actor | None, path: str) -> Iterator[Link]:
    for place in _PLACES:
        if actor is not None and actor.role in place.roles:
            yield Link(place.path, place.label, place.current(path))
