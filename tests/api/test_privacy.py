"""No patient text in logs, errors or metrics: canaries are sent through everything, then looked for."""

from typing import Any

import pytest

from service.identity import UserRole
from tests.fakes import NOTE, FailingCoder
from tests.service_fixtures import Stage

CANARIES = ("Canary-Surname", "9990001112", "canary sentence of the note")


def episode_body() -> dict[str, Any]:
    text = f"{NOTE} The {CANARIES[2]} stands here."
    return {
        "spell_number": "S1",
        "family_name": CANARIES[0],
        "nhs_number": CANARIES[1],
        "documents": [{"id": "ds", "text": text}],
    }


def test_no_canary_in_logs_errors_or_metrics(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    epr, coder = stage.headers(UserRole.EPR), stage.headers()
    episode = stage.client.post("/v1/episodes", json=episode_body(), headers=epr).json()
    failures = [
        stage.client.post("/v1/episodes", json=episode_body() | {"sex": 5, "x": CANARIES[0]}, headers=epr),
        stage.client.post("/v1/episodes", json=episode_body() | {CANARIES[2]: 1}, headers=epr),
        stage.client.post("/v1/suggestions", json={"text": [CANARIES[2]]}, headers=coder),
        stage.client.get(f"/v1/classifications/{CANARIES[0]}/codes?q={CANARIES[2]}", headers=coder),
        stage.client.get(f"/v1/episodes/{CANARIES[0]}", headers=coder),
        stage.client.post(
            f"/v1/episodes/{episode['id']}/decisions",
            json={"kind": "add", "role": "diagnosis", "code": CANARIES[0][:12]},
            headers=coder | {"If-Match": '"1"'},
        ),
    ]
    stage.services.suggester.holder._serving = type(stage.services.suggester.holder.serving)(
        FailingCoder(), "fake/1", ""
    )
    failures.append(stage.client.post("/v1/suggestions", json={"text": CANARIES[2]}, headers=coder))
    assert failures[-1].status_code == 503
    written = capfd.readouterr()
    metrics = stage.client.get("/metrics").text
    for canary in CANARIES:
        assert all(answer.status_code >= 400 and canary not in answer.text for answer in failures)
        assert canary not in written.out + written.err + metrics


def test_unexpected_failure_is_answered_500_without_its_message(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError(CANARIES[2])

    stage.app.add_api_route("/broken", broken)
    answer = stage.client.get("/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    log_lines = capfd.readouterr().err
    assert CANARIES[2] not in answer.text + log_lines
    assert "RuntimeError" in log_lines


def test_every_answer_carries_security_headers(stage: Stage) -> None:
    for path in ("/healthz", "/v1/episodes", "/nothing"):
        headers = stage.client.get(path).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
