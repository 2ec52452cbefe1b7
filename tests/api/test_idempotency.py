"""A key is carried out once, whatever is sent how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from service import idempotency
from service.episodes.backlog import Backlog
from service.idempotency import Request
from service.identity import Actor, ActorKind, UserRole
from service.tables import DecisionRow, EpisodeRow
from tests.fakes import NOTE
from tests.patience import PATIENCE_SECONDS
from tests.service_fixtures import Stage


def post(stage: Stage, key: str, text: str = NOTE, spell: str = "S1") -> Any:
    body = {"spell_number": spell, "documents": [{"id": "ds", "text": text}]}
    return stage.client.post(
        "/v1/episodes", json=body, headers=stage.headers(UserRole.EPR) | {"Idempotency-Key": key}
    )


def count(stage: Stage, table: type[EpisodeRow] | type[DecisionRow]) -> int:
    with stage.services.db.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_replay_is_answered_with_the_same_bytes_and_status(stage: Stage) -> None:
    first, second = post(stage, "k1"), post(stage, "k1")
    assert (first.status_code, first.content, first.headers["ETag"]) == (
        second.status_code,
        second.content,
        second.headers["ETag"],
    )


def test_twenty_at_once_make_one_episode(stage: Stage) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: post(stage, "k1"), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert count(stage, EpisodeRow) == 1


def test_twenty_at_once_without_a_key_make_one_episode(stage: Stage) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: stage.post_episode(), range(20)))
    assert len({answer["id"] for answer in answers}) == 1
    assert count(stage, EpisodeRow) == 1


def test_same_key_with_another_body_is_refused_and_nothing_is_stored(stage: Stage) -> None:
    post(stage, "k1")
    answer = post(stage, "k1", spell="S2")
    assert (answer.status_code, answer.json()["type"]) == (
        422,
        "urn:autocoder:problem:idempotency-key-reused",
    )
    assert count(stage, EpisodeRow) == 1


def test_a_decision_is_replayed_although_its_version_is_stale_by_then(stage: Stage) -> None:
    episode: Any = stage.post_episode()
    line = episode["suggestions"]["undecided"][0]["id"]
    headers = stage.headers() | {"If-Match": f'"{episode["version"]}"', "Idempotency-Key": "d1"}
    path = f"/v1/episodes/{episode['id']}/decisions"
    answers = [
        stage.client.post(path, json={"kind": "accept", "line": line}, headers=headers) for _ in range(3)
    ]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert count(stage, DecisionRow) == 1


def test_keys_of_two_systems_do_not_meet(stage: Stage) -> None:
    post(stage, "k1")
    body = {"spell_number": "S1", "documents": []}
    other = stage.client.post(
        "/v1/episodes", json=body, headers=stage.headers(UserRole.EPR, "B") | {"Idempotency-Key": "k1"}
    )
    assert other.status_code == 201


def test_failed_request_leaves_its_key_free(stage: Stage) -> None:
    bad = stage.client.post(
        "/v1/episodes",
        json={"spell_number": ""},
        headers=stage.headers(UserRole.EPR) | {"Idempotency-Key": "k1"},
    )
    assert bad.status_code == 422
    assert post(stage, "k1").status_code == 201


def test_twenty_decisions_at_once_with_one_key_are_one_decision(stage: Stage) -> None:
    episode: Any = stage.post_episode()
    line = episode["suggestions"]["undecided"][0]["id"]
    headers = stage.headers() | {"If-Match": f'"{episode["version"]}"', "Idempotency-Key": "d1"}
    path = f"/v1/episodes/{episode['id']}/decisions"
    together = Barrier(20)

    def decide(_: int) -> Any:
        together.wait(PATIENCE_SECONDS)
        return stage.client.post(path, json={"kind": "accept", "line": line}, headers=headers)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(decide, range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    assert count(stage, DecisionRow) == 1


def test_keys_wait_for_themselves_only() -> None:
    def number(actor_id: str, key: str) -> int:
        actor = Actor(ActorKind.KEY, actor_id, "name", UserRole.EPR, "provider")
        return Request(actor, key, "digest").lock_number()

    numbers = {number("a", "k1"), number("a", "k2"), number("b", "k1")}
    assert len(numbers) == 3
    assert number("a", "k1") in numbers
    assert all(-(2**63) <= found < 2**63 for found in numbers)


def test_old_answers_are_forgotten_and_young_ones_kept(stage: Stage) -> None:
    backlog = Backlog(stage.services, interval_seconds=1)
    post(stage, "old", spell="S1")
    post(stage, "old-too", spell="S2")
    stage.clock.advance(days=6)
    young = post(stage, "young", spell="S3")
    assert backlog.forget_old_answers() == 0
    stage.clock.advance(days=1, minutes=1)
    assert backlog.forget_old_answers() == 2
    assert post(stage, "young", spell="S3").content == young.content
    assert post(stage, "old", spell="S9").status_code == 201  # the key is free again


def test_every_batch_of_old_answers_is_forgotten(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_BATCH", 2)
    for number in range(5):
        post(stage, f"k{number}", spell=f"S{number}")
    assert idempotency.forget(stage.services.db, stage.clock.now()) == 0
    assert idempotency.forget(stage.services.db, stage.clock.now() + timedelta(seconds=1)) == 5


def test_old_answers_are_looked_for_once_an_hour(stage: Stage) -> None:
    backlog = Backlog(stage.services, interval_seconds=1)
    post(stage, "k1")
    stage.clock.advance(days=6, hours=23, minutes=30)
    assert backlog.forget_old_answers() == 0
    stage.clock.advance(minutes=40)
    assert backlog.forget_old_answers() == 0
    stage.clock.advance(minutes=20)
    assert backlog.forget_old_answers() == 1
