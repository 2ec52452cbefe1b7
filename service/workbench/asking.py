"""`/episodes/<id>/queries/new`: where a coder words a query about selected, or typed, words of a document."""

import hashlib
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.deps import Decider, Held, Services
from service.episodes import schemas as episode_schemas
from service.episodes import workflow as episodes
from service.episodes.routes import EpisodeId
from service.errors import Conflict, LeadingQuestion, ServiceError, SpanMismatch, StaleVersion, Unprocessable
from service.identity import Actor
from service.queries import schemas as s
from service.queries import workflow
from service.queries.neutrality import TEMPLATES
from service.queries.store import answers_for
from service.workbench import decision_forms, query_words, rendering
from service.workbench.decision_forms import Form
from service.workbench.desk import document_label
from service.workbench.episode import Submitted
from service.workbench.failures import by_htmx
from service.workbench.marks import Mark, MarkKind, pieces

router = APIRouter(prefix="/episodes/{episode_id}/queries", include_in_schema=False)

_TOLD_ON_PAGE = (Conflict, StaleVersion, Unprocessable)
Place = Annotated[int, Query(ge=0, le=1_000_000)]
Rule = Annotated[str, Query(max_length=64, pattern=r"^[a-z0-9-]*$")]


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the form."""

    evidence: episode_schemas.EvidenceIn | None
    words: str
    typed: str
    question: str
    options: str
    to: str


@router.get("/new")
def get_new(  # noqa: PLR0913 (a place in a document, as numbers: no words stand in an address)
    request: Request,
    held: Held,
    actor: Decider,
    episode_id: EpisodeId,
    *,
    document: Place = 0,
    start: Place = 0,
    end: Place = 0,
    rule: Rule = "",
) -> HTMLResponse:
    """Args: document: number of the document, from 1. rule: of the finding whose question is proposed."""
    episode = episodes.read(held, actor, episode_id)
    finding = next((one for one in episode.findings if rule and one.rule == rule), None)
    evidence = _place(episode, document, start, end)
    words = _words(episode, evidence)
    question = finding.query if finding else ""
    return _page(request, held, actor, episode, Asked(evidence, words, "", question, "", "clinician"))


@router.post("/place")
def post_place(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    """From the words that were selected on the page of the episode to the page that asks about them."""
    episode = episodes.read(held, actor, episode_id)
    address = f"/episodes/{episode_id}/queries/new"
    try:
        evidence = decision_forms.evidence_of(form, decision_forms.texts_shown(episode))
    except SpanMismatch:
        evidence = None
    if evidence is not None:
        number = next(n for n, d in enumerate(episode.documents, 1) if d.id == evidence.document)
        address += f"?document={number}&start={evidence.start}&end={evidence.end}"
    if by_htmx(request):
        return Response(headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


@router.post("")
def post_query(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    episode = episodes.read(held, actor, episode_id)
    try:
        query = _query(form, episode)
        version = decision_forms.version_of(form)
        key = hashlib.sha256(f"{episode_id} {version} {query.model_dump_json()}".encode()).hexdigest()
        workflow.post_query(held, actor, f"page-{key}", episode_id, version, query)
    except _TOLD_ON_PAGE as error:
        now = episodes.read(held, actor, episode_id)
        return _page(request, held, actor, now, _as_typed(form, now), error)
    return RedirectResponse(f"/episodes/{episode_id}", status_code=303)


@router.post("/template")
def post_template(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> HTMLResponse:
    """The form with a neutral question in it; what was typed elsewhere stays."""
    episode = episodes.read(held, actor, episode_id)
    asked = _as_typed(form, episode)
    wanted = (one for one in TEMPLATES if one.name == form.get("template"))
    template = next(wanted, None)
    if template is not None:
        asked = replace(asked, question=template.question, options="\n".join(template.options))
    return _page(request, held, actor, episode, asked)


def _query(form: Form, episode: episode_schemas.EpisodeOut) -> s.QueryIn:
    evidence = decision_forms.evidence_of(form, decision_forms.texts_shown(episode)) or _typed(form, episode)
    if evidence is None:
        raise SpanMismatch("Select the words that you ask about, or type them as they stand in a document.")
    options = tuple(filter(None, (line.strip() for line in form.get("options", "").splitlines())))
    fields = {
        "evidence": evidence,
        "question": form.get("question", "").strip(),
        "options": options,
        "to": form.get("to", s.Addressee.CLINICIAN),
        "confirmed": form.get("confirmed") == "true",
    }
    try:
        return s.QueryIn.model_validate(fields)
    except ValidationError:
        raise Unprocessable(
            "Give a question of up to 1,000 characters and at most 6 answers of up to 200 characters."
        ) from None


def _typed(form: Form, episode: episode_schemas.EpisodeOut) -> episode_schemas.EvidenceIn | None:
    """The first place of words that were typed."""
    words = " ".join(form.get("words", "").split())
    if not words:
        return None
    found = query_words.place_of(words, [(d.id, d.version, d.text) for d in query_words.readable(episode)])
    if found is None:
        raise SpanMismatch("These words stand in no document of the episode. Type them as they stand.")
    return episode_schemas.EvidenceIn.model_validate(found)


def _as_typed(form: Form, episode: episode_schemas.EpisodeOut) -> Asked:
    try:
        evidence = decision_forms.evidence_of(form, decision_forms.texts_shown(episode))
    except SpanMismatch:
        evidence = None
    names = ("words", "question", "options", "to")
    typed, question, options, to = (form.get(name, "") for name in names)
    return Asked(evidence, _words(episode, evidence), typed, question, options, to)


def _place(
    episode: episode_schemas.EpisodeOut, number: int, start: int, end: int
) -> episode_schemas.EvidenceIn | None:
    documents = dict(enumerate(episode.documents, 1))
    document = documents.get(number)
    if document is None or not 0 <= start < end <= len(document.text):
        return None
    return episode_schemas.EvidenceIn(document=document.id, version=document.version, start=start, end=end)


def _words(episode: episode_schemas.EpisodeOut, evidence: episode_schemas.EvidenceIn | None) -> str:
    if evidence is None:
        return ""
    text = next((d.text for d in episode.documents if d.id == evidence.document), "")
    return text[evidence.start : evidence.end]


def _page(
    request: Request,
    held: Services,
    actor: Actor,
    episode: episode_schemas.EpisodeOut,
    asked: Asked,
    error: ServiceError | None = None,
) -> HTMLResponse:
    with held.db.read() as session:
        reachable = bool(episode.clinician) and answers_for(
            session, actor.provider_id, episode.clinician or ""
        )
    concerns = error.extensions.get("concerns", ()) if isinstance(error, LeadingQuestion) else ()
    return rendering.page(
        request,
        "queries/ask.html",
        status=error.status if error else 200,
        episode=episode,
        documents=[_shown(number, d, asked) for number, d in enumerate(query_words.readable(episode), 1)],
        asked=asked,
        templates=TEMPLATES,
        reachable=reachable,
        concerns=[query_words.told(one) for one in concerns],
        error=error,
    )


def _shown(number: int, document: episode_schemas.DocumentOut, asked: Asked) -> dict[str, object]:
    evidence = asked.evidence
    here = evidence is not None and evidence.document == document.id
    mark = (
        Mark(evidence.start, evidence.end, MarkKind.SUGGESTED, None, "asked about", "asked")
        if evidence and here
        else None
    )
    return {
        "number": number,
        "id": document.id,
        "version": document.version,
        "label": document_label(document),
        "pieces": tuple(pieces(document.text, [mark] if mark else [])),
    }
