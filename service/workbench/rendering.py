"""Pages from Jinja templates: every value escaped, the NHS macros at hand, the frame filled in."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader
from starlette.responses import HTMLResponse

from models.prediction import ModelVersion
from service.deps import Services
from service.identity import CODING_ROLES, LOCAL_TERM_EDITORS, MESSAGE_MENDERS, Actor, UserRole
from service.workbench import static_files, wording
from service.workbench.marks import exact

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

    @property
    def csrf_token(self) -> str:
        session_id = self.actor.session_id if self.actor else None
        return self._held.sessions.csrf_token(session_id) if session_id else ""

    @property
    def role(self) -> str:
        return wording.ROLES[self.actor.role] if self.actor else ""

    @property
    def may_code(self) -> bool:
        return self.actor is not None and self.actor.role in CODING_ROLES

    @property
    def may_administrate(self) -> bool:
        return self.actor is not None and self.actor.role is UserRole.ADMIN

    @property
    def may_mend_messages(self) -> bool:
        return self.actor is not None and self.actor.role in MESSAGE_MENDERS

    @property
    def may_see_local_terms(self) -> bool:
        return self.may_code or self.may_change_local_terms

    @property
    def may_change_local_terms(self) -> bool:
        return self.actor is not None and self.actor.role in LOCAL_TERM_EDITORS

    @property
    def demonstration(self) -> bool:
        return self._held.settings.demonstration

    @property
    def model(self) -> ModelVersion | None:
        """The model that serves; None means coding by hand."""
        coder = self._held.suggester.holder.serving.coder
        return coder.version if coder else None


@cache
def environment() -> Environment:
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(_TEMPLATES), PackageLoader("nhsuk_frontend_jinja")]),
        autoescape=True,
        undefined=ChainableUndefined,  # the NHS macros need it
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"static": static_files.address, "wording": wording}
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
