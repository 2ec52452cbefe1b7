"""Posting, reading and listing episodes."""

from typing import Any

import pytest
from sqlalchemy import select

from service.accounts import directory
from service.episodes import intake
from service.episodes.reading import model_episode
from service.episodes.schemas import EpisodeIn
from service.identity import Actor, ActorKind, UserRole
from service.tables import EpisodeRow
from tests.fakes import NOTE, FakeCoder
from tests.service_fixtures import Stage


def post(stage: Stage, body: dict[str, Any], key: str | None = None) -> Any:
    headers = stage.headers(UserRole.EPR) | ({"Idempotency-Key": key} if key else {})
    return stage.client.post("/v1/episodes", json=body, headers=headers)


def body(text: str = NOTE, **fields: Any) -> dict[str, Any]:
    documents = [{"id": "ds", "kind": "discharge_summary", "text": text}]
    return {"spell_number": "S1", "episode_number": "1", "documents": documents} | fields


def test_posted_episode_is_stored_suggested_and_answered(stage: Stage) -> None:
    answer = post(stage, body(family_name="Test", sex="2", birth_date="1950-01-02", episode_end="2026-02-01"))
    assert answer.status_code == 201
    episode = answer.json()
    assert [line["code"] for line in episode["suggestions"]["undecided"]] == [
        "J440",
        "E119",
        "I10X",
        "Z864",
        "G459",
    ]
    assert episode["coding"] == {"diagnoses": [], "procedures": []}
    assert episode["status"] == "ready"
    assert episode["due_date"] == "2026-03-03"
    assert answer.headers["ETag"] == f'"{episode["version"]}"'


def test_evidence_is_the_text_at_its_offsets(stage: Stage) -> None:
    episode = post(stage, body("\ufeff\U0001f600 e\u0301\r\n" + NOTE)).json()
    text = episode["documents"][0]["text"]
    for line in episode["suggestions"]["undecided"]:
        for span in line["evidence"]:
            assert text[span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize(
    "text",
    [
        "a\u0301e\u0308",
        "\U0001f469\u200d\u2695\ufe0f",
        "a\r\nb\rc",
        "\u00a0x\u00a0",
        "\ufeffstart",
        " trailing \n",
    ],
)
def test_text_is_given_back_exactly_as_sent(stage: Stage, text: str) -> None:
    episode = post(stage, body(text)).json()
    again = stage.client.get(f"/v1/episodes/{episode['id']}", headers=stage.headers())
    assert again.json()["documents"][0]["text"] == text


def test_the_same_post_again_changes_nothing(stage: Stage) -> None:
    first, second = post(stage, body()), post(stage, body())
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_same_document_id_is_a_new_version_and_a_new_id_a_further_document(stage: Stage) -> None:
    post(stage, body())
    changed = body(NOTE + " Also gout.")
    changed["documents"].append({"id": "op", "kind": "operation_note", "text": "gastroscopy done"})
    episode = post(stage, changed).json()
    assert [(d["id"], d["version"], d["versions"]) for d in episode["documents"]] == [
        ("ds", 2, 2),
        ("op", 1, 1),
    ]


def test_decision_stands_on_a_new_document_version_and_says_where_its_words_are_now(stage: Stage) -> None:
    episode = post(stage, body()).json()
    lines = {line["code"]: line["id"] for line in episode["suggestions"]["undecided"]}
    version = episode["version"]
    for code in ("J440", "E119"):
        decided = stage.client.post(
            f"/v1/episodes/{episode['id']}/decisions",
            json={"kind": "accept", "line": lines[code]},
            headers=stage.headers() | {"If-Match": f'"{version}"'},
        )
        version = decided.json()["version"]
    newer = post(stage, body("Amended. infective exacerbation of COPD only.")).json()
    places = {line["code"]: line["evidence"][0] for line in newer["coding"]["diagnoses"]}
    assert (places["J440"]["place"], places["J440"]["version"], places["J440"]["decided_on_version"]) == (
        "moved",
        2,
        1,
    )
    assert places["E119"]["place"] == "lost"


def test_episode_without_documents_waits_for_text_and_becomes_ready_with_it(stage: Stage) -> None:
    empty = post(stage, {"spell_number": "S1", "episode_number": "1"}).json()
    assert (empty["status"], empty["suggestions"]) == ("awaiting_text", None)
    assert post(stage, body()).json()["status"] == "ready"


def test_document_entered_in_error_is_no_longer_read(stage: Stage) -> None:
    post(stage, body())
    sent = body()
    sent["documents"][0]["status"] = "entered_in_error"
    assert post(stage, sent).json()["status"] == "awaiting_text"


def test_fields_not_sent_again_keep_what_is_known(stage: Stage) -> None:
    post(stage, body(family_name="Test", site="RCB55"))
    episode = post(stage, body(given_name="Ann")).json()
    assert episode["patient"]["family_name"] == "Test"
    assert (episode["patient"]["given_name"], episode["site"]) == ("Ann", "RCB55")


def test_another_provider_does_not_see_the_episode(stage: Stage) -> None:
    episode = post(stage, body()).json()
    for path in (f"/v1/episodes/{episode['id']}", f"/v1/episodes/{episode['id']}/decisions"):
        method = "get" if path.endswith(episode["id"]) else "post"
        extra = {} if method == "get" else {"json": {"kind": "claim"}}
        headers = stage.headers(provider="B") | {"If-Match": '"1"'}
        assert getattr(stage.client, method)(path, headers=headers, **extra).status_code == 404
    assert stage.client.get("/v1/episodes", headers=stage.headers(provider="B")).json()["episodes"] == []


def test_the_same_natural_key_of_two_providers_is_two_episodes(stage: Stage) -> None:
    assert stage.post_episode(provider="A")["id"] != stage.post_episode(provider="B")["id"]


def test_without_a_model_the_episode_is_accepted_and_suggested_when_one_returns(stage: Stage) -> None:
    stage.source.coder, stage.source.name = None, "fake/2"
    healthy = stage.services.suggester.holder
    healthy._serving = type(healthy.serving)(None, None, "hash mismatch")
    episode = post(stage, body()).json()
    assert episode["suggestions"] is None
    assert "hash mismatch" in episode["suggestions_reason"]

    from service.episodes.backlog import Backlog

    stage.source.coder = FakeCoder()
    stage.refresh_model()
    assert Backlog(stage.services, interval_seconds=1).work_off() == 1
    again = stage.client.get(f"/v1/episodes/{episode['id']}", headers=stage.headers()).json()
    assert len(again["suggestions"]["undecided"]) == 5
    assert again["suggestions_reason"] is None


def test_worklist_is_ordered_by_due_date_filtered_and_paged(stage: Stage) -> None:
    for number, end in enumerate(("2026-02-03", "2026-02-01", "2026-02-02"), 1):
        sent = body(episode_end=end, site=f"SITE{number % 2}")
        post(stage, sent | {"spell_number": f"S{number}"})
    page = stage.client.get("/v1/episodes?limit=2", headers=stage.headers()).json()
    rest = stage.client.get(f"/v1/episodes?cursor={page['next_cursor']}", headers=stage.headers()).json()
    ends = [episode["episode_end"] for episode in page["episodes"] + rest["episodes"]]
    assert ends == ["2026-02-01", "2026-02-02", "2026-02-03"]
    assert rest["next_cursor"] is None
    one_site = stage.client.get("/v1/episodes?site=SITE1", headers=stage.headers()).json()
    assert [episode["spell_number"] for episode in one_site["episodes"]] == ["S3", "S1"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "bm90IGEgZGF0ZSB4"])
def test_a_cursor_of_someone_elses_making_is_refused(stage: Stage, cursor: str) -> None:
    assert stage.client.get(f"/v1/episodes?cursor={cursor}", headers=stage.headers()).status_code == 422


def test_message_never_reopens_a_finalised_episode(stage: Stage) -> None:
    episode = post(stage, body("Nothing known.")).json()
    path, headers = f"/v1/episodes/{episode['id']}/decisions", stage.headers()
    added = stage.client.post(
        path,
        json={"kind": "add", "role": "diagnosis", "code": "I10"},
        headers=headers | {"If-Match": f'"{episode["version"]}"'},
    )
    done = stage.client.post(
        path, json={"kind": "finalise"}, headers=headers | {"If-Match": added.headers["ETag"]}
    )
    assert done.json()["status"] == "finalised"
    newer = post(stage, body("Now with hypertension.")).json()
    assert newer["status"] == "finalised"
    assert newer["document_since_finalised"]
    assert [line["code"] for line in newer["coding"]["diagnoses"]] == ["I10X"]


def test_two_documents_with_one_id_in_one_message_are_refused(stage: Stage) -> None:
    sent = body()
    sent["documents"] *= 2
    assert post(stage, sent).status_code == 422


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_date_that_stands_for_not_known_is_refused_with_words(stage: Stage, day: str) -> None:
    answer = post(stage, body(episode_end=day))
    assert answer.status_code == 422
    assert "leave out what is not known" in answer.text


def test_corrected_facts_of_the_patient_are_read_by_the_model_again(stage: Stage) -> None:
    first = post(stage, body(sex="1")).json()
    assert post(stage, body(sex="1", site="RCB55")).json()["suggestions"]["id"] == first["suggestions"]["id"]
    assert post(stage, body(sex="2")).json()["suggestions"]["id"] != first["suggestions"]["id"]


def test_language_that_is_not_sent_again_stays(stage: Stage) -> None:
    post(stage, body(language="cy"))
    post(stage, body(given_name="Ann"))
    with stage.services.db.read() as session:
        assert session.scalar(select(EpisodeRow.language)) == "cy"


def test_weak_etag_of_a_proxy_is_understood(stage: Stage) -> None:
    episode = post(stage, body()).json()
    claimed = stage.client.post(
        f"/v1/episodes/{episode['id']}/decisions",
        json={"kind": "claim"},
        headers=stage.headers() | {"If-Match": f'W/"{episode["version"]}"'},
    )
    assert claimed.status_code == 201


def test_answer_that_read_the_documents_in_another_order_is_not_stored(stage: Stage) -> None:
    """Evidence names a document by its place: two posts at once must not point it at the wrong one."""
    sent = EpisodeIn.model_validate(
        body() | {"documents": [{"id": "a", "text": "hypertension"}, {"id": "b", "text": "type 2 diabetes"}]}
    )
    actor = epr_actor(stage)
    now = stage.clock.now()
    documents = intake.merged_documents({}, sent, now)
    other_way = dict(reversed([(sender_id, version.digest) for sender_id, version in documents.items()]))
    prediction = FakeCoder().suggest(model_episode(intake.draft(actor, sent, now), documents))
    with stage.services.db.write() as session:
        received = intake.receive(session, actor, sent, intake.Answered(other_way, prediction, None), at=now)
        assert received.row.unsuggested_reason == intake.WAITS


def epr_actor(stage: Stage) -> Actor:
    with stage.services.db.read() as session:
        provider = directory.provider_by_code(session, "A")
        key = directory.key_by_name(session, provider.id, UserRole.EPR)
    return Actor(ActorKind.KEY, key.id, key.name, UserRole.EPR, provider.id)
