"""What a broken or hostile sender posts is answered 4xx in under 1 kB, and stores nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from service.identity import UserRole
from service.tables import EpisodeRow
from tests.service_fixtures import Stage

JSON = "application/json"


def episode(**fields: Any) -> bytes:
    return json.dumps({"spell_number": "S1"} | fields).encode()


def with_text(raw: str) -> bytes:
    """The raw JSON string stands as the text of a document."""
    return b'{"spell_number": "S1", "documents": [{"id": "d", "text": ' + raw.encode() + b"}]}"


HOSTILE: dict[str, tuple[bytes, str]] = {
    "invalid UTF-8": (b'{"spell_number": "\xff\xfe"}', JSON),
    "random binary": (bytes(range(256)) * 4, JSON),
    "lone surrogate in text": (with_text('"\\ud800"'), JSON),
    "lone surrogate in a field that fails": (b'{"spell_number": "\\ud800", "age": "\\udfff"}', JSON),
    "lone surrogate as a field name": (b'{"\\ud800": 1}', JSON),
    "NUL in text": (with_text('"a\\u0000b"'), JSON),
    "NUL in an identifier": (b'{"spell_number": "a\\u0000"}', JSON),
    "NaN": (b'{"spell_number": NaN}', JSON),
    "negative infinity": (b'{"spell_number": "S", "documents": -Infinity}', JSON),
    "integer of 5,000 digits": (b'{"spell_number": ' + b"9" * 5000 + b"}", JSON),
    "nesting 100,000 deep": (b"[" * 100_000, JSON),
    "text over its length": (with_text('"' + "x" * 1_000_001 + '"'), JSON),
    "10 MB text": (with_text('"' + "x" * 10_000_000 + '"'), JSON),
    "wrong type": (b'{"spell_number": ["S"]}', JSON),
    "unknown field": (episode(patient_secret="Mrs Test"), JSON),
    "date that is none": (episode(episode_end="2026-02-30"), JSON),
    "number for a date": (episode(episode_end=20260201), JSON),
    "51 documents": (episode(documents=[{"id": str(n), "text": ""} for n in range(51)]), JSON),
    "no JSON": (b"spell_number=S1", "application/x-www-form-urlencoded"),
    "no content type": (episode(), ""),
    "empty": (b"", JSON),
    "XML": (b"<episode/>", "application/xml"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_body_is_answered_4xx_under_a_kilobyte_and_stores_nothing(stage: Stage, name: str) -> None:
    content, content_type = HOSTILE[name]
    headers = stage.headers(UserRole.EPR) | ({"Content-Type": content_type} if content_type else {})
    answer = stage.client.post("/v1/episodes", content=content, headers=headers)
    assert 400 <= answer.status_code < 500, name
    assert len(answer.content) < 1024
    assert answer.headers["content-type"] == "application/problem+json"
    assert b"Mrs Test" not in answer.content
    with stage.services.db.read() as session:
        assert session.scalar(select(func.count()).select_from(EpisodeRow)) == 0


def test_body_streamed_without_a_length_is_cut_off_at_the_limit(stage: Stage) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"spell_number": "'
        for _ in range(100):
            yield b"x" * 100_000

    headers = stage.headers(UserRole.EPR) | {"Content-Type": JSON}
    answer = stage.client.post("/v1/episodes", content=chunks(), headers=headers)
    assert (answer.status_code, len(answer.content) < 1024) == (413, True)


def test_compressed_body_is_refused_before_it_is_unpacked(stage: Stage) -> None:
    headers = stage.headers(UserRole.EPR) | {"Content-Type": JSON, "Content-Encoding": "gzip"}
    assert stage.client.post("/v1/episodes", content=b"\x1f\x8b" * 50, headers=headers).status_code == 415


@pytest.mark.parametrize(
    "path",
    [
        "/v1/episodes?limit=99999999999999999999999",
        "/v1/episodes?limit=true",
        "/v1/episodes?status=%00",
        "/v1/episodes/%00",
        "/v1/episodes/" + "9" * 400,
        "/v1/classifications/icd10/codes?q=%00",
        "/v1/classifications/icd10/codes?q=" + "a" * 201,
        "/v1/classifications/nothing/codes?q=a",
    ],
)
def test_hostile_address_is_answered_4xx(stage: Stage, path: str) -> None:
    answer = stage.client.get(path, headers=stage.headers())
    assert 400 <= answer.status_code < 500
    assert len(answer.content) < 1024


@pytest.mark.parametrize("key", ["", "a" * 256, "with space", "\xe9"])
def test_idempotency_key_that_is_not_visible_ascii_is_refused(stage: Stage, key: str) -> None:
    headers = {name.encode(): value.encode() for name, value in stage.headers(UserRole.EPR).items()}
    headers |= {b"Content-Type": JSON.encode(), b"Idempotency-Key": key.encode("latin-1")}
    answer = stage.client.post("/v1/episodes", content=episode(), headers=headers)
    assert answer.status_code == 422


def test_405_names_every_method_of_the_path(stage: Stage) -> None:
    answer = stage.client.delete("/v1/episodes", headers=stage.headers())
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}
    assert answer.headers["content-type"] == "application/problem+json"
