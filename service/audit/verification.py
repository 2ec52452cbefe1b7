"""Reads every chain from its first link, and the rows that its links vouch for.

The session is to see one state of the database from beginning to end.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.audit.chain import GENESIS, digest, link_hash
from service.audit.contents import (
    decision_content,
    document_content,
    document_subject,
    suggestion_content,
)
from service.audit.tables import AuditHead, AuditRow
from service.automation.contents import audit_content, switch_content
from service.automation.tables import AutomationSwitch, BlindAudit
from service.clinicians.contents import APPENDED, Appended, row_content, row_subject
from service.tables import (
    DecisionRow,
    DocumentRow,
    DocumentVersion,
    Provider,
    SuggestionLineRow,
    SuggestionRow,
)

_VOUCHING = (
    "decision.", "suggestion.store", "document.store", "audit.store", "automation.",
    "register.", "attribution.decide", "declaration.",
)  # fmt: skip
_NOTED = re.compile(r"([^=\s]+)=([0-9a-f]{64})")

_Row = tuple[str, Callable[[], Mapping[str, Any]]]
"""The subject of a row's link, and what the link should hold the digest of."""


@dataclass(frozen=True, slots=True)
class NotedHead:
    """A head that was written down earlier, outside of the database."""

    provider_code: str
    hash: str

    @classmethod
    def parse(cls, written: str) -> "NotedHead":
        """
        Raises:
            ValueError: it is not CODE=HASH.
        """
        found = _NOTED.fullmatch(written.strip())
        if found is None:
            raise ValueError(f"{written!r} is not CODE=HASH, with the 64 hexadecimal digits of a head")
        return cls(found[1], found[2])


@dataclass(frozen=True, slots=True)
class ChainReport:
    provider_code: str
    hashes: tuple[str, ...]
    """Of every link, in order; the last is the head. Note it elsewhere: a tail cut later is found by it."""
    problems: tuple[str, ...]

    @property
    def head(self) -> str:
        return self.hashes[-1] if self.hashes else GENESIS

    @property
    def summary(self) -> str:
        found = f"{len(self.problems)} problems" if self.problems else "verifies"
        return f"{self.provider_code}: {len(self.hashes)} links, head {self.head}: {found}"


def verify(session: Session, noted: Iterable[NotedHead] = ()) -> Iterator[ChainReport]:
    """A report of every provider, and of every provider of whom a head was noted."""
    heads: dict[str, list[str]] = {}
    for head in noted:
        heads.setdefault(head.provider_code, []).append(head.hash)
    for provider in session.scalars(select(Provider).order_by(Provider.code)).all():
        report = _verify_provider(session, provider)
        missing = set(heads.pop(provider.code, ())).difference(report.hashes)
        problems = [f"head: {head} was noted earlier and is not in the chain" for head in sorted(missing)]
        yield replace(report, problems=(*report.problems, *problems))
    for code in heads:
        yield ChainReport(code, (), ("provider: a head was noted earlier, and there is no such provider",))


def _verify_provider(session: Session, provider: Provider) -> ChainReport:
    hashes: list[str] = []
    problems: list[str] = []
    digests: dict[str, str] = {}
    try:
        problems.extend(_chain_problems(session, provider.id, hashes, digests))
        problems.extend(_row_problems(session, provider.id, digests))
    except ValueError as error:  # JSON or an instant that is none
        problems.append(f"a row cannot be read: {error}")
    return ChainReport(provider.code, tuple(hashes), tuple(problems))


def _chain_problems(
    session: Session, provider_id: str, hashes: list[str], digests: dict[str, str]
) -> Iterator[str]:
    """Fills hashes with those of the links, and digests with those that rows should have, by subject."""
    rows = select(AuditRow).where(AuditRow.provider_id == provider_id).order_by(AuditRow.number)
    for row in session.scalars(rows.execution_options(yield_per=1000)):
        yield from _link_problems(row, len(hashes) + 1, hashes[-1] if hashes else GENESIS)
        hashes.append(row.hash)
        if row.action.startswith(_VOUCHING) and digests.setdefault(row.subject, row.digest) != row.digest:
            yield f"link {row.number}: vouches for something else than an earlier link of {row.subject}"
    yield from _head_problems(session.get(AuditHead, provider_id), hashes)


def _link_problems(row: AuditRow, expected: int, previous: str) -> Iterator[str]:
    if row.number != expected:
        yield f"link {expected}: missing or out of order (found {row.number})"
    elif row.previous_hash != previous:
        yield f"link {row.number}: does not follow the link before it"
    if row.hash != link_hash(row):
        yield f"link {row.number}: was changed"


def _head_problems(head: AuditHead | None, hashes: Sequence[str]) -> Iterator[str]:
    if head is None:
        yield "head: is gone"
    elif (head.number, head.hash) != (len(hashes), hashes[-1] if hashes else GENESIS):
        yield f"head: the chain should end at link {head.number}, it ends at {len(hashes)}"


def _row_problems(session: Session, provider_id: str, digests: dict[str, str]) -> Iterator[str]:
    for rows in (_decisions, _suggestions, _documents, _audits, _switches, _clinicians):
        for subject, content in rows(session, provider_id):
            expected = digests.pop(subject, None)
            if expected is None:
                yield f"{_named(subject)}: has no link"
            elif expected != _digest(content):
                lines = ", or lines of it were" if rows is _suggestions else ""
                yield f"{_named(subject)}: was changed{lines}"
    yield from (f"{_named(subject)}: is gone" for subject in digests)


def _named(subject: str) -> str:
    return subject.replace(":", " ").replace("_", " ")


def _digest(content: Callable[[], Mapping[str, Any]]) -> str | None:
    """None where the JSON of a row has another shape than the service writes."""
    try:
        return digest(content())
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _decisions(session: Session, provider_id: str) -> Iterator[_Row]:
    query = select(DecisionRow).where(DecisionRow.provider_id == provider_id)
    for row in session.scalars(query.execution_options(yield_per=1000)):
        yield f"decision:{row.id}", partial(decision_content, row)


def _suggestions(session: Session, provider_id: str) -> Iterator[_Row]:
    query = select(SuggestionRow).where(SuggestionRow.provider_id == provider_id)
    for rows in session.scalars(query.execution_options(yield_per=200)).partitions():
        lines: dict[str, list[SuggestionLineRow]] = {row.id: [] for row in rows}
        for line in session.scalars(
            select(SuggestionLineRow).where(SuggestionLineRow.suggestion_id.in_(lines))
        ):
            lines[line.suggestion_id].append(line)
        for row in rows:
            yield f"suggestion:{row.id}", partial(suggestion_content, row, lines[row.id])


def _documents(session: Session, provider_id: str) -> Iterator[_Row]:
    query = (
        select(DocumentRow, DocumentVersion)
        .join(DocumentVersion, DocumentVersion.document_id == DocumentRow.id)
        .where(DocumentVersion.provider_id == provider_id)
    )
    for document, version in session.execute(query.execution_options(yield_per=50)):
        yield document_subject(version), partial(document_content, document, version)


def _audits(session: Session, provider_id: str) -> Iterator[_Row]:
    """Those that are done."""
    query = select(BlindAudit).where(BlindAudit.provider_id == provider_id, BlindAudit.done_at.is_not(None))
    for row in session.scalars(query.execution_options(yield_per=1000)):
        yield f"blind_audit:{row.id}", partial(audit_content, row)


def _switches(session: Session, provider_id: str) -> Iterator[_Row]:
    query = select(AutomationSwitch).where(AutomationSwitch.provider_id == provider_id)
    for row in session.scalars(query):
        yield f"automation_switch:{row.id}", partial(switch_content, row)


def _clinicians(session: Session, provider_id: str) -> Iterator[_Row]:
    """The register, its policies, attributions and declarations."""
    for table in APPENDED:
        query = select(table).where(table.provider_id == provider_id)
        rows: Iterable[Appended] = session.scalars(query.execution_options(yield_per=1000))
        for row in rows:
            yield row_subject(row), partial(row_content, row)
