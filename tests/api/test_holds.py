"""Holds through the API: a reason of the fixed list, a review date, and the release by a new document."""

import pytest
from sqlalchemy import func, select

from service import audit
from service.audit.tables import AuditRow
from service.identity import UserRole
from tests.service_fixtures import Stage
from tests.worklist_fixtures import HISTOLOGY, SUMMARY, decide, post, read


def test_says_why_and_until_when(stage: Stage) -> None:
    episode = post(stage, "H1")
    held = decide(stage, episode, "hold", reason="query", review_date="2026-03-16")
    assert held.status_code == 201
    assert held.json()["decision"]["content"] == {"reason": "query", "review_date": "2026-03-16"}
    now = read(stage, episode)
    assert (now["status"], now["hold_reason"], now["review_date"]) == ("on_hold", "query", "2026-03-16")
    listed = stage.client.get("/v1/episodes?status=on_hold", headers=stage.headers()).json()["episodes"]
    assert [(one["hold_reason"], one["review_date"]) for one in listed] == [("query", "2026-03-16")]


@pytest.mark.parametrize("given", [{"reason": "lunch"}, {}, {"reason": "notes", "review_date": "2026-03-01"}])
def test_without_a_reason_or_until_a_day_that_has_gone_is_refused(
    stage: Stage, given: dict[str, str]
) -> None:
    episode = post(stage, "H1")
    assert decide(stage, episode, "hold", UserRole.CODER, **given).status_code == 422
    assert read(stage, episode)["status"] == "ready"


def test_a_new_document_releases_it_as_an_audited_event_of_the_service(stage: Stage) -> None:
    episode = post(stage, "H1")
    decide(stage, episode, "hold", reason="histology", review_date="2026-03-16")
    post(stage, "H1", HISTOLOGY)
    now = read(stage, episode)
    assert (now["status"], now["hold_reason"], now["review_date"]) == ("ready", None, None)
    assert now["histology_arrived"]
    release = now["decisions"][-1]
    assert (release["kind"], release["number"], release["actor"]) == ("release", 2, "The service")
    assert release["content"] == {"because": "new_document", "was_held_for": "histology"}
    with stage.services.db.read() as session:
        released = select(func.count()).where(AuditRow.subject == f"decision:{release['id']}")
        assert session.scalar(released.where(AuditRow.actor == "system:intake")) == 1
        problems = [problem for report in audit.verify(session) for problem in report.problems]
    assert problems == []


def test_the_same_document_again_and_new_facts_release_nothing(stage: Stage) -> None:
    episode = post(stage, "H1")
    decide(stage, episode, "hold", reason="notes")
    post(stage, "H1", SUMMARY, site="NEW")
    now = read(stage, episode)
    assert (now["status"], now["site"], len(now["decisions"])) == ("on_hold", "NEW", 1)


def test_a_withdrawn_document_that_leaves_no_text_releases_it_to_wait_for_text(stage: Stage) -> None:
    episode = post(stage, "H1")
    decide(stage, episode, "hold", reason="notes")
    post(stage, "H1", {**SUMMARY, "status": "entered_in_error"})
    now = read(stage, episode)
    assert (now["status"], now["hold_reason"]) == ("awaiting_text", None)


def test_a_manager_assigns_and_nobody_else(stage: Stage) -> None:
    episode = post(stage, "H1")
    assert decide(stage, episode, "claim", coder="0" * 36).status_code == 403
    refused = decide(stage, episode, "claim", by=UserRole.MANAGER, coder="0" * 36)
    assert (refused.status_code, refused.json()["detail"]) == (422, "there is no such coder")
