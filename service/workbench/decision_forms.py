"""What a form of the episode page says, as decisions: the same decisions that the API takes.

A button of the page says all in one field, `do`: a verb, and what it is about (service/workbench/verbs.py). A
form with fields of its own names them as the API does.
"""

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from data.episodes import Role
from service.coding.coding import Line
from service.episodes import schemas as s
from service.episodes.desk import Desk
from service.errors import SpanMismatch, Unprocessable

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "accept": ("line",),
    "reject": ("line", "reason", "remember"),
    "replace": ("line", "code"),
    "remove": ("line",),
    "set_date": ("line", "date"),
    "set_fifth": ("line", "fifth"),
    "undo": ("decision",),
    "claim": (),
    "release": (),
    "hold": ("reason", "review_date"),
    "finalise": (),
    "reopen": ("reason",),
    "approve": (),
    "return": ("reason",),
    "override": ("rule", "reason"),
}
"""What each kind of decision takes from its form, by the names of the API."""

_MISSING = {
    "reason": "Give a reason.",
    "review_date": "Give the date as day, month and year, or leave it out.",
    "code": "Give a code.",
    "date": "Give a date.",
}
_Decision: TypeAdapter[s.DecisionIn] = TypeAdapter(s.DecisionIn)
_Evidence = TypeAdapter(s.EvidenceIn)

Form = Mapping[str, str]
Texts = Mapping[str, tuple[int, str]]
"""Version and text of each document, by the sender's id: the newest."""


def decision_of(form: Form, desk: Desk) -> s.DecisionIn:
    """
    Raises:
        Unprocessable, SpanMismatch: something is missing or makes no sense; the detail says what.
    """
    kind = form.get("kind", "")
    if kind == "add":
        return made({"kind": kind, **_added(form, desk)})
    if kind == "move":
        return moved(desk, form.get("line", ""), form.get("direction", ""))
    return made({"kind": kind, **_filled(form, _FIELDS.get(kind, ()))})


def made(fields: Mapping[str, object]) -> s.DecisionIn:
    """
    Raises:
        Unprocessable: the fields do not make a decision.
    """
    try:
        return _Decision.validate_python(fields)
    except ValidationError as error:
        names = [str(part) for item in error.errors() for part in item["loc"]]
        words = next((_MISSING[name] for name in names if name in _MISSING), "The form was not complete.")
        raise Unprocessable(words) from None


def version_of(form: Form) -> int:
    """The version of the episode that the page showed."""
    digits = form.get("version", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise Unprocessable("The form is not one of this page. Load the page again.")
    return int(digits)


def moved(desk: Desk, line_id: str, where: str) -> s.DecisionIn:
    """The order with one line in another place.

    Args:
        where: `up`, `down`, `first`, `last`, or the id of the line that it goes before.
    """
    lines = siblings(desk, line_id)
    ids = [line.id for line in lines if line.id != line_id]
    here = [line.id for line in lines].index(line_id)
    places = {"up": max(here - 1, 0), "down": here + 1, "first": 0, "last": len(ids)}
    place = places.get(where, ids.index(where) if where in ids else here)
    ids.insert(place, line_id)
    return made({"kind": "reorder", "role": lines[0].role, "lines": ids})


def siblings(desk: Desk, line_id: str) -> Sequence[Line]:
    """The standing lines of the role of this one."""
    for lines in (desk.coding.diagnoses, desk.coding.procedures):
        if any(line.id == line_id for line in lines):
            return lines
    raise Unprocessable("The line is no longer in the coding.")


def texts_of(desk: Desk) -> Texts:
    return {name: (versions[-1].version, versions[-1].text) for name, versions in desk.history.items()}


def texts_shown(episode: s.EpisodeOut) -> Texts:
    return {one.id: (one.version, one.text) for one in episode.documents}


def evidence_of(form: Form, texts: Texts) -> s.EvidenceIn | None:
    """The words that were selected in a document, or None.

    Raises:
        SpanMismatch: the document holds other words at that place.
    """
    if not form.get("evidence_document"):
        return None
    span = {name: form.get(f"evidence_{name}", "") for name in ("version", "start", "end")}
    if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in span.values()):
        raise SpanMismatch("Select the words again.")
    numbers = {name: int(value) for name, value in span.items()}
    try:
        evidence = _Evidence.validate_python({"document": form["evidence_document"], **numbers})
    except ValidationError:
        raise SpanMismatch("Select the words again.") from None
    _check_words(evidence, form.get("evidence_text", ""), texts)
    return evidence


def _check_words(evidence: s.EvidenceIn, words: str, texts: Texts) -> None:
    """Forms change line ends, so words are compared without regard to them. Older versions are not shown."""
    version, text = texts.get(evidence.document, (None, ""))
    if version is None or version != evidence.version:
        raise SpanMismatch("The document has changed. Select the words again.")
    if _one_line_end(text[evidence.start : evidence.end]) != _one_line_end(words):
        raise SpanMismatch("Other words stand at that place. Select them again.")


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _added(form: Form, desk: Desk) -> dict[str, object]:
    fields: dict[str, object] = dict(_filled(form, ("role", "code", "remember")))
    evidence = evidence_of(form, texts_of(desk))
    if evidence is not None:
        fields["evidence"] = (evidence,)
    if form.get("role") == Role.PROCEDURE:
        fields["group"] = _group(form.get("group", ""), desk)
    return fields


def _group(chosen: str, desk: Desk) -> int:
    """The group that was chosen, or a new one."""
    groups = {str(line.group) for line in desk.coding.procedures if line.group}
    return int(chosen) if chosen in groups else new_group(desk)


def new_group(desk: Desk) -> int:
    return max((line.group or 0 for line in desk.coding.procedures), default=0) + 1


def _filled(form: Form, names: tuple[str, ...]) -> dict[str, str]:
    return {name: form[name].strip() for name in names if form.get(name, "").strip()}
