"""What a form of the episode page says, as a decision: the same decisions that the API takes."""

from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError

from data.episodes import Role
from service.episodes import schemas as s
from service.errors import SpanMismatch, Unprocessable

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "accept": ("line",),
    "reject": ("line", "reason", "remember"),
    "replace": ("line", "code"),
    "remove": ("line",),
    "set_date": ("line", "date"),
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


def decision_of(form: Form, episode: s.EpisodeOut) -> s.DecisionIn:
    """
    Raises:
        Unprocessable, SpanMismatch: something is missing or makes no sense; the detail says what.
    """
    kind = form.get("kind", "")
    if kind == "add":
        return _checked({"kind": kind, **_added(form, episode)})
    if kind == "move":
        return _moved(form, episode)
    return _checked({"kind": kind, **_filled(form, _FIELDS.get(kind, ()))})


def version_of(form: Form) -> int:
    """The version of the episode that the page showed."""
    digits = form.get("version", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise Unprocessable("The form is not one of this page. Load the page again.")
    return int(digits)


def evidence_of(form: Form, episode: s.EpisodeOut) -> s.EvidenceIn | None:
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
    _check_words(evidence, form.get("evidence_text", ""), episode)
    return evidence


def _check_words(evidence: s.EvidenceIn, words: str, episode: s.EpisodeOut) -> None:
    """Forms change line ends, so words are compared without regard to them. Older versions are not shown."""
    document = next((d for d in episode.documents if d.id == evidence.document), None)
    if document is None or document.version != evidence.version:
        raise SpanMismatch("The document has changed. Select the words again.")
    if _one_line_end(document.text[evidence.start : evidence.end]) != _one_line_end(words):
        raise SpanMismatch("Other words stand at that place. Select them again.")


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _added(form: Form, episode: s.EpisodeOut) -> dict[str, object]:
    fields: dict[str, object] = dict(_filled(form, ("role", "code", "remember")))
    evidence = evidence_of(form, episode)
    if evidence is not None:
        fields["evidence"] = (evidence,)
    if form.get("role") == Role.PROCEDURE:
        fields["group"] = _group(form.get("group", ""), episode)
    return fields


def _group(chosen: str, episode: s.EpisodeOut) -> int:
    """The group that was chosen, or a new one."""
    groups = [line.group or 0 for line in episode.coding.procedures]
    return int(chosen) if chosen in {str(group) for group in groups if group} else max(groups, default=0) + 1


def _moved(form: Form, episode: s.EpisodeOut) -> s.DecisionIn:
    """A step of one line up or down, as the whole new order."""
    for role, lines in (
        (Role.DIAGNOSIS, episode.coding.diagnoses),
        (Role.PROCEDURE, episode.coding.procedures),
    ):
        ids = [line.id for line in lines]
        if form.get("line") in ids:
            return _checked({"kind": "reorder", "role": role, "lines": _stepped(ids, form)})
    raise Unprocessable("The line is no longer in the coding.")


def _stepped(ids: list[str], form: Form) -> list[str]:
    here = ids.index(form["line"])
    there = {"up": here - 1, "down": here + 1, "first": 0}.get(form.get("direction", ""), here)
    moved = ids.pop(here)
    ids.insert(max(there, 0), moved)
    return ids


def _filled(form: Form, names: tuple[str, ...]) -> dict[str, str]:
    return {name: form[name].strip() for name in names if form.get(name, "").strip()}


def _checked(fields: dict[str, object]) -> s.DecisionIn:
    try:
        return _Decision.validate_python(fields)
    except ValidationError as error:
        names = [str(part) for item in error.errors() for part in item["loc"]]
        words = next((_MISSING[name] for name in names if name in _MISSING), "The form was not complete.")
        raise Unprocessable(words) from None
