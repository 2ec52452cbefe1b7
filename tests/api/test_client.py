"""The Python client against the real application: waiting over a real server, awaiting through ASGI."""

import asyncio
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from service.client import AsyncClient, Client, Gone, NotAllowed, Refused, Retries, Stale, decisions, sent
from service.identity import UserRole
from tests.fakes import NOTE
from tests.hl7_messages import adt, pid, pv1
from tests.patience import PATIENCE_SECONDS
from tests.service_fixtures import Stage


@pytest.fixture
def address(stage: Stage) -> Iterator[str]:
    """The application on a free port of this machine."""
    config = uvicorn.Config(
        stage.app, host="127.0.0.1", port=0, log_level="critical", ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=30)


def sender(stage: Stage, address: str) -> Client:
    return Client(address, key=stage.keys["A", UserRole.EPR])


def summary(spell: str = "S1") -> sent.Episode:
    return sent.Episode(
        spell_number=spell, episode_number="1", documents=(sent.Document(id="ds", text=NOTE),)
    )


def test_an_episode_goes_from_the_epr_to_finalised(stage: Stage, address: str) -> None:
    with sender(stage, address) as epr, Client(address, key=stage.keys["A", UserRole.CODER]) as coder:
        posted = epr.submit(summary())
        assert posted.suggestions is not None
        assert posted.documents[0].text == NOTE
        at = coder.decide(coder.episode(posted.id), decisions.Claim())
        for line in posted.suggestions.undecided:
            at = coder.decide(at, decisions.Accept(line=line.id))
        assert at.undecided == 0
        at = coder.decide(at, decisions.Finalise())
        assert at.status == "finalised"
        assert coder.episode(posted.id).coding.diagnoses[0].code == at.coding.diagnoses[0].code


def test_a_stale_version_is_told_with_the_current_one(stage: Stage, address: str) -> None:
    with sender(stage, address) as epr, Client(address, key=stage.keys["A", UserRole.CODER]) as coder:
        read = coder.episode(epr.submit(summary()).id)
        coder.decide(read, decisions.Claim())
        with pytest.raises(Stale) as caught:
            coder.decide(read, decisions.Release())
        assert caught.value.version == read.version + 1


def test_a_key_makes_two_posts_one(stage: Stage, address: str) -> None:
    with sender(stage, address) as epr:
        first, second = (epr.submit(summary(), key="once") for _ in range(2))
        assert first == second
        with pytest.raises(Refused, match="Idempotency-Key"):
            epr.submit(summary("S2"), key="once")


def test_pages_are_followed_to_the_end(stage: Stage, address: str) -> None:
    with sender(stage, address) as epr:
        posted = {epr.submit(summary(f"S{number}")).id for number in range(5)}
        found = list(epr.episodes(page_size=2))
        assert {one.id for one in found} == posted
        assert len(found) == 5
        assert list(epr.episodes(site="nowhere")) == []


def test_suggestions_codes_and_messages(stage: Stage, address: str) -> None:
    with sender(stage, address) as epr:
        answer = epr.suggest(sent.Text(text=NOTE, age=72))
        assert next(line.code for line in answer.diagnoses if line.suggested) == "J440"
        assert answer.diagnoses[0].evidence[0].text in NOTE
        assert epr.search_codes("icd10", "copd", limit=5)[0].entry.code.startswith("J44")
        assert epr.send_hl7(adt("A01", "M1", pid(), pv1())).is_taken
        assert not epr.send_hl7(b"MSH|^~\\&|unreadable").is_taken


def test_another_providers_episode_is_gone_and_a_wrong_key_is_not_allowed(stage: Stage, address: str) -> None:
    with sender(stage, address) as epr, Client(address, key=stage.keys["B", UserRole.CODER]) as other:
        with pytest.raises(Gone):
            other.episode(epr.submit(summary()).id)
        with pytest.raises(NotAllowed), Client(address, key="wrong") as nobody:
            nobody.suggest("note")


def test_the_same_awaited(stage: Stage) -> None:
    async def story() -> None:
        def client(role: UserRole) -> AsyncClient:
            transport = httpx.ASGITransport(stage.app)
            return AsyncClient(
                "http://test", key=stage.keys["A", role], transport=transport, retries=Retries()
            )

        async with client(UserRole.EPR) as epr, client(UserRole.CODER) as coder:
            posted = await epr.submit(summary())
            at = await coder.decide(posted, decisions.Claim())
            assert at.episode == posted.id
            assert [one.id async for one in coder.episodes()] == [posted.id]
            assert (await coder.episode(posted.id)).status == "in_progress"
            again = await coder.suggest_again(at)
            assert again.version > at.version
            assert (await epr.search_codes("opcs4", "gastroscopy"))[0].entry.code
            assert (await epr.suggest("type 2 diabetes")).diagnoses[0].code == "E119"
            assert (await epr.send_hl7(adt("A01", "M1", pid(), pv1()))).is_taken
            with pytest.raises(Gone):
                await epr.episode("00000000-0000-0000-0000-000000000000")

    asyncio.run(story())
