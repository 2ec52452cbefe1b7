"""Failures on pages: the problem's own words in NHS dress. What was sent is never repeated."""

from urllib.parse import quote

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.errors import ServiceError, Unauthenticated
from service.workbench import rendering

_SYSTEMS = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json")
_PAGES = ("/worklist", "/episodes", "/administration", "/sign-in", "/sign-out", "/static")


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
    path = request.url.path
    page = path if request.method == "GET" else _page_of_form(path)
    address = "/sign-in" if page == "/" else f"/sign-in?next={quote(page, safe='/')}"
    if by_htmx(request):
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


def _page_of_form(path: str) -> str:
    """`/episodes/<id>` of `/episodes/<id>/decisions`."""
    parts = path.split("/")
    if parts[1] == "episodes":
        return "/".join(parts[:3])
    return "/administration" if parts[1] == "administration" else "/"


def _page(request: Request, error: ServiceError) -> HTMLResponse:
    return rendering.page(request, "failure.html", status=error.status, error=error)


def _notice(request: Request, error: ServiceError) -> HTMLResponse:
    """Goes to the place for notices, whatever the request wanted to replace."""
    answer = rendering.page(request, "failure_notice.html", status=error.status, error=error)
    answer.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    return answer
