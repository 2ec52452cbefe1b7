"""`GET /v1/classifications/{name}/codes?q=`: what coders search by."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from data.classifications import Classification, Entry, Nature, TitleSource, beside
from data.terms import TermKind
from service.classifications.reference import reference, role_of
from service.classifications.use import Use, code_use
from service.deps import Anyone, CodeTables, Held, LocalTermReader
from service.errors import NotFound, Unprocessable
from service.problems import documented
from service.text_types import Answer, ShortText

router = APIRouter(prefix="/v1/classifications", tags=["classifications"])

Name = Annotated[str, Path(max_length=20, pattern=r"^[a-z0-9-]+$")]
Code = Annotated[str, Path(max_length=12, pattern=r"^[A-Za-z0-9.\- ]+$")]


class ClassificationOut(Answer):
    name: str
    label: str
    edition: str
    digest: str


class EntryOut(Answer):
    code: str
    display: str
    title: str
    """Empty where no title ships; import the official table."""
    kind: str
    parent: str | None
    chapter: str
    block: str | None
    usage: int
    """Times that England used it in 2023-24."""
    assignable: bool
    valid_from: date | None
    valid_to: date | None


class HitOut(Answer):
    entry: EntryOut
    matched: str
    """What was found: the code, the title, or the term."""


class SearchAnswer(Answer):
    hits: tuple[HitOut, ...]


class TermOut(Answer):
    phrase: str
    kind: TermKind
    exact_case: bool
    needs: tuple[str, ...]
    """Conditions, all of which must hold: `sex=female`, `near=hip|knee`."""
    companions: tuple[str, ...]
    note: str


class NationalUseOut(Answer):
    count: int
    """Times that England used it in 2023-24; of a category, with all codes below it."""
    rank: int
    """1 is the most used of those under the same parent."""
    beside: int
    share: float


class EntryDetailOut(Answer):
    entry: EntryOut
    ancestors: tuple[EntryOut, ...]
    children: tuple[EntryOut, ...]
    siblings: tuple[EntryOut, ...]
    """The entries under the same parent, itself among them."""
    nature: Nature
    title_source: TitleSource
    notes: tuple[str, ...]
    terms: tuple[TermOut, ...]
    """Phrases that lead to the code."""
    national_use: NationalUseOut


class OtherCodeOut(Answer):
    code: str
    times: int


class CodeUseOut(Answer):
    since: datetime
    partial: bool
    """There were more uses than are counted: these are the newest."""
    episodes: dict[Use, int]
    replaced_by: tuple[OtherCodeOut, ...]
    instead_of: tuple[OtherCodeOut, ...]


@router.get("", responses=documented())
def get_classifications(held: Held, _actor: Anyone) -> tuple[ClassificationOut, ...]:
    """The classifications in use, with their editions."""
    return tuple(
        ClassificationOut(name=t.name, label=t.label, edition=t.edition, digest=t.digest)
        for t in held.tables.by_role.values()
    )


@router.get("/{name}/codes", responses=documented(NotFound, Unprocessable))
def search_codes(
    held: Held,
    _actor: Anyone,
    name: Name,
    q: Annotated[ShortText, Query(description="A code, words of a title, a synonym or an abbreviation.")],
    limit: Annotated[int, Field(ge=1, le=100), Query()] = 20,
) -> SearchAnswer:
    """Codes that fit the words, the likeliest first."""
    table = _table(held.tables, name)
    hits = table.search(q, limit)
    return SearchAnswer(
        hits=tuple(HitOut(entry=entry_view(table, hit.entry), matched=hit.matched) for hit in hits)
    )


@router.get("/{name}/codes/{code}", responses=documented(NotFound, Unprocessable))
def get_code(held: Held, _actor: Anyone, name: Name, code: Code) -> EntryDetailOut:
    """One code: its place in the hierarchy, its notes and terms, its national use."""
    table, entry = _entry(held.tables, name, code)
    told = reference(held.tables, table, entry, held.settings.tables_dir)
    return EntryDetailOut(
        entry=entry_view(table, entry),
        ancestors=tuple(entry_view(table, item) for item in table.ancestors(entry.code)),
        children=tuple(entry_view(table, item) for item in table.children(entry.code)),
        siblings=tuple(entry_view(table, item) for item in beside(table, entry)),
        nature=told.nature,
        title_source=told.title_source,
        notes=told.notes,
        terms=tuple(TermOut.model_validate(term._asdict()) for term in told.terms),
        national_use=NationalUseOut.model_validate(told.national, from_attributes=True),
    )


@router.get("/{name}/codes/{code}/use", responses=documented(NotFound, Unprocessable))
def get_code_use(held: Held, actor: LocalTermReader, name: Name, code: Code) -> CodeUseOut:
    """What became of the code at the own provider in the last twelve months: episodes, by kind of use."""
    table, entry = _entry(held.tables, name, code)
    role, now = role_of(held.tables, table), held.clock.now()
    with held.db.read() as session:
        found = code_use(session, actor.provider_id, role, entry.code, now=now)
    return CodeUseOut(
        since=found.since,
        partial=found.is_partial,
        episodes=dict(found.episodes),
        replaced_by=tuple(OtherCodeOut(code=other, times=times) for other, times in found.replaced_by),
        instead_of=tuple(OtherCodeOut(code=other, times=times) for other, times in found.instead_of),
    )


def _entry(tables: CodeTables, name: str, code: str) -> tuple[Classification, Entry]:
    table = _table(tables, name)
    entry = table.get(code)
    if entry is None:
        raise NotFound("the classification has no such code")
    return table, entry


def _table(tables: CodeTables, name: str) -> Classification:
    table = tables.by_name.get(name)
    if table is None:
        raise NotFound("there is no such classification")
    return table


def entry_view(table: Classification, entry: Entry) -> EntryOut:
    return EntryOut(
        code=entry.code,
        display=table.display(entry.code),
        title=entry.title,
        kind=entry.kind,
        parent=entry.parent,
        chapter=entry.chapter,
        block=entry.block,
        usage=entry.usage,
        assignable=entry.assignable,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
    )
