"""A walk over every page of the workbench, found from the application's own routes and from links.

A page that is added is walked over without a word here, where a link leads to it or its address has no part
that is to be filled in. Where neither holds, `unreached` names the page: give `FILLED` a value for its part.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request

from service.identity import UserRole
from service.workbench.failures import is_for_people
from tests.api.test_roles import allowed_roles
from tests.page_client import PageClient
from tests.service_fixtures import Stage

FILLED: Mapping[str, tuple[str, ...]] = {
    "/codes/{name}": ("/codes/icd10", "/codes/opcs4"),
    "/codes/{name}/{code}": (
        "/codes/icd10/J440",
        "/codes/icd10/X",
        "/codes/icd10/J4477",
        "/codes/opcs4/G459",
    ),
}
"""Addresses of pages that are looked at beside those which links lead to."""
PEOPLE = tuple(role for role in UserRole if role is not UserRole.EPR)
_LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
_PART = re.compile(r"\{\w+(?::\w+)?\}")
_OF_ONE_PAGE = 3
"""Addresses of one page that are looked at; the rest is more of the same."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A page as somebody sees it."""

    page: str
    """As the route writes it: `/episodes/{episode_id}`."""
    address: str
    role: UserRole
    status: int
    html: str


@dataclass(slots=True)
class Tour:
    """Everything that one person can see."""

    stage: Stage
    role: UserRole
    provider: str = "a"
    more: Mapping[str, int] = field(default_factory=dict)
    """How many addresses of a page are looked at, where that is not the usual number."""
    stops: list[Stop] = field(default_factory=list)
    _waiting: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _counted: Counter[str] = field(default_factory=Counter)

    def walk(self) -> list[Stop]:
        """Pages without parts first, then where their links lead, and so on."""
        client = PageClient(self.stage)
        client.sign_in(f"{self.role}-{self.provider}")
        self._want(*(path for path in pages_of(self.stage, self.role) if not _PART.search(path)))
        self._want(*(address for page in FILLED.values() for address in page))
        while self._waiting:
            self._look(client, self._waiting.pop(0))
        return self.stops

    def _look(self, client: PageClient, address: str) -> None:
        page = page_of(self.stage, address, self.role)
        if page is None or self._counted[page] >= self.more.get(page, _OF_ONE_PAGE):
            return
        answer = client.get(address, accept="text/html")
        if answer.headers.get("location"):
            self._want(answer.headers["location"])
        elif answer.headers.get("content-type", "").startswith("text/html"):
            self._counted[page] += 1
            self.stops.append(Stop(page, address, self.role, answer.status_code, answer.text))
            self._want(*(unescape(link) for link in _LINK.findall(answer.text)))

    def _want(self, *addresses: str) -> None:
        for address in addresses:
            if address not in self._seen:
                self._seen.add(address)
                self._waiting.append(address)


def walk_all(stage: Stage, provider: str = "a", more: Mapping[str, int] | None = None) -> list[Stop]:
    """What everybody sees of a provider.

    Args:
        more: pages of which the first who sees them looks at so many.
    """
    stops: list[Stop] = []
    for role in PEOPLE:
        seen = {stop.page for stop in stops}
        left = {page: most for page, most in (more or {}).items() if page not in seen}
        stops += Tour(stage, role, provider, left).walk()
    return stops


def unreached(stage: Stage, stops: list[Stop]) -> list[str]:
    """Pages that nobody came to."""
    reached = {stop.page for stop in stops}
    every = {page for role in PEOPLE for page in pages_of(stage, role)}
    return sorted(every - reached - _lead_elsewhere(stage))


def _lead_elsewhere(stage: Stage) -> set[str]:
    """Addresses that answer everybody with the way to another page, or with no page at all."""
    found = set()
    for path in {page for role in PEOPLE for page in pages_of(stage, role) if not _PART.search(page)}:
        client = PageClient(stage)
        client.sign_in("manager-a")
        answer = client.get(path, accept="text/html")
        if not answer.headers.get("content-type", "").startswith("text/html"):
            found.add(path)
    return found


def pages_of(stage: Stage, role: UserRole) -> Iterator[str]:
    """Routes that answer a person of this role with a page."""
    for context in iter_route_contexts(stage.app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not route.include_in_schema:
            roles = allowed_roles(route.dependant)
            if (roles is None or role in roles) and _is_page(route.path):
                yield route.path


def page_of(stage: Stage, address: str, role: UserRole) -> str | None:
    """The route that answers this address; one without parts before one with them."""
    path = address.partition("?")[0]
    fitting = [page for page in pages_of(stage, role) if _pattern(page).fullmatch(path)]
    return min(fitting, key=lambda page: len(_PART.findall(page)), default=None)


def _pattern(page: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(part) for part in _PART.split(page)))


def _is_page(path: str) -> bool:
    headers = [(b"accept", b"text/html")]
    return is_for_people(Request({"type": "http", "path": path, "headers": headers, "method": "GET"}))
