"""Coded documents as JSONL, one episode a line: reader and writer.

Offsets count Unicode code points of the text exactly as it stands in the file. Only `id` and one of
`text` and `documents` are required; keys that this version does not know are let be.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from data.classifications.forms import fold_code, with_filler
from data.corpora.evidence import read_evidence, read_item
from data.corpora.fields import Fields
from data.corpora.writing import coded_document_json
from data.episodes import (
    CodedEpisode,
    CodedLine,
    Document,
    DocumentKind,
    Episode,
    NotCoded,
    NotCodedReason,
    Role,
)
from data.errors import CodedDocumentError, UnknownCode

__all__ = ["CodeForm", "coded_document_json", "read_coded_documents", "stored_form", "write_coded_documents"]

CodeForm = Callable[[Role, str], str]
"""Turns a written code into stored form; raises UnknownCode where it is none."""

_CODE = re.compile(r"[A-Z0-9]{3,8}")


def stored_form(role: Role, written: str) -> str:
    """The four-character stored form of a written code, with no table at hand: `i10` is `I10X`.

    Longer codes (ICD-10-CM, ICD-10-PCS) stay whole.

    Raises:
        UnknownCode: the words cannot be a code.
    """
    folded = fold_code(written)
    if not _CODE.fullmatch(folded):
        raise UnknownCode(written, "any classification")
    return with_filler(folded) if role is Role.DIAGNOSIS else folded


def read_coded_documents(path: Path, code_form: CodeForm = stored_form) -> Iterator[CodedEpisode]:
    """The episodes of a file, one after the other; blank lines are skipped.

    Raises:
        CodedDocumentError: the first line that is wrong.
    """
    for number, line in numbered_lines(path):
        yield read_coded_line(path, number, line, code_form)


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that hold something, numbered from one."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise CodedDocumentError(path, 1, "file", error.strerror or "cannot be read") from None


def read_coded_line(path: Path, number: int, line: bytes, code_form: CodeForm = stored_form) -> CodedEpisode:
    """The episode of one line.

    Raises:
        CodedDocumentError: what is wrong with it, by field.
    """
    fields = _parsed(path, number, line)
    documents = _documents(fields)
    return CodedEpisode(
        episode=_episode(fields, documents),
        diagnoses=_lines(fields, "diagnoses", Role.DIAGNOSIS, documents, code_form),
        procedures=_lines(fields, "procedures", Role.PROCEDURE, documents, code_form),
        not_coded=tuple(
            _not_coded(fields, place, item, documents, code_form) for place, item in fields.items("not_coded")
        ),
        patient=fields.string("patient"),
        style=fields.string("style"),
    )


def write_coded_documents(path: Path, episodes: Iterable[CodedEpisode]) -> int:
    """Writes a file that `read_coded_documents` reads back the same; returns the number of episodes."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        for episode in episodes:
            lines.write(json.dumps(coded_document_json(episode), ensure_ascii=False) + "\n")
            count += 1
    return count


def _parsed(path: Path, number: int, line: bytes) -> Fields:
    try:
        parsed = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CodedDocumentError(path, number, f"byte {error.start + 1}", "is not UTF-8") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise CodedDocumentError(path, number, "line", f"is not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise CodedDocumentError(path, number, "line", "is not a JSON object")
    return Fields(path, number, "", parsed)


def _documents(fields: Fields) -> tuple[Document, ...]:
    if fields.has("text") and fields.has("documents"):
        raise fields.problem("documents", "stand beside text; give one of them")
    if fields.has("text"):
        return (Document("1", DocumentKind.DISCHARGE_SUMMARY, fields.required("text")),)
    documents = tuple(
        _document(index, document) for index, document in enumerate(fields.objects("documents"), start=1)
    )
    if not documents:
        raise fields.problem("text", "is missing, and so are documents")
    return documents


def _document(number: int, fields: Fields) -> Document:
    kind = fields.one_of("kind", DocumentKind, DocumentKind.DISCHARGE_SUMMARY)
    return Document(fields.string("id") or str(number), kind, fields.required("text"), fields.string("title"))


def _episode(fields: Fields, documents: tuple[Document, ...]) -> Episode:
    return Episode(
        id=fields.required("id"),
        documents=documents,
        language=fields.string("language") or "en",
        sex=fields.string("sex"),
        age=fields.number("age"),
        specialty=fields.string("specialty"),
        treatment_function=fields.string("treatment_function"),
        admission_method=fields.string("admission_method"),
        length_of_stay_days=fields.number("length_of_stay_days"),
        end=fields.day("date"),
    )


def _lines(
    fields: Fields, field: str, role: Role, documents: tuple[Document, ...], code_form: CodeForm
) -> tuple[CodedLine, ...]:
    return tuple(
        CodedLine(
            code=_code(line, "code", role, code_form),
            evidence=read_evidence(line, documents),
            group=line.number("group"),
            date=line.day("date"),
            fifth=line.string("fifth"),
        )
        for line in fields.objects(field)
    )


def _code(fields: Fields, field: str, role: Role, code_form: CodeForm) -> str:
    try:
        return code_form(role, fields.required(field))
    except UnknownCode as error:
        raise fields.problem(field, str(error)) from None


def _not_coded(
    fields: Fields, place: str, item: object, documents: tuple[Document, ...], code_form: CodeForm
) -> NotCoded:
    evidence = read_item(fields, place, item, documents)
    if isinstance(item, str):
        return NotCoded(evidence, NotCodedReason.OTHER)
    mention = fields.within(place, item)
    reason = mention.one_of("reason", NotCodedReason)
    role = Role.PROCEDURE if reason is NotCodedReason.PAST_PROCEDURE else Role.DIAGNOSIS
    would_be = _code(mention, "would_be", role, code_form) if mention.has("would_be") else None
    return NotCoded(evidence, reason, mention.string("note"), would_be)
