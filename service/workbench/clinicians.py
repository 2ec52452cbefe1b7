"""`/clinicians`: the register for managers: search, add, change, history, import, and the policy."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data.clinicians import ProfessionalBody, number_of
from service.clinicians import schemas as s
from service.clinicians import workflow
from service.clinicians.importing import COLUMNS
from service.clinicians.register import SAS_GRADES, Activity, Autonomy, Grade
from service.deps import Held, RegisterKeeper, Services
from service.errors import ServiceError, Unprocessable
from service.identity import Actor
from service.text_types import MAX_TEXT
from service.workbench import clinician_words, rendering
from service.workbench.decision_forms import Form
from service.workbench.episode import Submitted

router = APIRouter(prefix="/clinicians", include_in_schema=False)

Number = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{4,10}$")]
Words = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]
Cursor = Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")]
SCOPE_LINES = 4
_SHOWN = 100
_SCOPE = ("treatment_function", "site", "activity")
_FIELDS = (
    "name", "grade", "main_specialty", "autonomy", "policy", "starts", "ends", "signed_off_by",
    "signed_off_on", "account",
)  # fmt: skip


@router.get("")
def get_clinicians(
    request: Request, held: Held, actor: RegisterKeeper, q: Words = "", cursor: Cursor = None
) -> HTMLResponse:
    return _list(request, held, actor, words=q, cursor=cursor)


@router.post("")
def post_clinician(request: Request, held: Held, actor: RegisterKeeper, form: Submitted) -> Response:
    try:
        body, number = _who(form)
        workflow.put_clinician(held, actor, body, number, clinician_of(form))
    except Unprocessable as error:
        return _list(request, held, actor, error=error, form=form)
    return RedirectResponse(f"/clinicians/{body}/{number}", status_code=303)


@router.post("/import")
def post_import(request: Request, held: Held, actor: RegisterKeeper, form: Submitted) -> Response:
    text = form.get("text", "")
    try:
        if not text.strip() or len(text) > MAX_TEXT:
            raise Unprocessable("Paste the lines of a CSV file, with its header.")
        done = workflow.import_register(held, actor, text)
    except Unprocessable as error:
        return _list(request, held, actor, error=error, form=form, target="import-text")
    told = f"{done.added} added, {done.changed} changed, {done.unchanged} as they were."
    return _list(request, held, actor, told=told)


@router.post("/policies")
def post_policy(request: Request, held: Held, actor: RegisterKeeper, form: Submitted) -> Response:
    try:
        workflow.put_policy(held, actor, _policy_of(form))
    except Unprocessable as error:
        return _list(request, held, actor, error=error, form=form, target="policy-version")
    return RedirectResponse("/clinicians#policies", status_code=303)


@router.get("/{body}/{number}")
def get_clinician(
    request: Request, held: Held, actor: RegisterKeeper, body: ProfessionalBody, number: Number
) -> HTMLResponse:
    return _one(request, held, actor, body, number)


@router.post("/{body}/{number}")
def post_change(
    request: Request,
    held: Held,
    actor: RegisterKeeper,
    body: ProfessionalBody,
    number: Number,
    form: Submitted,
) -> Response:
    workflow.read_clinician(held, actor, body, number)  # a change is of somebody who is there
    try:
        workflow.put_clinician(held, actor, body, number, clinician_of(form))
    except Unprocessable as error:
        return _one(request, held, actor, body, number, error=error, form=form)
    return RedirectResponse(f"/clinicians/{body}/{number}", status_code=303)


def clinician_of(form: Form) -> s.ClinicianIn:
    """
    Raises:
        Unprocessable: in words for the page.
    """
    filled: dict[str, Any] = {name: form[name].strip() for name in _FIELDS if form.get(name, "").strip()}
    lines = [{name: form.get(f"{name}_{line}", "").strip() for name in _SCOPE} for line in range(SCOPE_LINES)]
    scope = [{name: value for name, value in line.items() if value} for line in lines]
    try:
        return s.ClinicianIn.model_validate({**filled, "scope": [line for line in scope if line]})
    except ValidationError as error:
        raise Unprocessable(clinician_words.problem_of(error)) from None


def form_of(entry: s.RegisterEntryOut) -> Form:
    """The form as it would be filled in to say the same again; of the dates, none."""
    filled = {
        "name": entry.name,
        "grade": entry.grade,
        "main_specialty": entry.main_specialty,
        "autonomy": entry.autonomy,
        "policy": entry.policy or "",
        "signed_off_by": entry.signed_off_by or "",
        "signed_off_on": entry.signed_off_on.isoformat() if entry.signed_off_on else "",
        "account": entry.account or "",
    }
    for number, line in enumerate(entry.scope[:SCOPE_LINES]):
        filled |= {f"{name}_{number}": getattr(line, name) or "" for name in _SCOPE}
    return filled


def _who(form: Form) -> tuple[ProfessionalBody, str]:
    try:
        body = ProfessionalBody(form.get("body", ""))
    except ValueError:
        raise Unprocessable("Choose the register that the number is of.") from None
    written = form.get("number", "")
    problem = s.number_problem(body, written)
    if problem:
        raise Unprocessable(f"{problem[:1].upper()}{problem[1:]}.")
    return body, number_of(body, written) or ""


def _policy_of(form: Form) -> s.AutonomyPolicyIn:
    filled: dict[str, Any] = {
        name: form[f"policy_{name}"].strip()
        for name in ("version", "starts", "ends")
        if form.get(f"policy_{name}", "").strip()
    }
    grades = [grade for grade in sorted(SAS_GRADES) if form.get(f"policy_{grade}")]
    sign_off = bool(form.get("policy_sign_off"))
    try:
        return s.AutonomyPolicyIn.model_validate({**filled, "grades": grades, "needs_sign_off": sign_off})
    except ValidationError as error:
        raise Unprocessable(clinician_words.problem_of(error)) from None


def _list(  # noqa: PLR0913 (what the page shows beside the list)
    request: Request,
    held: Services,
    actor: Actor,
    *,
    words: str = "",
    cursor: str | None = None,
    error: ServiceError | None = None,
    form: Form | None = None,
    target: str = "number",
    told: str = "",
) -> HTMLResponse:
    return rendering.page(
        request,
        "clinicians/list.html",
        status=error.status if error else 200,
        page=workflow.list_clinicians(held, actor, words, cursor, _SHOWN),
        policies=workflow.list_policies(held, actor).policies,
        words=words,
        error=error,
        target=target,
        told=told,
        form=form or {},
        columns=",".join(COLUMNS),
        choices=_choices(),
    )


def _one(  # noqa: PLR0913
    request: Request,
    held: Services,
    actor: Actor,
    body: ProfessionalBody,
    number: str,
    *,
    error: ServiceError | None = None,
    form: Form | None = None,
) -> HTMLResponse:
    history = workflow.read_clinician(held, actor, body, number)
    return rendering.page(
        request,
        "clinicians/one.html",
        status=error.status if error else 200,
        history=history,
        policies=workflow.list_policies(held, actor).policies,
        error=error,
        form=form if form is not None else form_of(history.entries[0]),
        choices=_choices(),
    )


def _choices() -> dict[str, Any]:
    return {
        "bodies": [(body, clinician_words.BODIES[body]) for body in ProfessionalBody],
        "grades": [(grade, clinician_words.GRADES[grade]) for grade in Grade],
        "autonomies": [(one, clinician_words.AUTONOMIES[one]) for one in Autonomy],
        "activities": [("", "Any"), *((one, clinician_words.ACTIVITIES[one]) for one in Activity)],
        "sas": [(grade, clinician_words.GRADES[grade]) for grade in sorted(SAS_GRADES)],
        "scope_lines": range(SCOPE_LINES),
        "words": clinician_words,
    }
