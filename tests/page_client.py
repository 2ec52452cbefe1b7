"""A browser without script: keeps cookies, follows no redirect, fills in the hidden fields of a page."""

import re
from html import unescape
from typing import Any

from starlette.testclient import TestClient

from tests.service_fixtures import PASSWORD, Stage

_INPUT = re.compile(r"<input\b[^>]*>")
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


def hidden_fields(html: str) -> list[tuple[str, str]]:
    found = [dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(html)]
    return [
        (tag["name"], unescape(tag.get("value", "")))
        for tag in found
        if tag.get("type") == "hidden" and "name" in tag
    ]
