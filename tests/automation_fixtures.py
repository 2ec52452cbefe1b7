"""What tests of automation play with: a model that the gate likes, and audits that somebody has done."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.episodes import Episode
from data.terms import LocalTerms
from models.prediction import Automation, Prediction
from models.reasons import Reason
from service.accounts.directory import new_id
from service.automation.tables import BlindAudit, GateVerdict
from service.identity import UserRole
from service.tables import Base, EpisodeRow, SuggestionRow
from tests.fakes import FakeCoder
from tests.service_fixtures import Stage

STRATUM = "daycase-other"
TEXT = "Day case. Diagnosis: hypertension. Had a gastroscopy."
RIGHT = {"diagnoses": ["I10"], "procedures": ["G45.9"]}
WRONG = {"diagnoses": ["I10", "E11.9"], "procedures": ["G45.9"]}


@dataclass(slots=True)
class GatedCoder(FakeCoder):
    """Its gate is as sure as it is told. A text that says `biopsy` it holds back; what is no day case it puts
    into a stratum of its own."""

    confidence: float = 0.97
    stratum: str = STRATUM

    def suggest(self, episode: Episode) -> Prediction:
        held_back = any("biopsy" in document.text for document in episode.documents)
        reasons = (Reason.HISTOLOGY_MISSING,) if held_back else (Reason.NO_THRESHOLD,)
        day_case = any("Diagnosis: hypertension" in document.text for document in episode.documents)
        stratum = self.stratum if day_case else "emergency"
        said = Automation(False, self.confidence, stratum, reasons)
        return replace(FakeCoder.suggest(self, episode), automation=said)

    def with_local(self, local: LocalTerms) -> "GatedCoder":
        return replace(self, local_digest=local.digest)


def serve(stage: Stage, coder: FakeCoder, name: str = "gated/1") -> None:
    """From now on this model answers."""
    stage.source.coder, stage.source.name = coder, name
    stage.refresh_model()


def post(stage: Stage, spell: str, text: str = TEXT, provider: str = "A", **facts: Any) -> Any:
    """A day case, with its answer."""
    document = {"id": "ds", "text": text, **facts.pop("document", {})}
    body = {
        "spell_number": spell,
        "episode_number": "1",
        "patient_classification": "2",
        "episode_end": "2026-03-01",
        "documents": [document],
        **facts,
    }
    answer = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR, provider))
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def waiting(stage: Stage, provider: str = "A", role: UserRole = UserRole.AUDITOR) -> list[str]:
    answer = stage.client.get("/v1/audits", headers=stage.headers(role, provider))
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["audits"]]


def claim(stage: Stage, audit_id: str, provider: str = "A", role: UserRole = UserRole.AUDITOR) -> Any:
    return stage.client.post(f"/v1/audits/{audit_id}/claim", headers=stage.headers(role, provider))


def code(stage: Stage, audit_id: str, coding: dict[str, Any], read: str, provider: str = "A") -> Any:
    headers = stage.headers(UserRole.AUDITOR, provider)
    return stage.client.post(f"/v1/audits/{audit_id}/coding", json={**coding, "read": read}, headers=headers)


def audit_all(stage: Stage, coding: dict[str, Any], provider: str = "A") -> int:
    """The auditor codes everything that waits; returns how many."""
    found = waiting(stage, provider)
    for audit_id in found:
        blind = claim(stage, audit_id, provider).json()
        answer = code(stage, audit_id, coding, blind["text_version"], provider)
        assert answer.status_code == 201, answer.text
    return len(found)


def shown(stage: Stage, provider: str = "A", stratum: str = STRATUM) -> Any:
    """The stratum as managers see it."""
    headers = stage.headers(UserRole.MANAGER, provider)
    found = stage.client.get("/v1/automation", headers=headers).json()["strata"]
    return next(one for one in found if one["stratum"] == stratum)


def open_(stage: Stage, provider: str = "A", role: UserRole = UserRole.MANAGER) -> Any:
    return stage.client.post(f"/v1/automation/{STRATUM}/open", headers=stage.headers(role, provider))


def support(stage: Stage, spell: str) -> None:
    """A day case and its right audit, fifty-nine times over."""
    episode = post(stage, spell)
    with stage.services.db.read() as session:
        found = session.scalars(select(BlindAudit).where(BlindAudit.episode_id == episode["id"])).one()
    blind = claim(stage, found.id).json()
    assert code(stage, found.id, RIGHT, blind["text_version"]).json()["right"]
    copy_audits(stage, 58, found.id)


def copy_audits(stage: Stage, count: int, audit_id: str) -> None:
    """So many more audits like this one, each of an episode of its own."""
    with stage.services.db.write() as session:
        done = session.get_one(BlindAudit, audit_id)
        episode = session.get_one(EpisodeRow, done.episode_id)
        for _ in range(count):
            made = copied(session, episode, id=new_id(), spell_number=f"copy-{new_id()}")
            copied(session, done, id=new_id(), episode_id=made.id)


def copy_verdicts(stage: Stage, count: int, confidence: float) -> None:
    """As if so many more episodes had just come, of which the gate was so sure."""
    with stage.services.db.write() as session:
        verdict = session.scalars(select(GateVerdict)).first()
        assert verdict is not None
        row = session.get_one(SuggestionRow, verdict.suggestion_id)
        latest = session.scalar(select(func.max(SuggestionRow.number))) or 0
        for number in range(latest + 1, latest + 1 + count):
            made = copied(session, row, id=new_id(), number=number)
            at = stage.clock.now()
            copied(session, verdict, suggestion_id=made.id, confidence=confidence, created_at=at)


def copied(session: Session, row: Any, **changes: Any) -> Any:
    columns: type[Base] = type(row)
    kept = {column.key: getattr(row, column.key) for column in columns.__table__.columns}
    made = columns(**kept | changes)
    session.add(made)
    session.flush()
    return made
