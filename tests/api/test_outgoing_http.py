"""Codings over HTTP: FHIR transactions that a repeat does not double, signed webhooks, HL7 in a body."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.identity import UserRole
from service.messages.hl7v2 import read_message
from tests.outgoing_fixtures import add_destination, correct, deliver, finalised, outgoing
from tests.pas import acknowledgement
from tests.receivers import Receiver, running_receiver
from tests.service_fixtures import Stage

DOCS = Path(__file__).parents[2] / "docs" / "outgoing.md"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def bundles(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in receiver.posted]


def entries(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one for one in bundle["entry"] if one["resource"]["resourceType"] == kind]


def test_a_coding_is_a_valid_fhir_transaction(stage: Stage, receiver: Receiver) -> None:
    from fhir.resources.R4B.bundle import Bundle

    add_destination(stage, "fhir", f"{receiver.url}/fhir", secret="a-bearer-token")
    finalised(stage)
    deliver(stage)
    [posted] = receiver.posted
    assert posted.headers["authorization"] == "Bearer a-bearer-token"
    assert posted.headers["content-type"] == "application/fhir+json"
    assert Bundle.model_validate_json(posted.body).type == "transaction"
    [bundle] = bundles(receiver)
    [encounter] = entries(bundle, "Encounter")
    assert encounter["request"]["url"] == "Encounter?identifier=urn%3Aautocoder%3Aepisode%7CA%2FS1%2F1"
    conditions, procedures = entries(bundle, "Condition"), entries(bundle, "Procedure")
    coded = [one["resource"]["code"]["coding"][0]["code"] for one in (*conditions, *procedures)]
    assert coded == ["J44.0", "E11.9", "I10.X", "Z86.4", "G45.9"]
    ranked = [(one["condition"]["reference"], one["rank"]) for one in encounter["resource"]["diagnosis"]]
    assert ranked == [(one["fullUrl"], n) for n, one in enumerate(conditions, 1)] + [
        (procedures[0]["fullUrl"], 1)
    ]
    [provenance] = entries(bundle, "Provenance")
    named = [one["who"]["display"] for one in provenance["resource"]["agent"]]
    assert named == ["coder (key)", "model fake 1"]
    assert "Coder A" not in posted.body.decode()


def test_a_repeat_names_the_same_resources_and_a_correction_retracts_what_it_drops(
    stage: Stage, receiver: Receiver
) -> None:
    add_destination(stage, "fhir", f"{receiver.url}/fhir")
    receiver.statuses = [503]
    episode_id = finalised(stage)
    deliver(stage, 2)
    correct(stage, episode_id)
    deliver(stage)
    first, again, corrected = bundles(receiver)
    assert first == again
    conditional = [one["request"]["ifNoneExist"] for one in entries(first, "Condition")]
    assert len(set(conditional)) == 4
    kept = entries(corrected, "Condition")
    assert [one["request"].get("ifNoneExist") for one in kept] == [*conditional[:3], None]
    verification = kept[-1]["resource"]["verificationStatus"]["coding"][0]["code"]
    assert (kept[-1]["request"]["method"], verification) == ("PUT", "entered-in-error")


@pytest.mark.parametrize(("status", "state"), [(422, "parked"), (400, "parked"), (401, "waiting")])
def test_a_refusal_parks_the_message_and_a_wrong_token_parks_nothing(
    stage: Stage, receiver: Receiver, status: int, state: str
) -> None:
    add_destination(stage, "fhir", f"{receiver.url}/fhir")
    receiver.statuses = [status] * 6
    receiver.answer = lambda _: b'{"issue": "HOLLOWAY"}'
    finalised(stage)
    deliver(stage, 6)
    [row] = outgoing(stage)
    assert (row["state"], row["last_error"]) == (state, f"HTTP {status}")


def is_ours(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As docs/outgoing.md says it."""
    [code] = re.findall(r"```python\n(.+?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    said: dict[str, Any] = {}
    exec(code, said)  # noqa: S102 (it is our own page)
    return bool(said["is_ours"](secret, headers, body))


def test_a_webhook_is_verified_as_the_page_says(stage: Stage, receiver: Receiver) -> None:
    made = add_destination(stage, "webhook", f"{receiver.url}/hook")
    finalised(stage)
    deliver(stage)
    [posted] = receiver.posted
    assert is_ours(made["secret"], posted.headers, posted.body)
    assert not is_ours(made["secret"], posted.headers, posted.body + b" ")
    assert not is_ours("whsec_AAAA", posted.headers, posted.body)
    late = posted.headers | {"webhook-timestamp": str(int(time.time()) - 301)}
    assert not is_ours(made["secret"], late, posted.body)
    said = json.loads(posted.body)
    assert (said["type"], said["data"]["coding_version"]) == ("coding.finalised", 1)
    first = said["data"]["coding"]["diagnoses"][0]
    assert (first["code"], first["evidence"][0]["text"]) == ("J440", "exacerbation of COPD")


def test_while_a_secret_is_changed_both_sign(stage: Stage, receiver: Receiver) -> None:
    made = add_destination(stage, "webhook", f"{receiver.url}/hook")
    path = f"/v1/destinations/{made['destination']['id']}"
    headers = stage.headers(UserRole.ADMIN)
    fresh = stage.client.post(f"{path}/secret", json={}, headers=headers).json()["secret"]
    finalised(stage, "S1")
    deliver(stage)
    assert stage.client.post(f"{path}/retire-secret", headers=headers).status_code == 204
    finalised(stage, "S2")
    deliver(stage)
    both, one = receiver.posted
    assert [is_ours(secret, both.headers, both.body) for secret in (made["secret"], fresh)] == [True, True]
    assert [is_ours(secret, one.headers, one.body) for secret in (made["secret"], fresh)] == [False, True]


def test_a_correction_says_so(stage: Stage, receiver: Receiver) -> None:
    add_destination(stage, "webhook", f"{receiver.url}/hook")
    correct(stage, finalised(stage))
    deliver(stage, 2)
    assert [one["type"] for one in bundles(receiver)] == ["coding.finalised", "coding.corrected"]
    assert [len(one["data"]["coding"]["diagnoses"]) for one in bundles(receiver)] == [4, 3]


def test_a_redirect_is_not_followed(stage: Stage, receiver: Receiver) -> None:
    with running_receiver() as inside:
        receiver.statuses, receiver.headers = [307], {"location": f"{inside.url}/secrets"}
        add_destination(stage, "webhook", f"{receiver.url}/hook")
        finalised(stage)
        deliver(stage)
        assert (len(receiver.posted), inside.posted) == (1, [])
    assert outgoing(stage)[0]["last_error"] == "HTTP 307"


def test_hl7_over_http_is_done_when_the_body_says_aa(stage: Stage, receiver: Receiver) -> None:
    add_destination(stage, "hl7_http", f"{receiver.url}/hl7")
    answers = ["AE", "AA"]
    receiver.answer = lambda posted: acknowledgement(read_message(posted.body), answers.pop(0), "later")
    finalised(stage)
    deliver(stage)
    assert outgoing(stage)[0]["last_error"] == "AE: later"
    deliver(stage, 2)
    assert outgoing(stage)[0]["state"] == "delivered"


def test_a_secret_sealed_with_another_key_is_said_and_not_sent(stage: Stage, receiver: Receiver) -> None:
    from pydantic import SecretStr

    add_destination(stage, "webhook", f"{receiver.url}/hook")
    finalised(stage)
    object.__setattr__(stage.services.settings, "secret_key", SecretStr("another secret of 32 characters!!"))
    deliver(stage)
    assert receiver.posted == []
    assert "give the destination a new one" in outgoing(stage)[0]["last_error"]
