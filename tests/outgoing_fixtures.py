"""What tests of outgoing codings play with: finalised episodes, destinations, rounds of delivery."""

import asyncio
from typing import Any

from sqlalchemy import select

from service.accounts.directory import new_id
from service.identity import UserRole
from service.outgoing.delivery import Delivery
from service.outgoing.outbox import OutgoingState
from service.outgoing.tables import OutgoingRow
from service.tables import DecisionRow
from tests.fakes import NOTE
from tests.service_fixtures import Stage

ALWAYS = 1.0


def decide(stage: Stage, episode_id: str, by: UserRole = UserRole.CODER, /, **decision: Any) -> Any:
    """On the episode as it stands now."""
    read = stage.client.get(f"/v1/episodes/{episode_id}", headers=stage.headers(by)).json()
    answer = stage.client.post(
        f"/v1/episodes/{episode_id}/decisions",
        json=decision,
        headers=stage.headers(by) | {"If-Match": f'"{read["version"]}"'},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def accept_all(stage: Stage, episode_id: str, role: UserRole = UserRole.CODER) -> None:
    read = stage.client.get(f"/v1/episodes/{episode_id}", headers=stage.headers(role)).json()
    for line in read["suggestions"]["undecided"]:
        decide(stage, episode_id, role, kind="accept", line=line["id"])


def finalised(stage: Stage, spell: str = "S1", **facts: Any) -> str:
    """Id of an episode whose suggestions were all accepted."""
    body = {
        "spell_number": spell,
        "episode_number": "1",
        "nhs_number": "9434765919",
        "local_patient_id": "H1",
        "family_name": "HOLLOWAY",
        "given_name": "EDITH",
        "birth_date": "1941-03-09",
        "sex": "2",
        "episode_start": "2026-02-26",
        "episode_end": "2026-03-01",
        "clinician": "C1234567",
        "documents": [{"id": "ds", "text": facts.pop("text", NOTE)}],
        **facts,
    }
    answer = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR))
    assert answer.status_code in (200, 201), answer.text
    episode_id = str(answer.json()["id"])
    accept_all(stage, episode_id)
    decide(stage, episode_id, kind="finalise")
    return episode_id


def correct(stage: Stage, episode_id: str) -> None:
    """Reopened, one diagnosis fewer, finalised again."""
    decide(stage, episode_id, kind="reopen", reason="audit")
    read = stage.client.get(f"/v1/episodes/{episode_id}", headers=stage.headers()).json()
    decide(stage, episode_id, kind="remove", line=read["coding"]["diagnoses"][-1]["id"])
    decide(stage, episode_id, kind="finalise")


def add_destination(stage: Stage, kind: str, address: str, name: str = "PAS", **more: Any) -> Any:
    answer = stage.client.post(
        "/v1/destinations",
        json={"name": name, "kind": kind, "address": address, **more},
        headers=stage.headers(UserRole.ADMIN),
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def deliver(stage: Stage, rounds: int = 1) -> None:
    """What is due now; between rounds all waits are over."""

    async def play() -> None:
        for number in range(rounds):
            if number:
                stage.clock.advance(hours=1)
            delivery = Delivery.of(stage.services)
            delivery.dice = lambda: ALWAYS
            await delivery.round()

    asyncio.run(play())


def outgoing(stage: Stage, state: str = "", provider: str = "A") -> list[dict[str, Any]]:
    query = f"?state={state}" if state else ""
    answer = stage.client.get(f"/v1/outgoing{query}", headers=stage.headers(UserRole.MANAGER, provider))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


def parked_message(stage: Stage, destination_id: str) -> str:
    """Id of a message for this destination that was tried too often."""
    with stage.services.db.write() as session:
        decision = session.scalars(select(DecisionRow).order_by(DecisionRow.id).limit(1)).one()
        row = OutgoingRow(
            id=new_id(),
            provider_id=decision.provider_id,
            destination_id=destination_id,
            episode_id=decision.episode_id,
            decision_id=decision.id,
            coding_version=1,
            state=OutgoingState.PARKED,
            attempts=5,
            refusals=5,
            next_at=stage.clock.now(),
            created_at=stage.clock.now(),
        )
        session.add(row)
        return row.id
