"""Styles, scripts and icons under `/static/<digest>/`: browsers keep them; a change has a new digest."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

FOLDER = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"


def install(app: FastAPI) -> None:
    app.mount("/static/{digest}", _KeptFiles(directory=FOLDER), name="static")


def address(path: str) -> str:
    """Where a page finds one of these files."""
    return f"/static/{digest()}/{path}"


@cache
def digest() -> str:
    """Of all files together, so that scripts and styles that belong together are fetched together."""
    running = hashlib.sha256()
    for path in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        running.update(path.relative_to(FOLDER).as_posix().encode() + path.read_bytes())
    return running.hexdigest()[:16]


class _KeptFiles(StaticFiles):
    """During a roll-out an old server may be asked for new files: what it answers must not be kept."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._check_method(scope)
        response: Response = await self.get_response(self.get_path(scope), scope)
        is_ours = scope["path_params"].get("digest") == digest()
        response.headers["cache-control"] = _FOR_EVER if is_ours else "no-cache"
        await response(scope, receive, send)

    @staticmethod
    def _check_method(scope: Scope) -> None:
        assert scope["type"] == "http"  # noqa: S101 (there are no web sockets here)
