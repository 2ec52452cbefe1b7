"""When a call is made again, and after how long; against a scripted service, without waiting."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from service.client import (
    Client,
    ConnectionFailed,
    Gone,
    NotAllowed,
    Overloaded,
    Refused,
    Retries,
    Stale,
    Unexpected,
    decisions,
    sent,
    types,
)

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SUGGESTED = {
    "model": {"name": "m", "version": "1", "digest": "d"}, "diagnoses": [], "procedures": [], "not_coded": [],
}  # fmt: skip
EPISODE = types.EpisodeSummary(
    id="e1", spell_number="S1", episode_number=None, status="ready", version=3, site=None,
    treatment_function=None, episode_end=None, due_date=NOW.date(), claimed_by=None,
)  # fmt: skip

Step = httpx.Response | httpx.TransportError


def problem(status: int, headers: dict[str, str] | None = None, **more: object) -> httpx.Response:
    content = {"type": "urn:autocoder:problem:x", "title": "No", "status": status, "detail": "why", **more}
    kind = {"Content-Type": "application/problem+json"}
    return httpx.Response(status, json=content, headers={**kind, **(headers or {})})


class Script:
    """A service that answers as it is told, and keeps what was asked."""

    def __init__(self, *steps: Step) -> None:
        self._steps: Iterator[Step] = iter(steps)
        self.asked: list[httpx.Request] = []
        self.waits: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        step = next(self._steps)
        if isinstance(step, httpx.TransportError):
            raise step
        return step

    def client(self, **retries: float) -> Client:
        return Client(
            "http://test",
            key="k",
            retries=Retries(chance=lambda: 1.0, **retries),  # type: ignore[arg-type]
            transport=httpx.MockTransport(self.answer),
            sleep=self.waits.append,
        )


@pytest.mark.parametrize("busy", [429, 503])
def test_a_busy_service_is_asked_again_when_it_says(busy: int) -> None:
    script = Script(problem(busy, {"Retry-After": "7"}), httpx.Response(200, json=SUGGESTED))
    assert script.client().suggest("note").model.name == "m"
    assert script.waits == [7.0]


def test_without_a_hint_each_wait_is_twice_as_long_up_to_the_longest() -> None:
    script = Script(*(problem(503) for _ in range(5)))
    with pytest.raises(Overloaded):
        script.client(longest_seconds=1.5).suggest("note")
    assert script.waits == [0.25, 0.5, 1.0, 1.5]


def test_a_hint_for_longer_than_one_is_willing_to_wait_ends_the_call() -> None:
    script = Script(problem(503, {"Retry-After": "3600"}))
    with pytest.raises(Overloaded):
        script.client().suggest("note")
    assert script.waits == []


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("Sun, 01 Mar 2026 12:00:05 GMT", 5.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("5", 5.0),
        ("soon", 0.25),
        ("-1", 0.25),
        ("", 0.25),
    ],
)
def test_both_forms_of_retry_after_are_read(written: str, seconds: float) -> None:
    response = httpx.Response(503, headers={"Retry-After": written})
    assert Retries(chance=lambda: 1.0).wait_after(0, response, NOW) == seconds


def test_a_failed_connection_is_tried_again_with_the_same_idempotency_key() -> None:
    lost = httpx.ReadError("cut")
    script = Script(lost, lost, problem(422))
    with pytest.raises(Refused):
        script.client().submit(sent.Episode(spell_number="S1"))
    keys = {request.headers["idempotency-key"] for request in script.asked}
    assert len(script.asked) == 3
    assert len(keys) == 1


def test_two_calls_have_two_keys_and_a_key_of_ones_own_is_kept() -> None:
    script = Script(problem(422), problem(422), problem(422))
    client = script.client()
    for key in (None, None, "mine"):
        with pytest.raises(Refused):
            client.submit(sent.Episode(spell_number="S1"), key=key)
    keys = [request.headers["idempotency-key"] for request in script.asked]
    assert len(set(keys)) == 3
    assert keys[-1] == "mine"


def test_what_may_not_be_carried_out_twice_is_not_after_a_failed_connection() -> None:
    script = Script(httpx.ReadTimeout("slow"))
    with pytest.raises(ConnectionFailed, match="ReadTimeout"):
        script.client().suggest_again(EPISODE)
    assert len(script.asked) == 1


def test_a_decision_names_the_version_it_was_made_on() -> None:
    script = Script(problem(412, version=4))
    with pytest.raises(Stale) as caught:
        script.client().decide(EPISODE, decisions.Accept(line="l1"))
    [asked] = script.asked
    assert asked.headers["if-match"] == '"3"'
    assert asked.url.path == "/v1/episodes/e1/decisions"
    assert caught.value.version == 4


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (problem(401), NotAllowed),
        (problem(403), NotAllowed),
        (problem(404), Gone),
        (problem(413), Refused),
        (problem(428), Refused),
        (httpx.Response(502, text="<html>"), Unexpected),
        (httpx.Response(200, json={"hello": 1}), Unexpected),
        (httpx.Response(200, text="not json"), Unexpected),
    ],
)
def test_every_failure_has_its_type(answer: httpx.Response, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        Script(answer).client().suggest("note")


def test_what_was_sent_stands_in_no_message() -> None:
    call: Callable[[], object] = lambda: Script(problem(422)).client().suggest("Mrs Secret")  # noqa: E731
    with pytest.raises(Refused) as caught:
        call()
    assert "Secret" not in str(caught.value)
    assert caught.value.detail == "why"


def test_a_part_of_a_path_cannot_leave_its_place() -> None:
    script = Script(problem(404))
    with pytest.raises(Gone):
        script.client().episode("../../admin?x=1")
    assert script.asked[0].url.raw_path == b"/v1/episodes/..%2F..%2Fadmin%3Fx%3D1"
