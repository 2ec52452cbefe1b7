"""Every route with every role of the own and of another provider, compared with docs/roles.md.

A route that has neither a role in its signature nor a place in PUBLIC fails here.
"""

import os
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from service.accounts import directory
from service.deps import RoleGate
from service.identity import UserRole
from tests.service_fixtures import Stage

PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/fhir/metadata"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
}
ROLES_PAGE = Path(__file__).parents[2] / "docs" / "roles.md"
FORM = {
    "kind": "claim",
    "version": "1",
    "q": "copd",
    "role": "diagnosis",
    "password": "a long new password",
    "reason": "no more",
}
QUERY = {"evidence": {"document": "ds", "start": 0, "end": 9}, "question": "What do these words mean?"}
INTRODUCTION = """# Roles

Who may call what, as the routes' signatures say; `tests/api/test_roles.py` compares each with its answers.
Another provider's rows are not found (404), whatever the role. "public" needs no sign-in.

"""


def routes(stage: Stage) -> Iterator[tuple[str, APIRoute]]:
    for context in iter_route_contexts(stage.app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield method, route


def allowed_roles(dependant: Dependant) -> frozenset[UserRole] | None:
    """The roles that the route's signature lets in; None for a public route."""
    if isinstance(dependant.call, RoleGate):
        return dependant.call.roles
    found = [roles for item in dependant.dependencies if (roles := allowed_roles(item)) is not None]
    return frozenset.intersection(*found) if found else None


def address(path: str, episode_id: str) -> str:
    with_ids = re.sub(r"\{episode_id\}", episode_id, path)
    return re.sub(
        r"\{name\}", "icd10", re.sub(r"\{code\}", "I10", re.sub(r"\{\w+(:path)?\}", "none", with_ids))
    )


def table_rows(stage: Stage) -> list[str]:
    """docs/roles.md, as it should be."""
    rows = ["| route | " + " | ".join(UserRole) + " |", "|---|" + "---|" * len(UserRole)]
    for method, route in sorted(routes(stage), key=lambda item: (item[1].path, item[0])):
        roles = allowed_roles(route.dependant)
        marks = ["public" if roles is None else "yes" if role in roles else "" for role in UserRole]
        rows.append(f"| `{method} {route.path}` | " + " | ".join(marks) + " |")
    return rows


def test_every_route_names_its_roles_or_is_listed_as_public(stage: Stage) -> None:
    public = {
        (method, route.path) for method, route in routes(stage) if allowed_roles(route.dependant) is None
    }
    assert public == PUBLIC


def test_roles_page_is_current(stage: Stage) -> None:
    """AUTOCODER_WRITE_DOCS=1 writes the page anew."""
    page = INTRODUCTION + "\n".join(table_rows(stage)) + "\n"
    if os.environ.get("AUTOCODER_WRITE_DOCS"):
        ROLES_PAGE.write_text(page)
    assert ROLES_PAGE.read_text() == page


def test_every_route_answers_every_role_of_both_providers_as_its_signature_says(stage: Stage) -> None:
    wrong = []
    episode: Any = stage.post_episode()
    for (method, route), role, provider in product(list(routes(stage)), UserRole, ("A", "B")):
        roles = allowed_roles(route.dependant)
        path = address(route.path, episode["id"])
        answer = stage.client.request(
            method, path, headers=stage.headers(role, provider), follow_redirects=False
        )
        refused = answer.status_code in (401, 403)
        if roles is not None and refused != (role not in roles):
            wrong.append((method, route.path, role, provider, answer.status_code))
    assert not wrong


def test_rows_of_another_provider_are_not_found_whatever_is_asked_of_them(stage: Stage) -> None:
    """Well-formed requests, so that nothing but the provider can be the reason."""
    episode: Any = stage.post_episode()
    rows = {"episode_id": episode["id"], "row_id": _row_of_provider_a(stage)}
    answered = {}
    for method, route in routes(stage):
        roles = allowed_roles(route.dependant)
        if roles is None or not re.search(r"\{(episode_id|row_id)\}", route.path):
            continue
        asking = (UserRole.ADMIN, UserRole.CODER, UserRole.MANAGER)
        role = next(one for one in asking if one in roles)
        path = route.path.format(**rows)
        body = QUERY if path.endswith("/queries") else {"kind": "claim"}
        sent: dict[str, Any] = {"json": body} if path.startswith("/v1/") else {"data": FORM}
        headers = stage.headers(role, "B") | {"If-Match": '"1"'}
        answer = stage.client.request(method, path, headers=headers, **(sent if method == "POST" else {}))
        answered[method, route.path] = answer.status_code
    assert len(answered) >= 9
    assert set(answered.values()) == {404}, answered


def _row_of_provider_a(stage: Stage) -> str:
    """An account and a key share no id; either must not be found."""
    with stage.services.db.read() as session:
        provider = directory.provider_by_code(session, "A")
        return directory.accounts_of(session, provider.id)[0].id


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Bearer ack_wrong", "Basic YTpi", "bearer ack_", "Bearer \xe9"],
)
def test_credentials_that_are_not_valid_are_answered_401(stage: Stage, header: str) -> None:
    headers = {b"Authorization": header.encode("latin-1")} if header else {}
    answer = stage.client.get("/v1/episodes", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_disabled_and_rotated_keys_stop_working_at_once(stage: Stage) -> None:
    with stage.services.db.write() as session:
        operator = directory.operator(directory.provider_by_code(session, "A").id)
        coder = directory.key_by_name(session, operator.provider_id, UserRole.CODER)
        auditor = directory.key_by_name(session, operator.provider_id, UserRole.AUDITOR)
        directory.disable_key(session, operator, coder.id, at=stage.clock.now())
        fresh = directory.rotate_key(session, operator, auditor.id, at=stage.clock.now())
    assert stage.client.get("/v1/episodes", headers=stage.headers()).status_code == 401
    assert stage.client.get("/v1/episodes", headers=stage.headers(UserRole.AUDITOR)).status_code == 401
    assert stage.client.get("/v1/episodes", headers={"Authorization": f"Bearer {fresh}"}).status_code == 200
