"""A register over the API, and episodes of its people."""

from typing import Any

from service.identity import UserRole
from tests.service_fixtures import Stage

POLICY = {"version": "2025-1", "starts": "2025-04-01"}
SIGNED = {"signed_off_by": "Medical director", "signed_off_on": "2025-03-20"}
CONSULTANT, SPECIALIST = "1000001", "2000001"


def record(stage: Stage, number: str, body: str = "gmc", *, status: int | None = None, **fields: Any) -> Any:
    """A clinician of provider A, as the manager enters them."""
    entry = {"name": "Dr Somebody", "grade": "consultant", "main_specialty": "100", "starts": "2020-01-01"}
    answer = stage.client.put(
        f"/v1/clinicians/{body}/{number}", json=entry | fields, headers=stage.headers(UserRole.MANAGER)
    )
    assert answer.status_code == status if status else answer.status_code in (200, 201), answer.text
    return answer.json()


def record_policy(stage: Stage, **fields: Any) -> Any:
    answer = stage.client.post(
        "/v1/autonomy-policies", json=POLICY | fields, headers=stage.headers(UserRole.MANAGER)
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def record_people(stage: Stage) -> None:
    """A consultant, and a specialist whose autonomy covers everything."""
    record_policy(stage)
    record(stage, CONSULTANT, name="Mr Named Consultant")
    record(stage, SPECIALIST, **specialist())


def specialist(**fields: Any) -> dict[str, Any]:
    entry = {"name": "Dr Full Specialist", "grade": "specialist", "autonomy": "full", "policy": "2025-1"}
    return {**entry, "starts": "2025-04-01", **SIGNED, **fields}


def post(stage: Stage, spell: str, *, text: str = "Diagnosis: hypertension.", **fields: Any) -> Any:
    """A day case of general surgery, under the consultant."""
    facts = {
        "spell_number": spell, "episode_number": "1", "clinician": f"C{CONSULTANT}",
        "treatment_function": "100", "main_specialty": "100", "site": "RXX01",
        "admission_method": "11", "patient_classification": "2",
        "spell_start": "2026-03-02", "episode_start": "2026-03-02", "episode_end": "2026-03-02",
        "spell_end": "2026-03-02", "documents": [{"id": "ds", "text": text}],
    }  # fmt: skip
    answer = stage.client.post("/v1/episodes", json=facts | fields, headers=stage.headers(UserRole.EPR))
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def read(stage: Stage, episode_id: str) -> Any:
    return stage.client.get(f"/v1/episodes/{episode_id}", headers=stage.headers()).json()


def operated(by: str) -> dict[str, Any]:
    """An operation note of such a surgeon."""
    head = f"OPERATION NOTE\nConsultant: Mr Named Consultant\nSurgeon: {by}"
    text = f"{head}\n\nDone: gastroscopy. PMH: hypertension."
    return {"id": "op", "kind": "operation_note", "text": text}


def finalise(stage: Stage, episode: Any) -> Any:
    """Accepts what is suggested, and closes."""
    for line in episode["suggestions"]["undecided"]:
        decide(stage, episode["id"], kind="accept", line=line["id"])
    return decide(stage, episode["id"], kind="finalise")


def decide(stage: Stage, episode_id: str, **decision: Any) -> Any:
    version = read(stage, episode_id)["version"]
    answer = stage.client.post(
        f"/v1/episodes/{episode_id}/decisions",
        json=decision,
        headers=stage.headers() | {"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def as_manager(stage: Stage, method: str, path: str, **more: Any) -> Any:
    return stage.client.request(method, path, headers=stage.headers(UserRole.MANAGER), **more)


def look(stage: Stage) -> Any:
    period = {"starts": "2026-01-01", "ends": "2026-12-31"}
    answer = as_manager(stage, "POST", "/v1/attributions/look", json=period)
    assert answer.status_code == 200, answer.text
    return answer.json()


def waiting(stage: Stage, state: str = "waiting") -> list[Any]:
    found: list[Any] = as_manager(stage, "GET", f"/v1/attributions?state={state}").json()["proposals"]
    return found
