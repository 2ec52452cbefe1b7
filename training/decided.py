"""What coders decided, from the rows of the service's views to coded episodes. Pure.

What stands is positive evidence: accepted, replaced and added lines with their spans. What was rejected,
replaced or taken out again is negative evidence: the words stood there, and the code was not given.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from data.episodes import (
    CodedEpisode,
    CodedLine,
    Document,
    DocumentKind,
    Episode,
    Evidence,
    NotCoded,
    NotCodedReason,
    Role,
)
from training.exposure import Offer, Offers

_REASONS = {"history_only": NotCodedReason.HISTORY}
"""Reasons of coders that say the same as ours; the others say more or less, and go into the note."""
_SAYS_NOTHING = "duplicate"
"""Turned down because it stands already: the words mean the code."""


@dataclass(frozen=True, slots=True)
class CodingRow:
    """A row of `coded_document`: an episode each time that it was finalised."""

    contract: int
    coding: str
    episode: str
    provider: str
    patient_by_spell: str
    patient_by_local_id: str | None
    patient_by_national_id: str | None
    language: str
    sex: str | None
    age: int | None
    main_specialty: str | None
    treatment_function: str | None
    admission_method: str | None
    length_of_stay_days: int | None
    episode_end: date | None
    status: str
    finalised_at: datetime
    reopened_at: datetime | None
    number: int
    finalised_by_role: str
    model_name: str | None
    model_version: str | None
    model_digest: str | None


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row of `coded_document_text`: a version of a document; no text where it may no longer be read."""

    contract: int
    episode: str
    document: str
    position: int
    version: int
    kind: str
    title: str | None
    received_at: datetime
    in_error: int
    text: str | None


@dataclass(frozen=True, slots=True)
class LineRow:
    """A row of `coded_document_line`: a line of a coding, standing or not."""

    contract: int
    coding: str
    line: str
    role: str
    code: str
    place: int | None
    outcome: str
    suggested_code: str | None
    confidence: float | None
    shown: bool | None
    rank: int | None
    suggestion: int | None
    procedure_group: int | None
    date: str | None
    reject_reason: str | None
    decided_at: datetime | None
    decided_by_role: str | None


@dataclass(frozen=True, slots=True)
class SpanRow:
    """A row of `coded_document_evidence`: a place in a version of a document."""

    contract: int
    episode: str
    line: str
    place: int
    document: str
    version: int
    start_offset: int
    end_offset: int


@dataclass(frozen=True, slots=True)
class Decided:
    """An episode as coders left it, and what the model had put before them."""

    gold: CodedEpisode
    offers: Offers
    finalised_at: datetime


def decided(
    coding: CodingRow,
    texts: Sequence[TextRow],
    lines: Sequence[LineRow],
    spans: Mapping[str, Sequence[SpanRow]],
    patient: str,
) -> Decided | None:
    """None where text that the coding rests on was erased or withdrawn since.

    Args:
        texts: every version of the documents of the episode.
        spans: evidence by line.
    """
    read = _texts_read(coding, texts)
    if read is None:
        return None
    places = _Places(read, {(row.document, row.version): row.text or "" for row in texts})
    located = {row.line: places.locate(spans.get(row.line, ())) for row in lines}
    standing = sorted((row for row in lines if row.place is not None), key=lambda row: row.place or 0)
    gold = CodedEpisode(
        episode=_episode(coding, read),
        diagnoses=_coded(standing, Role.DIAGNOSIS, located),
        procedures=_coded(standing, Role.PROCEDURE, located),
        not_coded=tuple(_negatives(lines, located)),
        patient=patient,
    )
    return Decided(gold, _offers(lines), coding.finalised_at)


def patients_of(codings: Iterable[CodingRow]) -> dict[str, str]:
    """A pseudonym for the patient of each coding: whatever shares one of the three keys is one patient."""
    first: dict[str, str] = {}

    def find(key: str) -> str:
        while first.setdefault(key, key) != key:
            key = first[key]
        return key

    keys = {row.coding: _keys(row) for row in codings}
    for shared in keys.values():
        low, *others = sorted(find(key) for key in shared)
        for other in others:
            first[other] = low
    return {coding: find(shared[0]) for coding, shared in keys.items()}


def _keys(row: CodingRow) -> list[str]:
    known = (row.patient_by_spell, row.patient_by_local_id, row.patient_by_national_id)
    return [key for key in known if key is not None]


def _texts_read(coding: CodingRow, texts: Iterable[TextRow]) -> dict[str, TextRow] | None:
    """The documents as they stood when the coding was finalised, in order of arrival."""
    newest: dict[str, TextRow] = {}
    for row in sorted(texts, key=lambda row: (row.position, row.version)):
        if row.received_at <= coding.finalised_at:
            newest[row.document] = row
    read = {document: row for document, row in newest.items() if not row.in_error}
    if any(row.text is None for row in read.values()):
        return None
    words = {document: row for document, row in read.items() if (row.text or "").strip()}
    return words or None


def _episode(coding: CodingRow, read: Mapping[str, TextRow]) -> Episode:
    """As the service gave it to the model: service/episodes/reading.py."""
    return Episode(
        id=coding.episode,
        documents=tuple(
            Document(row.document, DocumentKind(row.kind), row.text or "", row.title) for row in read.values()
        ),
        language=coding.language,
        sex=coding.sex,
        age=coding.age,
        treatment_function=coding.treatment_function,
        admission_method=coding.admission_method,
        length_of_stay_days=coding.length_of_stay_days,
        end=coding.episode_end,
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Finds spans in the versions that were read; decisions on an older version stand."""

    read: Mapping[str, TextRow]
    texts: Mapping[tuple[str, int], str]
    """Every version by document and number; empty where it may no longer be read."""

    def locate(self, spans: Iterable[SpanRow]) -> tuple[Evidence, ...]:
        found = (self._locate(row) for row in sorted(spans, key=lambda row: row.place))
        return tuple(evidence for evidence in found if evidence is not None)

    def _locate(self, row: SpanRow) -> Evidence | None:
        read = self.read.get(row.document)
        words = self.texts.get((row.document, row.version), "")[row.start_offset : row.end_offset]
        if read is None or not words:
            return None
        same = read.version == row.version
        start = row.start_offset if same else nearest(read.text or "", words, row.start_offset)
        if start is None:
            return None
        return Evidence(tuple(self.read).index(row.document), start, start + len(words), words)


def nearest(text: str, words: str, start: int) -> int | None:
    """The place of the words that lies nearest to where they stood; service/episodes/evidence.py."""
    before = text.rfind(words, 0, start + len(words))
    found = [place for place in (before, text.find(words, start)) if place >= 0]
    return min(found, key=lambda place: abs(place - start)) if found else None


Located = Mapping[str, tuple[Evidence, ...]]


def _coded(standing: Iterable[LineRow], role: Role, located: Located) -> tuple[CodedLine, ...]:
    return tuple(
        CodedLine(
            code=row.code,
            evidence=located[row.line],
            group=row.procedure_group,
            date=date.fromisoformat(row.date) if row.date else None,
        )
        for row in standing
        if row.role == role
    )


def _negatives(lines: Sequence[LineRow], located: Located) -> Iterator[NotCoded]:
    """Once for each place and code; a code that stands is not denied by another line of it."""
    stand = {(row.role, row.code) for row in lines if row.place is not None}
    seen = set()
    for row in lines:
        for code, reason, note in _denied(row):
            for evidence in located[row.line] if (row.role, code) not in stand else ():
                if (evidence, code) not in seen:
                    seen.add((evidence, code))
                    yield NotCoded(evidence, reason, note, code)


def _denied(row: LineRow) -> Iterator[tuple[str, NotCodedReason, str]]:
    """The codes that the decisions on a line speak against, why, and in whose words."""
    if row.suggested_code is None or row.reject_reason == _SAYS_NOTHING:
        return
    if row.outcome == "replaced":
        yield row.suggested_code, NotCodedReason.OTHER, f"replaced by {row.code}"
    if row.outcome in ("rejected", "removed"):
        reason = _REASONS.get(row.reject_reason or "", NotCodedReason.OTHER)
        note = f"{row.outcome}: {row.reject_reason}" if row.reject_reason else row.outcome
        for code in sorted({row.code, row.suggested_code}):
            yield code, reason, note


def _offers(lines: Iterable[LineRow]) -> Offers:
    """What was put before the coder, by the newest confidence; once shown is shown."""
    found: dict[tuple[Role, str], Offer] = {}
    offered = defaultdict(list)
    for row in lines:
        if row.suggested_code is not None:
            offered[Role(row.role), row.suggested_code].append(row)
    for key, rows in offered.items():
        last = max(row.suggestion or 0 for row in rows)
        confidence = max(row.confidence or 0.0 for row in rows if (row.suggestion or 0) == last)
        found[key] = Offer(any(row.shown for row in rows), confidence)
    return found
