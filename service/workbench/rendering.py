"""Pages from Jinja templates: every value escaped, the NHS macros at hand, the frame filled in."""

from functools import cache, cached_property
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader
from starlette.responses import HTMLResponse

from models.prediction import ModelVersion
from service.deps import Services
from service.identity import (
    CODING_ROLES,
    LOCAL_TERM_EDITORS,
    Actor,
    UserRole,
)
from service.kept_forms.store import kept_form
from service.workbench import check_words, clinician_words, query_words, static_files, wording
from service.workbench.kept_words import KeptWork, kept_work
from service.workbench.keyboard import KEYS
from service.workbench.marks import exact
from service.workbench.menu import Menu, menu_of

_TEMPLATES = Path(__file__).parent / "templates"


def page(
    request: Request, template: str, *, status: int = 200, **context: Any
) -> HTMLResponse:  # values for the template
    """A page, or a part of one, with the frame of its reader."""
    frame = Frame(request)
    html = environment().get_template(template).render(frame=frame, **context)
    return HTMLResponse(html, status, headers={"vary": "HX-Request, HX-Target"})


class Frame:
    """What every page shows around its content, and what its forms need."""

    def __init__(self, request: Request) -> None:
        self._held: Services = request.app.state.services
        self.actor: Actor | None = getattr(request.state, "actor", None)
        self.path = request.url.path
        self._kept_id = request.query_params.get("kept", "") if request.method == "GET" else ""

    @cached_property
    def csrf_token(self) -> str:
        session_id = self.actor.session_id if self.actor else None
        return self._held.sessions.csrf_token(session_id) if session_id else ""

    @property
    def session_seconds(self) -> int:
        """Of quiet after which the session ends; 0 for who has none."""
        return self._held.sessions.idle_seconds if self.csrf_token else 0

    @property
    def kept(self) -> KeptWork | None:
        """What was sent when the session had ended, where the address names it."""
        if not self._kept_id or self.actor is None or not self.actor.session_id:
            return None
        with self._held.db.read() as session:
            row = kept_form(session, self.actor, self._kept_id, self._held.clock.now())
        return kept_work(row) if row else None

    @property
    def role(self) -> str:
        return wording.ROLES[self.actor.role] if self.actor else ""

    @cached_property
    def menu(self) -> Menu:
        return menu_of(self.actor, self.path)

    @property
    def may_code(self) -> bool:
        return self.actor is not None and self.actor.role in CODING_ROLES

    @property
    def may_change_local_terms(self) -> bool:
        return self.actor is not None and self.actor.role in LOCAL_TERM_EDITORS

    @property
    def may_settle_attributions(self) -> bool:
        return self.actor is not None and self.actor.role is UserRole.MANAGER

    @property
    def may_link_clinicians(self) -> bool:
        return self.actor is not None and self.actor.role in (UserRole.MANAGER, UserRole.ADMIN)

    @property
    def demonstration(self) -> bool:
        return self._held.settings.demonstration

    @property
    def model(self) -> ModelVersion | None:
        """The model that serves; None means coding by hand."""
        coder = self._held.suggester.holder.serving.coder
        return coder.version if coder else None


def warm() -> None:
    """Compiles every template: the first reader of a page would wait a third of a second for it."""
    for path in sorted(_TEMPLATES.rglob("*.html")):
        environment().get_template(path.relative_to(_TEMPLATES).as_posix())


@cache
def environment() -> Environment:
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(_TEMPLATES), PackageLoader("nhsuk_frontend_jinja")]),
        autoescape=True,
        auto_reload=False,  # looks at every file of a page each time; a new release is a new process
        undefined=ChainableUndefined,  # the NHS macros need it
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "static": static_files.address,
        "wording": wording,
        "query_words": query_words,
        "check_words": check_words,
        "clinician_words": clinician_words,
        "keys": KEYS,
    }
    made.filters |= {
        "day": wording.day,
        "clock_time": wording.clock_time,
        "percent": wording.percent,
        "likelihood": wording.likelihood,
        "title_of": wording.title_of,
        "treatment_function": wording.treatment_function,
        "exact": exact,
    }
    return made
