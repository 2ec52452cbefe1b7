"""A stored episode as the model reads it: the newest version of each document, and the patient facts.

Sex: as service/episodes/person.py reads it.
Admission method: 11-13 elective, 21-28 and 2A-2D emergency, 31-32 maternity, 82-83 birth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from data.episodes import Document, DocumentKind, Episode
from service.episodes.person import sex_of
from service.episodes.schemas import DocumentStatus
from service.errors import Unprocessable
from service.tables import DocumentVersion, EpisodeRow

_METHODS = {"1": "elective", "2": "emergency", "3": "maternity", "8": "birth"}
_WORDS = frozenset({"emergency", "elective", "daycase", "maternity", "birth"})
_DAY_CASE = frozenset({"2", "daycase", "day case"})


def check_distinct(ids: Sequence[str]) -> None:
    """
    Raises:
        Unprocessable: two documents with one id would be two versions in one message, neither the newer.
    """
    if len(set(ids)) < len(ids):
        raise Unprocessable("each document needs an id of its own")


def readable(history: Mapping[str, Sequence[DocumentVersion]]) -> dict[str, DocumentVersion]:
    """The newest version of each document that was not entered in error and holds words."""
    newest = {sender_id: versions[-1] for sender_id, versions in history.items()}
    return {
        sender_id: version
        for sender_id, version in newest.items()
        if version.status != DocumentStatus.ENTERED_IN_ERROR and version.text.strip()
    }


def model_episode(row: EpisodeRow, documents: Mapping[str, DocumentVersion]) -> Episode:
    """The episode to suggest for; its documents stand in the order of the mapping."""
    return Episode(
        id=row.id,
        documents=model_documents(documents),
        language=row.language,
        sex=model_sex(row.sex),
        age=age_years(row.birth_date, row.episode_start or row.spell_start or row.episode_end),
        treatment_function=row.treatment_function,
        admission_method=model_admission(row.admission_method, row.patient_classification),
        length_of_stay_days=_days(row.spell_start, row.spell_end),
        end=row.episode_end,
    )


def episode_facts(episode: Episode) -> dict[str, Any]:
    """What the model knows of an episode beside its documents, as JSON."""
    names = (field.name for field in fields(Episode) if field.name not in ("id", "documents"))
    facts = {name: getattr(episode, name) for name in names}
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in facts.items()}


def remembered_episode(
    episode_id: str, facts: Mapping[str, Any], documents: Mapping[str, DocumentVersion]
) -> Episode:
    """The episode as it was read when the facts were kept; a fact that is new since then has no value."""
    known = {name: v for name, v in facts.items() if name in {field.name for field in fields(Episode)}}
    end = known.pop("end", None)
    return Episode(
        id=episode_id,
        documents=model_documents(documents),
        end=date.fromisoformat(end) if end else None,
        **known,
    )


def model_documents(documents: Mapping[str, DocumentVersion]) -> tuple[Document, ...]:
    return tuple(
        Document(id=sender_id, kind=DocumentKind(version.kind), text=version.text, title=version.title)
        for sender_id, version in documents.items()
    )


def age_years(birth_date: date | None, on: date | None) -> int | None:
    """Completed years."""
    if birth_date is None or on is None or on < birth_date:
        return None
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def model_sex(sent: str | None) -> str | None:
    """As the model knows it; None where it is indeterminate or not known."""
    sex = sex_of(sent)
    return sex if sex in ("male", "female") else None


def model_admission(method: str | None, classification: str | None) -> str | None:
    if (classification or "").lower() in _DAY_CASE:
        return "daycase"
    written = (method or "").lower()
    return written if written in _WORDS else _METHODS.get(written[:1])


def stay_days(row: EpisodeRow) -> int | None:
    """Days from start to end of the episode, or of its spell; None while an end is not known."""
    return _days(row.episode_start or row.spell_start, row.episode_end or row.spell_end)


def _days(start: date | None, end: date | None) -> int | None:
    return (end - start).days if start and end and end >= start else None
