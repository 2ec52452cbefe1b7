"""Automation is off, opens on a provider's own blind audits only, writes by the ordinary path, and closes.

Every episode is drawn here (audit_share is 1), so that 59 audits need 59 episodes.
"""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service import audit
from service.audit.tables import AuditRow
from service.automation.tables import AutomationSwitch, BlindAudit
from service.identity import UserRole
from service.tables import EpisodeRow
from tests.automation_fixtures import (
    RIGHT,
    STRATUM,
    WRONG,
    GatedCoder,
    audit_all,
    claim,
    code,
    copy_verdicts,
    open_,
    post,
    serve,
    shown,
    support,
    waiting,
)
from tests.service_fixtures import Stage


@pytest.fixture
def drawing(stage: Stage) -> Stage:
    """Draws every episode; a model with a gate serves."""
    settings = stage.services.settings.model_copy(update={"audit_share": 1.0})
    stage.app.state.services = replace(stage.services, settings=settings)
    serve(stage, GatedCoder())
    return stage


@pytest.fixture
def supported(drawing: Stage) -> Stage:
    """With 59 right audits, the fewest that support anything."""
    support(drawing, "S0")
    return drawing


def _last_episode(session: Session) -> str:
    return session.scalars(select(EpisodeRow.id).where(EpisodeRow.spell_number.like("copy-%"))).first() or ""


class TestOff:
    def test_nothing_is_automated_before_anyone_opened_anything(self, supported: Stage) -> None:
        assert post(supported, "new")["status"] == "ready"
        assert not shown(supported)["is_open"]

    def test_it_cannot_be_opened_without_audits(self, drawing: Stage) -> None:
        assert open_(drawing).status_code == 409
        post(drawing, "S1")
        refused = open_(drawing)
        assert refused.status_code == 409
        assert "at least 59 are needed" in refused.json()["detail"]

    def test_58_right_audits_are_too_few(self, drawing: Stage) -> None:
        support(drawing, "S0")
        with drawing.services.db.write() as session:
            session.execute(delete(BlindAudit).where(BlindAudit.episode_id == _last_episode(session)))
        assert shown(drawing)["cases"] == 58
        assert not shown(drawing)["can_open"]
        assert open_(drawing).status_code == 409

    def test_a_wrong_one_among_60_supports_nothing(self, supported: Stage) -> None:
        post(supported, "wrong")
        audit_all(supported, WRONG)
        assert (shown(supported)["cases"], shown(supported)["wrong"]) == (60, 1)
        assert open_(supported).status_code == 409

    def test_what_was_held_back_is_no_case(self, supported: Stage) -> None:
        post(supported, "held", text="Diagnosis: hypertension. Had a gastroscopy. biopsy taken.")
        audit_all(supported, WRONG)
        assert (shown(supported)["cases"], shown(supported)["wrong"]) == (59, 0)

    def test_audits_of_another_provider_do_not_count(self, supported: Stage) -> None:
        post(supported, "B1", provider="B")
        assert shown(supported, "B")["cases"] == 0
        assert open_(supported, "B").status_code == 409
        assert open_(supported).status_code == 200
        assert post(supported, "B2", provider="B")["status"] == "ready"

    def test_only_a_manager_opens(self, supported: Stage) -> None:
        for role in (UserRole.AUDITOR, UserRole.ADMIN, UserRole.ENGINEER, UserRole.CODER):
            assert open_(supported, role=role).status_code == 403

    def test_no_stratum_is_made_up(self, supported: Stage) -> None:
        headers = supported.headers(UserRole.MANAGER)
        for name in ("unknown", "nonsense"):
            assert supported.client.post(f"/v1/automation/{name}/open", headers=headers).status_code == 404


class TestOpen:
    @pytest.fixture
    def opened(self, supported: Stage) -> Stage:
        supported.clock.advance(minutes=1)
        made = open_(supported)
        assert made.status_code == 200, made.text
        return supported

    def test_the_record_names_bound_cases_and_person(self, opened: Stage) -> None:
        headers = opened.headers(UserRole.AUDITOR)
        record = opened.client.get("/v1/automation", headers=headers).json()["history"][0]
        assert (record["cases"], record["errors"], record["is_on"]) == (59, 0, True)
        assert 0.049 < record["bound"] <= 0.05
        assert record["by"] == "manager"
        assert record["threshold"] == 0.97
        assert record["versions"]["model"]["digest"] == "0" * 64

    def test_an_episode_is_coded_by_the_gate_through_ordinary_decisions(self, opened: Stage) -> None:
        episode = post(opened, "new")
        assert episode["status"] == "automated"
        assert [line["code"] for line in episode["coding"]["diagnoses"]] == ["I10X"]
        assert [line["code"] for line in episode["coding"]["procedures"]] == ["G459"]
        decisions = [(one["kind"], one["actor"]) for one in episode["decisions"]]
        assert decisions == [("accept", "Automation gate")] * 2 + [("finalise", "Automation gate")]
        with opened.services.db.read() as session:
            problems = [problem for report in audit.verify(session) for problem in report.problems]
        assert [one for one in problems if not one.endswith("has no link")] == []  # of copied audits

    def test_a_person_can_reopen_it_and_the_gate_leaves_it_alone(self, opened: Stage) -> None:
        episode = post(opened, "new")
        headers = opened.headers() | {"If-Match": f'"{episode["version"]}"'}
        body = {"kind": "reopen", "reason": "the histology came"}
        answer = opened.client.post(f"/v1/episodes/{episode['id']}/decisions", json=body, headers=headers)
        assert answer.json()["status"] == "in_progress"
        again = post(opened, "new", text="Diagnosis: hypertension. Had a gastroscopy. Well.")
        assert again["status"] == "in_progress"

    @pytest.mark.parametrize(
        "facts",
        [
            {"text": "Diagnosis: hypertension. biopsy taken."},
            {"document": {"status": "preliminary"}},
            {"nhs_number": "9434765870", "text": "Diagnosis: hypertension. NHS 943 476 5919."},
            {"episode_end": None},
            {"text": "Nothing that is known."},
        ],
        ids=["histology", "preliminary", "another patient", "no episode end", "nothing to code"],
    )
    def test_what_speaks_against_it_leaves_it_to_a_person(self, opened: Stage, facts: Any) -> None:
        assert post(opened, "new", **facts)["status"] == "ready"

    def test_a_less_certain_episode_is_left_to_a_person(self, opened: Stage) -> None:
        serve(opened, GatedCoder(confidence=0.96), "gated/1b")
        assert post(opened, "new")["status"] == "ready"
        assert shown(opened)["is_open"]

    def test_a_wrong_audit_closes_it_by_itself(self, opened: Stage) -> None:
        """Automated episodes are drawn like all others."""
        assert post(opened, "new")["status"] == "automated"
        assert audit_all(opened, WRONG) == 1
        now = shown(opened)
        assert not now["is_open"]
        assert "no longer show" in now["why"]
        assert post(opened, "next")["status"] == "ready"
        assert open_(opened).status_code == 409

    def test_a_right_audit_leaves_it_open(self, opened: Stage) -> None:
        post(opened, "new")
        audit_all(opened, RIGHT)
        assert shown(opened)["is_open"]
        assert shown(opened)["counted"] == 60

    def test_another_model_closes_it_until_it_is_shown_again(self, opened: Stage) -> None:
        version = replace(GatedCoder().version, version="2", digest="1" * 64)
        serve(opened, GatedCoder(version=version), "gated/2")
        assert post(opened, "new")["status"] == "ready"
        assert not shown(opened)["is_open"]
        assert shown(opened)["cases"] == 0
        assert open_(opened).status_code == 409

    def test_a_new_local_term_closes_it_too(self, opened: Stage) -> None:
        term = {"use": "add", "classification": "icd10", "code": "J22X", "phrase": "gluey chest"}
        opened.client.post("/v1/local-terms", json=term, headers=opened.headers())
        assert post(opened, "new")["status"] == "ready"
        with opened.services.db.read() as session:
            words = session.scalars(select(AutomationSwitch.because).order_by(AutomationSwitch.number)).all()
        assert words[-1] == "model, tables, standards or local terms have changed"

    def test_a_manager_closes_it_with_a_reason_and_every_change_is_in_the_chain(self, opened: Stage) -> None:
        headers = opened.headers(UserRole.MANAGER)
        path = f"/v1/automation/{STRATUM}/close"
        answer = opened.client.post(path, json={"reason": "new coders"}, headers=headers)
        assert answer.status_code == 200
        assert opened.client.post(path, json={"reason": "again"}, headers=headers).status_code == 409
        assert post(opened, "new")["status"] == "ready"
        with opened.services.db.read() as session:
            actions = session.scalars(select(AuditRow.action).where(AuditRow.action.like("automation.%")))
            assert list(actions) == ["automation.open", "automation.close"]

    def test_drift_closes_it(self, supported: Stage) -> None:
        """A hundred episodes whose confidences lie elsewhere."""
        opened = supported
        copy_verdicts(opened, 58, confidence=0.97)
        assert open_(opened).status_code == 200
        serve(opened, GatedCoder(confidence=0.5), "gated/1c")
        opened.clock.advance(hours=1)
        copy_verdicts(opened, 99, confidence=0.5)
        assert post(opened, "new")["status"] == "ready"
        assert not shown(opened)["is_open"]
        assert "no longer look like" in shown(opened)["why"]


class TestTampering:
    @pytest.mark.parametrize(
        ("change", "found"),
        [
            (update(BlindAudit).values(is_right=False), "was changed"),
            (update(BlindAudit).values(stratum="emergency"), "was changed"),
            (delete(BlindAudit), "is gone"),
        ],
    )
    def test_evidence_that_was_changed_is_found(self, drawing: Stage, change: Any, found: str) -> None:
        post(drawing, "S1")
        audit_all(drawing, RIGHT)
        assert self.problems(drawing) == []
        with drawing.services.db.write() as session:
            session.execute(change)
        (problem,) = self.problems(drawing)
        assert problem.startswith("blind audit")
        assert problem.endswith(found)

    def test_a_bound_that_was_changed_is_found(self, supported: Stage) -> None:
        open_(supported)
        with supported.services.db.write() as session:
            session.execute(update(AutomationSwitch).values(bound=0.001))
        assert [one for one in self.problems(supported) if one.startswith("automation switch")]

    def problems(self, stage: Stage) -> list[str]:
        with stage.services.db.read() as session:
            return [problem for report in audit.verify(session) for problem in report.problems]


class TestBlind:
    def test_the_list_and_the_audit_hold_no_suggestion_and_no_code(self, drawing: Stage) -> None:
        post(drawing, "S1")
        (audit_id,) = waiting(drawing)
        headers = drawing.headers(UserRole.AUDITOR)
        before = drawing.client.get(f"/v1/audits/{audit_id}", headers=headers).json()
        assert before["documents"] == []
        blind = claim(drawing, audit_id)
        assert "hypertension" in blind.text
        for code_ in ("I10", "G45", "0.97", STRATUM, 'status":"ready'):
            assert code_ not in blind.text
        assert blind.json()["comparison"] is None

    def test_the_episode_is_hidden_from_who_codes_it_blind(self, drawing: Stage) -> None:
        episode = post(drawing, "S1")
        (audit_id,) = waiting(drawing)
        blind = claim(drawing, audit_id).json()
        path = f"/v1/episodes/{episode['id']}"
        headers = drawing.headers(UserRole.AUDITOR)
        assert drawing.client.get(path, headers=headers).status_code == 409
        stated = headers | {"If-Match": f'"{episode["version"]}"'}
        refused = drawing.client.post(f"{path}/decisions", json={"kind": "claim"}, headers=stated)
        assert refused.status_code == 409
        assert drawing.client.get(path, headers=drawing.headers()).status_code == 200
        code(drawing, audit_id, RIGHT, blind["text_version"])
        assert drawing.client.get(path, headers=headers).status_code == 200

    def test_who_has_worked_on_an_episode_does_not_audit_it(self, drawing: Stage) -> None:
        episode = post(drawing, "S1")
        (audit_id,) = waiting(drawing)
        headers = drawing.headers(UserRole.AUDITOR) | {"If-Match": f'"{episode["version"]}"'}
        drawing.client.post(
            f"/v1/episodes/{episode['id']}/decisions", json={"kind": "claim"}, headers=headers
        )
        assert waiting(drawing) == []
        assert claim(drawing, audit_id).status_code == 409
        assert waiting(drawing, role=UserRole.MANAGER) == [audit_id]

    def test_the_comparison_is_line_by_line(self, drawing: Stage) -> None:
        post(drawing, "S1")
        (audit_id,) = waiting(drawing)
        blind = claim(drawing, audit_id).json()
        other = {"diagnoses": ["E11.9", "I10"], "procedures": []}
        done = code(drawing, audit_id, other, blind["text_version"]).json()
        assert done["right"] is False
        assert done["second_coding"] == {"diagnoses": ["E119", "I10X"], "procedures": []}
        assert done["comparison"]["suggestion"] == [
            {"role": "diagnosis", "kind": "missed", "code": "E119"},
            {"role": "diagnosis", "kind": "primary", "code": "E119"},
            {"role": "procedure", "kind": "extra", "code": "G459"},
        ]
        assert done["comparison"]["coding"] is None
        assert waiting(drawing) == []

    def test_the_same_codes_in_another_order_are_right(self, drawing: Stage) -> None:
        text = "Diagnosis: exacerbation of COPD. PMH: type 2 diabetes, hypertension."
        post(drawing, "S1", text=text)
        (audit_id,) = waiting(drawing)
        blind = claim(drawing, audit_id).json()
        done = code(drawing, audit_id, {"diagnoses": ["J44.0", "I10", "E11.9"]}, blind["text_version"])
        assert done.json()["right"] is True

    def test_it_is_coded_by_one_person_once_on_the_text_that_stands(self, drawing: Stage) -> None:
        post(drawing, "S1")
        (audit_id,) = waiting(drawing)
        assert code(drawing, audit_id, RIGHT, "x").status_code == 409
        blind = claim(drawing, audit_id).json()
        assert claim(drawing, audit_id, role=UserRole.MANAGER).status_code == 409
        post(drawing, "S1", text="Diagnosis: hypertension. And more.")
        assert code(drawing, audit_id, RIGHT, blind["text_version"]).status_code == 412
        blind = claim(drawing, audit_id).json()
        assert code(drawing, audit_id, {"diagnoses": ["ZZZ"]}, blind["text_version"]).status_code == 422
        assert code(drawing, audit_id, RIGHT, blind["text_version"]).status_code == 201
        assert code(drawing, audit_id, RIGHT, blind["text_version"]).status_code == 409

    def test_an_audit_of_another_provider_is_not_found(self, drawing: Stage) -> None:
        post(drawing, "S1")
        (audit_id,) = waiting(drawing)
        assert waiting(drawing, "B") == []
        assert claim(drawing, audit_id, "B").status_code == 404
        assert code(drawing, audit_id, RIGHT, "x", "B").status_code == 404

    def test_an_episode_without_a_suggestion_is_audited_and_not_counted(self, drawing: Stage) -> None:
        drawing.source.coder, drawing.source.name = None, "gone/1"
        drawing.services.suggester.holder._serving = replace(
            drawing.services.suggester.holder.serving, coder=None
        )
        post(drawing, "S1")
        assert audit_all(drawing, RIGHT) == 1
        with drawing.services.db.read() as session:
            row = session.scalars(select(BlindAudit)).one()
        assert (row.is_right, row.stratum) == (None, None)


class TestShadow:
    def test_every_suggestion_says_what_the_gate_would_have_done(self, drawing: Stage) -> None:
        shadow = post(drawing, "S1")["suggestions"]["shadow"]
        assert shadow == {
            "eligible": False,
            "confidence": 0.97,
            "stratum": STRATUM,
            "reasons": ["no confidence is shown to keep the error of this stratum below its limit"],
        }
        assert shown(drawing)["suggestions"] == 1

    def test_a_preliminary_document_is_said_too(self, drawing: Stage) -> None:
        shadow = post(drawing, "S1", document={"status": "preliminary"})["suggestions"]["shadow"]
        assert "a document is preliminary" in shadow["reasons"]


def test_the_draw_is_a_fixed_share_that_a_key_decides(stage: Stage) -> None:
    from service.automation.sampling import is_drawn

    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(4000)]
    drawn = {one for one in ids if is_drawn(one, 0.08, "secret")}
    assert 240 < len(drawn) < 400
    assert drawn == {one for one in ids if is_drawn(one, 0.08, "secret")}
    assert drawn < {one for one in ids if is_drawn(one, 0.2, "secret")}
    assert drawn != {one for one in ids if is_drawn(one, 0.08, "another")}
    assert all(is_drawn(one, 1.0, "secret") for one in ids[:50])
