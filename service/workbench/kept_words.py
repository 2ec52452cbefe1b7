"""A form that was kept when a session ended, told so that its sender knows what it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.kept_forms.tables import KeptForm

_DECISIONS = {
    "accept": "accept a suggestion",
    "reject": "reject a suggestion",
    "replace": "replace a code",
    "add": "add a code",
    "remove": "remove a code",
    "move": "move a line",
    "set_date": "date a procedure",
    "set_fifth": "give a fifth character",
    "undo": "undo the last decision",
    "claim": "claim the episode",
    "release": "release the episode",
    "hold": "put the episode on hold",
    "finalise": "finalise the coding",
    "reopen": "reopen the episode",
    "approve": "approve the coding",
    "return": "return the coding",
    "override": "override a rule",
}
_PLACES = (
    ("/queries/", "answer a query"),
    ("/audits/", "go on with a blind audit"),
    ("/practice/", "go on with a practice case"),
    ("/checking/", "go on with a check"),
    ("/local-terms", "change a local term"),
)
_ACTIONS = {
    "search": "find a code",
    "queries": "put a query",
    "template": "word a query",
    "place": "ask about words",
    "fix": "mend what a standard says",
    "reject-remaining": "reject the remaining suggestions",
    "suggest-again": "ask for new suggestions",
}
_TYPED = {
    "query": "Looked for",
    "reason": "Reason",
    "question": "Question",
    "options": "Answers to choose from",
    "words": "Words asked about",
    "text": "Answer",
    "chosen": "Chosen",
    "evidence_text": "Words selected",
    "code": "Code",
    "date": "Date",
    "review_date": "Review on",
    "phrase": "Words",
    "diagnoses": "Diagnoses",
    "procedures": "Procedures",
    "add_diagnosis": "Diagnosis",
    "add_procedure": "Procedure",
}


@dataclass(frozen=True, slots=True)
class KeptWork:
    id: str
    path: str
    fields: Mapping[str, str]
    what: str
    """`put a query`"""
    typed: tuple[tuple[str, str], ...]
    """What had been typed or chosen, each with its label."""


def kept_work(row: KeptForm) -> KeptWork:
    return KeptWork(row.id, row.path, row.fields, _what(row.path, row.fields), tuple(_typed(row.fields)))


def _what(path: str, fields: Mapping[str, str]) -> str:
    last = path.rsplit("/", 1)[-1]
    if path.startswith("/episodes/"):
        return _ACTIONS.get(last) or _DECISIONS.get(fields.get("kind", ""), "change the episode")
    return next(words for start, words in (*_PLACES, ("/", "send a form")) if path.startswith(start))


def _typed(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in fields.items():
        label = "Note" if name.startswith("note_") else _TYPED.get(name)
        if label and text.strip():
            yield label, text
