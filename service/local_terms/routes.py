"""`/v1/local-terms`: a provider's own terms and cues."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Body, Path
from pydantic import Field, StringConstraints

from data.language import CueDirection, CueEffect, CueScope
from data.terms import LOCAL_COLUMNS, LocalUse
from service.deps import Held, LocalTermEditor, LocalTermReader
from service.errors import BadRequest, BodyTooLarge, NotFound, Unprocessable, UnsupportedMedia
from service.local_terms.store import add_local_term, local_terms_of, remove_local_term
from service.local_terms.tables import LocalTermRow
from service.problems import documented
from service.text_types import Answer, Line
from service.text_types import Body as BodyModel

router = APIRouter(prefix="/v1/local-terms", tags=["local terms"])


TermId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
CodeOfTerm = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}[0-9X]$")]


class LocalTermIn(BodyModel):
    """`add`: these words mean the code. `block`: they do not. `cue`: it asserts something of what is near."""

    use: LocalUse
    phrase: Line
    classification: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,20}$")] | None = None
    code: CodeOfTerm | None = None
    match: Annotated[str, StringConstraints(pattern=r"^exact$")] | None = None
    needs: Line | None = None
    companions: Line | None = None
    assertion: CueEffect | None = None
    direction: CueDirection | None = None
    scope: CueScope | None = None
    note: Line | None = None

    @property
    def fields(self) -> dict[str, str]:
        return {column: getattr(self, column) or "" for column in LOCAL_COLUMNS}


class LocalTermOut(Answer):
    id: str
    use: LocalUse
    phrase: str
    classification: str
    code: str
    match: str
    needs: str
    companions: str
    assertion: str
    direction: str
    scope: str
    note: str
    created_at: datetime
    created_by: str
    removed_at: datetime | None
    removed_by: str | None

    @classmethod
    def of(cls, row: LocalTermRow) -> Self:
        return cls.model_validate(row, from_attributes=True)


class LocalTermsAnswer(Answer):
    local_terms: Annotated[tuple[LocalTermOut, ...], Field(description="In force, the newest first.")]


@router.get("", responses=documented())
def get_local_terms(held: Held, actor: LocalTermReader) -> LocalTermsAnswer:
    """The terms and cues of the own provider."""
    with held.db.read() as session:
        rows = local_terms_of(session, actor.provider_id)
        return LocalTermsAnswer(local_terms=tuple(LocalTermOut.of(row) for row in rows))


@router.post(
    "", status_code=201, responses=documented(BadRequest, BodyTooLarge, UnsupportedMedia, Unprocessable)
)
def post_local_term(held: Held, actor: LocalTermEditor, term: Annotated[LocalTermIn, Body()]) -> LocalTermOut:
    """Adds a term or a cue; from the next suggestion on it counts. The same one twice is one."""
    with held.db.write() as session:
        row = add_local_term(session, held.tables, actor, term.fields, at=held.clock.now())
        return LocalTermOut.of(row)


@router.delete("/{term_id}", responses=documented(NotFound, Unprocessable))
def delete_local_term(held: Held, actor: LocalTermEditor, term_id: TermId) -> LocalTermOut:
    """Removes a term; suggestions that it led to stay as they were made."""
    with held.db.write() as session:
        return LocalTermOut.of(remove_local_term(session, held.tables, actor, term_id, at=held.clock.now()))
