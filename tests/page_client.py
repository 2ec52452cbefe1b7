"""A browser without script: keeps cookies, follows no redirect, fills in the hidden fields of a page."""

import re
from html import unescape
from typing import Any, cast

from starlette.testclient import TestClient

from tests.service_fixtures import PASSWORD, Stage

_INPUT = re.compile(r"<input\b[^>]*>")
_TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]*')
_ATTRIBUTE = re.compile(r'\b(name|value|type)="([^"]*)"')


class PageClient:
    def __init__(self, stage: Stage) -> None:
        self.client = TestClient(stage.app, raise_server_exceptions=False, follow_redirects=False)

    def get(self, address: str, **headers: str) -> Any:
        return self.client.get(address, headers=headers)

    def post(self, address: str, fields: dict[str, str], **headers: str) -> Any:
        return self.client.post(address, data=fields, headers=headers)

    def sign_in(self, username: str = "coder-a", password: str = PASSWORD, **fields: str) -> Any:
        return self.post("/sign-in", {"username": username, "password": password, **fields})

    def hidden_fields(self, address: str) -> dict[str, str]:
        """The fields that every form of an episode page carries."""
        page = self.get(address)
        assert page.status_code == 200, page.text
        wanted = ("csrf_token", "version", "decisions")
        return {name: value for name, value in hidden_fields(page.text) if name in wanted}


def without_tokens(html: str) -> str:
    """For tests of what a page does not say: a form's token is drawn, and its letters may spell a code."""
    return _TOKEN.sub("", html)


def hidden_fields(html: str) -> list[tuple[str, str]]:
    found = [dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(html)]
    return [
        (tag["name"], unescape(tag.get("value", "")))
        for tag in found
        if tag.get("type") == "hidden" and "name" in tag
    ]


BY_HTMX = {"HX-Request": "true", "HX-Target": "div#desk"}


class Desk:
    """Someone before the page of one episode."""

    def __init__(self, stage: Stage, username: str = "coder-a", episode: Any = None) -> None:
        self.stage = stage
        self.pages = PageClient(stage)
        self.pages.sign_in(username)
        self.episode = episode or cast("Any", stage.post_episode())
        self.address = f"/episodes/{self.episode['id']}"
        self.lines = {line["code"]: line["id"] for line in self.episode["suggestions"]["undecided"]}

    def fields(self) -> dict[str, str]:
        return self.pages.hidden_fields(self.address)

    def post(self, kind: str, **more: str) -> Any:
        """Named fields win over those of the page."""
        return self.pages.post(f"{self.address}/decisions", {**self.fields(), "kind": kind, **more})

    def post_by_htmx(self, kind: str, **more: str) -> Any:
        sent = {**self.fields(), "kind": kind, **more}
        return self.pages.post(f"{self.address}/decisions", sent, **BY_HTMX)

    def search(self, query: str, role: str = "diagnosis", **more: str) -> Any:
        sent = {**self.fields(), "role": role, "query": query, **more}
        return self.pages.post(f"{self.address}/search", sent, **BY_HTMX)

    def now(self) -> Any:
        return self.stage.client.get(f"/v1{self.address}", headers=self.stage.headers()).json()

    def standing(self, role: str = "diagnoses") -> list[str]:
        return [line["code"] for line in self.now()["coding"][role]]
