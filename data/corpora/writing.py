"""A coded episode as the JSON object of one line. What is not known is left out."""

from datetime import date

from data.episodes import CodedEpisode, CodedLine, Document, DocumentKind, Episode, Evidence, NotCoded


def coded_document_json(episode: CodedEpisode) -> dict[str, object]:
    """The object that reads back as the same episode."""
    return _known(
        id=episode.episode.id,
        **_texts(episode.episode.documents),
        **_circumstances(episode.episode),
        patient=episode.patient,
        style=episode.style,
        date=_day(episode.episode.end),
        diagnoses=[_line(line) for line in episode.diagnoses],
        procedures=[_line(line) for line in episode.procedures],
        not_coded=[_not_coded(mention) for mention in episode.not_coded],
    )


def _known(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _texts(documents: tuple[Document, ...]) -> dict[str, object]:
    first = documents[0] if documents else None
    if first and documents == (Document("1", DocumentKind.DISCHARGE_SUMMARY, first.text),):
        return {"text": first.text}
    return {"documents": [_document(document) for document in documents]}


def _document(document: Document) -> dict[str, object]:
    return _known(id=document.id, kind=document.kind.value, title=document.title, text=document.text)


def _circumstances(episode: Episode) -> dict[str, object]:
    return {
        "language": episode.language,
        "sex": episode.sex,
        "age": episode.age,
        "specialty": episode.specialty,
        "treatment_function": episode.treatment_function,
        "admission_method": episode.admission_method,
        "length_of_stay_days": episode.length_of_stay_days,
    }


def _line(line: CodedLine) -> dict[str, object]:
    return _known(
        code=line.code,
        group=line.group,
        date=_day(line.date),
        fifth=line.fifth,
        evidence=[_span(evidence) for evidence in line.evidence],
    )


def _span(evidence: Evidence) -> dict[str, object]:
    return _known(
        start=evidence.start,
        end=evidence.end,
        text=evidence.text,
        document=evidence.document,
        mention=evidence.mention,
    )


def _not_coded(mention: NotCoded) -> dict[str, object]:
    return {
        **_span(mention.evidence),
        **_known(reason=mention.reason.value, note=mention.note, would_be=mention.would_be),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
