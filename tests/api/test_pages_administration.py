"""The administration page: accounts and keys of one's own provider."""

import re

import pytest

from service.accounts import directory
from service.identity import UserRole
from tests.page_client import PageClient
from tests.service_fixtures import PASSWORD, Stage


class Office:
    """An administrator before the page."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.pages = stage, PageClient(stage)
        self.pages.sign_in("admin-a")

    def post(self, path: str, **fields: str):  # type: ignore[no-untyped-def]
        token = self.pages.hidden_fields("/administration")["csrf_token"]
        return self.pages.post(f"/administration/{path}", {"csrf_token": token, **fields})

    def account_id(self, username: str, provider: str = "A") -> str:
        with self.stage.services.db.read() as session:
            owner = directory.provider_by_code(session, provider)
            return directory.account_by_username(session, owner.id, username).id

    def key_id(self, name: str, provider: str = "A") -> str:
        with self.stage.services.db.read() as session:
            owner = directory.provider_by_code(session, provider)
            return directory.key_by_name(session, owner.id, name).id


@pytest.fixture
def office(stage: Stage) -> Office:
    return Office(stage)


def test_person_is_added_and_can_sign_in(office: Office, stage: Stage) -> None:
    answer = office.post("accounts", username="Eleri", name="Eleri Evans", role="coder", password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/administration")
    assert "Eleri Evans" in office.pages.get("/administration").text
    assert PageClient(stage).sign_in("eleri").status_code == 303


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"username": "x", "name": "X", "role": "coder", "password": "short"}, "10 characters or more"),
        ({"username": "coder-a", "name": "X", "role": "coder", "password": PASSWORD}, "This name is in use"),
        ({"username": "", "name": "X", "role": "coder", "password": PASSWORD}, "Give a user name"),
        ({"username": "x", "name": "X", "role": "king", "password": PASSWORD}, "Choose a role"),
        ({"username": "x", "name": "X", "role": "epr", "password": PASSWORD}, "systems use API keys"),
    ],
)
def test_page_says_what_is_wrong_with_a_new_account(
    office: Office, fields: dict[str, str], words: str
) -> None:
    answer = office.post("accounts", **fields)
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert PASSWORD not in answer.text


def test_new_password_and_disabling_end_the_sessions_of_a_person(office: Office, stage: Stage) -> None:
    coder = PageClient(stage)
    coder.sign_in()
    account = office.account_id("coder-a")
    office.post(f"accounts/{account}/password", password="another password")
    assert coder.get("/worklist").status_code == 303
    assert coder.sign_in("coder-a", "another password").status_code == 303
    office.post(f"accounts/{account}/disable")
    assert coder.get("/worklist").status_code == 303
    assert coder.sign_in("coder-a", "another password").status_code == 401


def test_administrator_cannot_lock_themselves_out(office: Office) -> None:
    answer = office.post(f"accounts/{office.account_id('admin-a')}/disable")
    assert answer.status_code == 422
    assert "You cannot disable your own account" in answer.text


def test_secret_of_a_key_is_shown_once_and_works(office: Office, stage: Stage) -> None:
    answer = office.post("keys", name="new EPR", role="epr")
    (secret,) = re.findall(r'<code id="secret">(ack_[\w-]+)</code>', answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert secret not in office.pages.get("/administration").text
    headers = {"Authorization": f"Bearer {secret}"}
    assert stage.client.post("/v1/episodes", json={"spell_number": "K1"}, headers=headers).status_code == 201


def test_rotated_and_disabled_keys_stop_working(office: Office, stage: Stage) -> None:
    old = stage.headers(UserRole.ENGINEER)
    answer = office.post(f"keys/{office.key_id('engineer')}/rotate")
    (secret,) = re.findall(r'<code id="secret">(ack_[\w-]+)</code>', answer.text)
    new = {"Authorization": f"Bearer {secret}"}
    assert stage.client.get("/v1/models", headers=old).status_code == 401
    assert stage.client.get("/v1/models", headers=new).status_code == 200
    office.post(f"keys/{office.key_id('engineer')}/disable")
    assert stage.client.get("/v1/models", headers=new).status_code == 401


def test_other_providers_accounts_and_keys_are_out_of_sight_and_reach(office: Office) -> None:
    page = office.pages.get("/administration").text
    assert "coder-a" in page
    assert "coder-b" not in page
    account, key = office.account_id("coder-b", "B"), office.key_id("coder", "B")
    for path in (
        f"accounts/{account}/password",
        f"accounts/{account}/disable",
        f"keys/{key}/rotate",
        f"keys/{key}/disable",
    ):
        assert office.post(path, password="another password").status_code == 404


@pytest.mark.parametrize("role", sorted(set(UserRole) - {UserRole.ADMIN, UserRole.EPR}))
def test_only_administrators_see_the_page(stage: Stage, role: UserRole) -> None:
    pages = PageClient(stage)
    pages.sign_in(f"{role}-a")
    assert pages.get("/administration").status_code == 403
