"""A key is carried out once, whatever is sent how often."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select

from service.identity import UserRole
from service.tables import DecisionRow, EpisodeRow
from tests.fakes import NOTE
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
