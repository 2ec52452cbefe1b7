"""`/codes`: the code book, to browse and to search. Addresses such as /codes/icd10/J440 stay as they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data.classifications import Classification, Entry, SearchHit, chapters, use_of
from data.episodes import Role
from service.classifications.reference import CodeReference, code_meant, near_codes, reference
from service.classifications.routes import Code, Name
from service.classifications.use import CodeUse, code_use
from service.deps import Anyone, Held, Services
from service.identity import CODING_ROLES, Actor, UserRole
from service.local_terms.store import local_terms_of
from service.local_terms.tables import LocalTermRow
from service.standards.touching import Touch, rules_touching
from service.workbench import rendering
from service.workbench.codes_wording import WORDS

router = APIRouter(prefix="/codes", include_in_schema=False)

_HITS = 25
_TERMS_SHOWN = 24
_USE_READERS = CODING_ROLES | {UserRole.ENGINEER, UserRole.ADMIN}
Words = Annotated[str, Query(max_length=100)]
_Table = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found in one classification."""

    table: Classification
    hits: tuple[SearchHit, ...]


@dataclass(frozen=True, slots=True)
class Here:
    """What the provider makes of a code."""

    use: CodeUse | None
    """None for readers who have nothing to do with coding."""
    touches: tuple[Touch, ...]
    local: tuple[LocalTermRow, ...]


@router.get("")
def get_codes(
    request: Request, held: Held, _actor: Anyone, query: Words = "", classification: _Table = ""
) -> Response:
    """The chapters; with words, what they find. A code that was typed is gone to."""
    words = " ".join(query.split())
    searched = [t for t in _tables(held) if classification in ("", t.name)] or _tables(held)
    meant = code_meant(searched, words)
    if meant is not None:
        return RedirectResponse(address(*meant), status_code=303)
    found = [Found(table, table.search(words, _HITS)) for table in searched] if words else []
    return _page(request, held, "codes/home.html", words, classification, found=found)


@router.get("/{name}")
def get_classification(request: Request, held: Held, _actor: Anyone, name: Name) -> Response:
    """One classification, from the top."""
    table = held.tables.by_name.get(name)
    if table is None:
        return _page(request, held, "codes/missing.html", status=404, near=[], other=None)
    return _page(request, held, "codes/chapters.html", classification=name, table=table)


@router.get("/{name}/{code}")
def get_code(request: Request, held: Held, actor: Anyone, name: Name, code: Code) -> Response:
    """A code, category, block or chapter; any written form leads to the stored one."""
    table = held.tables.by_name.get(name)
    entry = table.get(code) if table else None
    if table is None or entry is None:
        return _missing(request, held, table, code)
    if entry.code != code:
        return RedirectResponse(address(table, entry), status_code=308)
    told = reference(held.tables, table, entry, held.settings.tables_dir)
    with held.db.read() as session:
        here = _here(session, held, actor, told)
    return _page(
        request, held, "codes/entry.html", classification=name, told=told, here=here, shown=_TERMS_SHOWN
    )


def address(table: Classification, entry: Entry) -> str:
    return f"/codes/{table.name}/{entry.code}"


def _here(session: Session, held: Services, actor: Actor, told: CodeReference) -> Here:
    edition = held.tables.standards.of(session, actor.provider_id).edition
    reads_use = actor.role in _USE_READERS and told.entry.assignable
    local = (
        row
        for row in local_terms_of(session, actor.provider_id)
        if (row.classification, row.code) == (told.table.name, told.entry.code)
    )
    code, now = told.entry.code, held.clock.now()
    return Here(
        use=code_use(session, actor.provider_id, told.role, code, now=now) if reads_use else None,
        touches=rules_touching(edition, told.role, told.entry),
        local=tuple(local),
    )


def _missing(request: Request, held: Services, table: Classification | None, written: str) -> HTMLResponse:
    """What is like it, and whether the other classification has it. What was asked for is not repeated."""
    others = (one for one in _tables(held) if one is not table and one.get(written) is not None)
    other = next(others, None)
    near = [Found(table, near_codes(table, written))] if table else []
    return _page(
        request,
        held,
        "codes/missing.html",
        classification=table.name if table else "",
        status=404,
        near=near,
        other=(other, other[written]) if other else None,
    )


def _page(
    request: Request,
    held: Services,
    template: str,
    query: str = "",
    classification: str = "",
    *,
    status: int = 200,
    **context: object,
) -> HTMLResponse:
    return rendering.page(
        request,
        template,
        status=status,
        tables=_tables(held),
        query=query,
        classification=classification,
        address=address,
        chapters=chapters,
        use_of=use_of,
        most_used=_most_used,
        words=WORDS,
        **context,
    )


def _tables(held: Services) -> list[Classification]:
    return [held.tables.by_role[role] for role in Role]


def _most_used(table: Classification, entries: Iterable[Entry]) -> int:
    """What the longest bar of a list stands for."""
    return max((use_of(table, entry) for entry in entries), default=0)
