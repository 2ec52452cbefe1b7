"""The page where messages are mended."""

from service.identity import UserRole
from tests.hl7_messages import adt, pid, pv1
from tests.page_client import PageClient
from tests.service_fixtures import Stage


def test_a_manager_mends_a_message_on_the_page(stage: Stage) -> None:
    broken = adt("A01", "1", pid(), pv1()).replace(b"PV1|1", b"PV1|\r1")
    headers = stage.headers(UserRole.EPR) | {"Content-Type": "text/plain"}
    stage.client.post("/hl7v2", content=broken, headers=headers)
    pages = PageClient(stage)
    pages.sign_in("manager-a")
    listed = pages.get("/messages")
    assert "line 5" in listed.text
    address = listed.text.split('href="/messages/')[1].split('"')[0]
    shown = pages.get(f"/messages/{address}")
    assert "PV1|\n1|I|" in shown.text
    token = pages.hidden_fields(f"/messages/{address}")
    failed = pages.post(f"/messages/{address}/mend", {**token, "text": "nothing"})
    assert (failed.status_code, "It cannot be taken" in failed.text) == (422, True)
    text = broken.decode().replace("PV1|\r1", "PV1|1").replace("\r", "\r\n")
    assert pages.post(f"/messages/{address}/mend", {**token, "text": text}).status_code == 303
    assert "No message is in quarantine" in pages.get("/messages").text
    assert "ADT^A01" in pages.get("/messages?state=taken").text


def test_only_managers_and_administrators_see_messages(stage: Stage) -> None:
    pages = PageClient(stage)
    pages.sign_in("coder-a")
    assert pages.get("/messages").status_code == 403
