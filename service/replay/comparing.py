"""What was stored against what the model answers now, line for line. Pure.

Differences are told with codes, places and numbers, never with words of a text.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from data.episodes import Evidence, NotCoded
from models.prediction import SuggestedLine
from service.tables import SuggestionLineRow

DECIMALS = 9
"""Of a confidence that count: the last bits of a sum may differ between processors."""
_REASON_LENGTH = 300

Places = Sequence[Mapping[str, Any]]
"""The document versions that were read: [{document_id, version}]."""


def line_differences(
    stored: Sequence[SuggestionLineRow], answered: Sequence[SuggestedLine], places: Places
) -> Iterator[str]:
    """
    Args:
        stored: of one role, by rank.
    """
    for number, (old, new) in enumerate(zip_longest(stored, answered), start=1):
        if old is None or new is None:
            line = old or new
            yield f"line {number}, {line.code}: {'is new' if old is None else 'is gone'}"
            continue
        for name, (was, now) in _fields(old, new, places).items():
            if was != now:
                yield f"line {number}, {old.code}: {name} was {was}, is {now}"


def left_out_differences(
    stored: Sequence[Mapping[str, Any]], answered: Sequence[NotCoded], places: Places
) -> Iterator[str]:
    for number, (old, new) in enumerate(zip_longest(stored, answered), start=1):
        was = None if old is None else (old["reason"], old["would_be"], _place_of(old["evidence"]))
        now = None if new is None else (new.reason.value, new.would_be, _place(new.evidence, places))
        if was != now:
            yield f"not coded {number}: was {_told(was)}, is {_told(now)}"


def _fields(old: SuggestionLineRow, new: SuggestedLine, places: Places) -> dict[str, tuple[object, object]]:
    return {
        "code": (old.code, new.code),
        "confidence": (round(old.confidence, DECIMALS), round(new.confidence, DECIMALS)),
        "suggested": (old.suggested, new.suggested),
        "group": (old.procedure_group, new.group),
        "evidence": (
            [_place_of(item) for item in old.evidence],
            [_place(item, places) for item in new.evidence],
        ),
        "reason": (
            _short(old.reason_digest or _sha256(old.reason)),
            _short(_sha256(new.reason[:_REASON_LENGTH])),
        ),
    }


def _place_of(stored: Mapping[str, Any]) -> str:
    """The sender may have made a document's id of anything: only its digest is told."""
    document = _short(_sha256(str(stored["document_id"])))
    return f"{document} version {stored['version']} {stored['start']}-{stored['end']}"


def _place(evidence: Evidence, places: Places) -> str:
    return _place_of({**places[evidence.document], "start": evidence.start, "end": evidence.end})


def _told(item: tuple[object, ...] | None) -> str:
    return "nothing" if item is None else " ".join(str(part) for part in item)


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _short(digest: str) -> str:
    return digest[:12]
