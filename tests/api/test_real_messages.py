"""Every reference message ends as an episode or a clear rejection; evidence points into its text."""

from pathlib import Path
from typing import Any

import pytest

from service.accounts import directory
from service.identity import UserRole
from service.messages.inbox import Inbox
from tests.page_client import PageClient
from tests.service_fixtures import Stage

pytestmark = pytest.mark.shared_data

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "messages"
REFUSED = {
    "DHCW-ORU_R01-example.hl7": "AR",
    "IOPS-Bundle-message-document.json": "Encounter",
    "UKCore-DocumentReference-CarePlanReportPDF-Example.xml": "DocumentReference.content[0].attachment",
    "UKCore-MessageHeader-Discharge-Example.xml": "MessageHeader",
}
"""What lacks something that only its sender knows, and where: a stay, a file, a document."""


@pytest.fixture
def keys(stage: Stage) -> dict[UserRole, str]:
    """Of the trust whose messages these are."""
    if not FOLDER.is_dir():
        pytest.skip("the reference messages are not on this machine")
    at = stage.clock.now()
    with stage.services.db.write() as session:
        trust = directory.add_provider(session, "RR8", "Leeds", at=at)
        operator = directory.operator(trust.id)
        roles = (UserRole.EPR, UserRole.CODER, UserRole.MANAGER)
        return {role: directory.add_key(session, operator, role, role, at=at)[1] for role in roles}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_every_message_ends_as_an_episode_or_a_clear_rejection(
    stage: Stage, keys: dict[UserRole, str]
) -> None:
    ended = {path.name: _sent(stage, keys[UserRole.EPR], path) for path in sorted(FOLDER.iterdir())}
    assert {name: why for name, why in ended.items() if why} == REFUSED
    read = bearer(keys[UserRole.CODER])
    listed = stage.client.get("/v1/episodes", headers=read).json()["episodes"]
    episodes = [stage.client.get(f"/v1/episodes/{one['id']}", headers=read).json() for one in listed]
    assert len(episodes) == 5
    told = [one for one in episodes if one["documents"]]
    assert sorted(one["spell_number"][:8] for one in told) == ["13c73015", "9a20cb92"]
    for episode in told:
        text = episode["documents"][0]["text"]
        assert "\n\nDiagnoses\nDiagnosis name: " in text
        lines = [*episode["suggestions"]["undecided"], *episode["suggestions"]["candidates"]]
        spans = [span for line in lines for span in line["evidence"]]
        assert all(text[span["start"] : span["end"]] == span["text"] for span in spans)


def _sent(stage: Stage, key: str, path: Path) -> str:
    """Where it was refused; empty where it was taken."""
    if path.suffix == ".hl7":
        answer = stage.client.post("/hl7v2", content=path.read_bytes(), headers=_as(key, "text/plain"))
        return "" if b"|AA|" in answer.content else "AR"
    kind = "application/fhir+xml" if path.suffix == ".xml" else "application/fhir+json"
    answer = stage.client.post("/fhir", content=path.read_bytes(), headers=_as(key, kind))
    if answer.status_code in (200, 201):
        return ""
    [issue] = answer.json()["issue"]
    assert issue["diagnostics"]
    return str(issue["expression"][0])


def _as(key: str, kind: str) -> dict[str, str]:
    return bearer(key) | {"Content-Type": kind}


def test_the_broken_welsh_result_is_mended_on_the_page_and_replayed(
    stage: Stage, keys: dict[UserRole, str]
) -> None:
    """Its lines are broken in the middle: joined again, and with the number of the visit, it is a report."""
    broken = (FOLDER / "DHCW-ORU_R01-example.hl7").read_bytes()
    with stage.services.db.read() as session:
        provider = directory.provider_by_code(session, "A")
    inbox = Inbox(stage.services.db, stage.services.clock, stage.services.settings)
    assert b"|AR|" in inbox.take(directory.integration_engine(provider.id), broken).answer
    pages = PageClient(stage)
    pages.sign_in("manager-a")
    address = pages.get("/messages").text.split('href="/messages/')[1].split('"')[0]
    fields = pages.hidden_fields(f"/messages/{address}")
    answer = pages.post(f"/messages/{address}/mend", {**fields, "text": _mended(broken.decode())})
    assert answer.status_code == 303, answer.text
    [episode] = _episodes(stage)
    texts = [one["text"] for one in episode["documents"]]
    assert any("Haemoglobin (Hb): 200 g/L (130-180) H" in text for text in texts)


def _mended(text: str) -> str:
    """The header written again, each segment on one line, and the visit named: what a person would do."""
    lines = [
        r"MSH|^~\&|ACMELab|CAV|cymru.nhs.uk|NHSWales|20190514102527+0200||ORU^R01^ORU_R01|5051095|T|2.5.1"
    ]
    for line in text[text.index("PID|") :].replace("\r", "\n").split("\n"):
        if line[:4] in _SEGMENTS:
            lines.append(line)
        else:
            lines[-1] += f" {line}"
    return "\n".join(map(_with_visit, lines))


_SEGMENTS = frozenset({"PID|", "PV1|", "ORC|", "OBR|", "NTE|", "OBX|", "TQ1|", "SPM|"})


def _with_visit(line: str) -> str:
    fields = line.split("|")
    if fields[0] != "PV1":
        return line
    fields += [""] * (20 - len(fields))
    fields[19] = fields[19] or "W1"
    return "|".join(fields)


def _episodes(stage: Stage) -> list[dict[str, Any]]:
    read = stage.headers(UserRole.CODER)
    listed = stage.client.get("/v1/episodes", headers=read).json()["episodes"]
    return [stage.client.get(f"/v1/episodes/{one['id']}", headers=read).json() for one in listed]
