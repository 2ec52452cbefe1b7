"""Failures on pages: the problem's own words in NHS dress. What was sent is never repeated."""

from urllib.parse import quote

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.errors import ServiceError, Unauthenticated
from service.kept_forms.store import KEPT_MINUTES
from service.workbench import rendering

_SYSTEMS = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json")
_PAGES = (
    "/worklist",
    "/progress",
    "/episodes",
    "/administration",
    "/coding-settings",
    "/queries",
    "/practice",
    "/checking",
    "/my-checks",
    "/audits",
    "/clinicians",
    "/clinician-accounts",
    "/attributions",
    "/declarations",
    "/local-terms",
    "/session",
    "/kept",
    "/sign-in",
    "/sign-out",
    "/static",
)


def is_for_people(request: Request) -> bool:
    """Whether the answer is read by a person: pages are, interfaces for systems are not."""
    path = request.url.path
    if path.startswith(_SYSTEMS):
        return False
    return path == "/" or path.startswith(_PAGES) or "text/html" in request.headers.get("accept", "")


def failure_page(request: Request, error: ServiceError) -> Response | None:
    """The failure as a page, as a notice for htmx, or as the way to the sign-in page; None for systems."""
    if not is_for_people(request):
        return None
    if isinstance(error, Unauthenticated):
        return _to_sign_in(request)
    answer = _notice(request, error) if by_htmx(request) else _page(request, error)
    answer.headers.update({name: value for name, value in error.headers.items() if name != "ETag"})
    return answer


def by_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _to_sign_in(request: Request) -> Response:
    """Signed out: after signing in, back to the page. Of a form, its answer cannot be shown: its page can."""
    path, kept = request.url.path, getattr(request.state, "kept_form", None)
    page = path if request.method == "GET" else page_of_form(path)
    target = f"{page}?kept={kept}" if kept else page
    address = "/sign-in" if target == "/" else f"/sign-in?next={quote(target, safe='/')}"
    if by_htmx(request):
        return _ended(request, address, is_kept=kept is not None)
    return RedirectResponse(address, status_code=303)


def _ended(request: Request, address: str, *, is_kept: bool) -> HTMLResponse:
    """Beside the work that is still on the page: nothing of it is replaced."""
    answer = rendering.page(
        request, "session/ended.html", status=401, address=address, is_kept=is_kept, minutes=KEPT_MINUTES
    )
    answer.headers.update(_TO_NOTICES)
    return answer


def page_of_form(path: str) -> str:
    """`/episodes/<id>` of `/episodes/<id>/decisions`."""
    parts = path.split("/")
    length = _LENGTHS.get(parts[1], 0)
    return "/".join(parts[:length]) or "/"


_LENGTHS = {
    "episodes": 3, "audits": 3, "checking": 3, "queries": 3, "practice": 4, "local-terms": 2,
    "administration": 2,
}  # fmt: skip
"""How much of a form's address is the address of its page."""

_TO_NOTICES = {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"}


def _page(request: Request, error: ServiceError) -> HTMLResponse:
    return rendering.page(request, "failure.html", status=error.status, error=error)


def _notice(request: Request, error: ServiceError) -> HTMLResponse:
    """Goes to the place for notices, whatever the request wanted to replace."""
    answer = rendering.page(request, "failure_notice.html", status=error.status, error=error)
    answer.headers.update(_TO_NOTICES)
    return answer
