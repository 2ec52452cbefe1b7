"""Where evidence stands now. Spans point at a document version; in a newer one they are looked for again."""

from collections.abc import Mapping, Sequence

from service.coding.coding import StoredEvidence
from service.episodes.schemas import DocumentStatus, EvidenceIn, EvidenceOut, EvidencePlace
from service.errors import SpanMismatch
from service.tables import DocumentVersion

History = Mapping[str, Sequence[DocumentVersion]]


def located(evidence: StoredEvidence, history: History) -> EvidenceOut:
    """The evidence in the newest version of its document: current, moved, lost or withdrawn with it."""
    newest = history[evidence.document_id][-1]
    if newest.status == DocumentStatus.ENTERED_IN_ERROR:
        return _out(evidence, evidence.start, evidence.version, EvidencePlace.WITHDRAWN)
    if newest.version == evidence.version:
        return _out(evidence, evidence.start, newest.version, EvidencePlace.CURRENT)
    start = _nearest(newest.text, evidence)
    if start is None:
        return _out(evidence, evidence.start, evidence.version, EvidencePlace.LOST)
    return _out(evidence, start, newest.version, EvidencePlace.MOVED)


def checked(sent: EvidenceIn, history: History) -> StoredEvidence:
    """The span as it is stored, with the words that stand there.

    Raises:
        SpanMismatch: no such document or version, a span outside it, or other words there.
    """
    versions = history.get(sent.document, ())
    wanted = sent.version or (versions[-1].version if versions else 0)
    version = next((v for v in versions if v.version == wanted), None)
    if version is None:
        raise SpanMismatch("the episode has no such document or version")
    if not 0 <= sent.start < sent.end <= len(version.text):
        raise SpanMismatch(f"the span must lie within 0 and {len(version.text)} and not be empty")
    text = version.text[sent.start : sent.end]
    if sent.text is not None and sent.text != text:
        raise SpanMismatch("other words stand at that place; offsets count Unicode code points")
    return StoredEvidence(sent.document, version.version, sent.start, sent.end, text)


def _nearest(text: str, evidence: StoredEvidence) -> int | None:
    """The place of the same words that lies nearest to where they stood."""
    before = text.rfind(evidence.text, 0, evidence.start + len(evidence.text))
    after = text.find(evidence.text, evidence.start)
    found = [place for place in (before, after) if place >= 0]
    return min(found, key=lambda place: abs(place - evidence.start)) if found else None


def _out(evidence: StoredEvidence, start: int, version: int, place: EvidencePlace) -> EvidenceOut:
    return EvidenceOut(
        document=evidence.document_id,
        version=version,
        start=start,
        end=start + len(evidence.text),
        text=evidence.text,
        place=place,
        decided_on_version=None if place is EvidencePlace.CURRENT else evidence.version,
    )
