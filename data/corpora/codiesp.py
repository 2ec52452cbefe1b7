"""CodiEsp, the public benchmark of Spanish clinical cases: its native JSONL as coded episodes.

Codes are ICD-10-CM (diagnoses) and ICD-10-PCS, some of them cut to four characters (procedures). Evidence
stands in the Spanish text, a mention of several fragments as several items with one `mention` number. The
English text is the official machine translation, whose evidence is known by line only: the whole line is
given, once for each code, where it is found.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from data.corpora.coded_documents import numbered_lines, stored_form
from data.episodes import CodedEpisode, CodedLine, Document, DocumentKind, Episode, Evidence, Role
from data.errors import CodedDocumentError


class CodiespLanguage(StrEnum):
    SPANISH = "es"
    ENGLISH = "en"


_TEXT = {CodiespLanguage.SPANISH: "text_es", CodiespLanguage.ENGLISH: "text"}


def read_codiesp(path: Path, language: CodiespLanguage = CodiespLanguage.SPANISH) -> Iterator[CodedEpisode]:
    """The cases of a file, one after the other.

    Raises:
        CodedDocumentError: the first line that is not of this format; it names no text.
    """
    for number, line in numbered_lines(path):
        try:
            yield _episode(json.loads(line), language)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problem = f"is not a CodiEsp case: {type(error).__name__}"
            raise CodedDocumentError(path, number, "line", problem) from None


def _episode(case: Mapping[str, Any], language: CodiespLanguage) -> CodedEpisode:
    text = str(case[_TEXT[language]])
    document = Document("1", DocumentKind.DISCHARGE_SUMMARY, text)
    by_code: dict[str, list[Mapping[str, Any]]] = {}
    for item in case["evidence_es"]:
        by_code.setdefault(str(item["code"]), []).append(item)

    def lines(role: Role, codes: Sequence[str]) -> tuple[CodedLine, ...]:
        return tuple(_line(role, code, by_code.get(code, ()), text, language) for code in codes)

    return CodedEpisode(
        episode=Episode(str(case["id"]), (document,), language=language.value),
        diagnoses=lines(Role.DIAGNOSIS, case["codes"]),
        procedures=lines(Role.PROCEDURE, case["procedure_codes"]),
        patient=str(case["id"]),
    )


def _line(
    role: Role, code: str, items: Sequence[Mapping[str, Any]], text: str, language: CodiespLanguage
) -> CodedLine:
    found = _spans(items, text) if language is CodiespLanguage.SPANISH else _whole_lines(items, text)
    return CodedLine(stored_form(role, code), tuple(found))


def _spans(items: Sequence[Mapping[str, Any]], text: str) -> Iterator[Evidence]:
    for mention, item in enumerate(items):
        for start, end in item["spans"]:
            within = text[start:end]  # a few of the annotators' spans are empty or reach past the end
            if within:
                yield Evidence(0, start, start + len(within), within, mention)


def _whole_lines(items: Sequence[Mapping[str, Any]], text: str) -> Iterator[Evidence]:
    for mention, line in enumerate(dict.fromkeys(item.get("en_line") or "" for item in items)):
        start = text.find(line)
        if line and start >= 0:
            yield Evidence(0, start, start + len(line), line, mention)
