"""The demonstration of `make run`: an invented provider, its accounts, and the episodes that ship."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from data.corpora import Split, read_coded_documents, shipped_corpus
from data.episodes import CodedEpisode
from service.accounts import directory
from service.config import Settings
from service.db import Database
from service.episodes import intake
from service.episodes.schemas import EpisodeIn
from service.errors import NotFound
from service.identity import Actor, ActorKind, UserRole
from service.queries.links import set_link

PROVIDER = ("DEMO", "Demonstration University Health Board")
PASSWORD = "demonstration"  # noqa: S105 (works in the demonstration only)
CLINICIAN = "C0000001"
"""Code of the clinician who is responsible for the episodes."""
KEY_FILE = "demonstration.key"
PEOPLE = (
    ("coder", "Carys Coder", UserRole.CODER),
    ("coder2", "Colin Coder", UserRole.CODER),
    ("trainee", "Tomos Trainee", UserRole.TRAINEE),
    ("auditor", "Anwen Auditor", UserRole.AUDITOR),
    ("manager", "Mari Manager", UserRole.MANAGER),
    ("clinician", "Cerys Clinician", UserRole.CLINICIAN),
    ("engineer", "Emrys Engineer", UserRole.ENGINEER),
    ("admin", "Alun Admin", UserRole.ADMIN),
)
_WAITS = "suggestions follow when the model is loaded"
_FAMILY_NAMES = ("Test-Afal", "Test-Bryn", "Test-Cariad", "Test-Derwen", "Test-Eira", "Test-Ffynnon")


def seed(settings: Settings, db: Database, *, say: Callable[[str], None]) -> None:
    """Fills an empty database; does nothing where the demonstration provider is there already."""
    now = datetime.now(UTC)
    with db.write() as session:
        if _is_seeded(session):
            return
        provider = directory.add_provider(session, *PROVIDER, at=now)
        operator = directory.operator(provider.id)
        for username, name, role in PEOPLE:
            new = directory.NewAccount(username, name, role, PASSWORD, demonstration=True)
            account = directory.add_account(session, operator, new, at=now)
            if role is UserRole.CLINICIAN:
                set_link(session, operator, account.id, CLINICIAN, "", at=now)
        key, secret = directory.add_key(session, operator, "demonstration EPR", UserRole.EPR, at=now)
        sender = Actor(ActorKind.KEY, key.id, key.name, UserRole.EPR, provider.id)
        count = sum(1 for sent in _episodes(now.date()) if _receive(session, sender, sent, now))
    _keep_key(settings, secret)
    say(f"{count} invented episodes, {len(PEOPLE)} accounts")


def _is_seeded(session: Session) -> bool:
    try:
        return bool(directory.provider_by_code(session, PROVIDER[0]))
    except NotFound:
        return False


def _receive(session: Session, sender: Actor, sent: EpisodeIn, now: datetime) -> bool:
    return intake.receive(session, sender, sent, intake.Answered({}, None, _WAITS), at=now).created


def _keep_key(settings: Settings, secret: str) -> None:
    path = settings.var_dir / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secret)


def _episodes(today: date) -> Iterator[EpisodeIn]:
    """Those that the first model has not learned from."""
    paths = shipped_corpus(Split.VALIDATION)
    shipped = (episode for path in paths for episode in read_coded_documents(path))
    return (_sent(number, episode, today) for number, episode in enumerate(shipped, 1))


def _sent(number: int, coded: CodedEpisode, today: date) -> EpisodeIn:
    """The shipped episode as an EPR would post it, moved in time so that some are nearly due."""
    episode = coded.episode
    end = today - timedelta(days=(number * 7) % 34)
    start = end - timedelta(days=episode.length_of_stay_days or 0)
    age = episode.age or 0
    fields: dict[str, Any] = {  # checked by EpisodeIn
        "spell_number": f"DEMO{number:05d}",
        "episode_number": "1",
        "local_patient_id": f"D{100000 + number}",
        "family_name": _FAMILY_NAMES[number % len(_FAMILY_NAMES)],
        "given_name": "Demonstration",
        "birth_date": start.replace(year=start.year - age, day=min(start.day, 28))
        - timedelta(days=age and 40),
        "sex": {"female": "2", "male": "1"}.get(episode.sex or "", "9"),
        "site": ("DEMO1", "DEMO2")[number % 2],
        "treatment_function": episode.treatment_function,
        "clinician": CLINICIAN,
        "admission_method": episode.admission_method,
        "patient_classification": "2" if episode.admission_method == "daycase" else "1",
        "spell_start": start,
        "spell_end": end,
        "episode_start": start,
        "episode_end": end,
        "documents": [
            {
                "id": document.id,
                "kind": document.kind,
                "title": document.title,
                "text": document.text,
                "date": end,
            }
            for document in episode.documents
        ],
    }
    return EpisodeIn.model_validate(fields)
