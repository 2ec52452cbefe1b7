"""Coding standards in the service: findings, what blocks, fixes, overrides, policies."""

from typing import Any

import pytest

from data.standards import load_standards
from service.identity import UserRole
from tests.api.test_decisions import Desk, cleared, codes
from tests.service_fixtures import Stage

POLICY = """role = "diagnosis"

[[switch]]
rule = "therapy-local"

[[rule]]
id = "local-falls"
standard = "project"
mark = "I"
severity = "warning"
text = "Here frailty is coded beside a tendency to fall."
operator = "needs"
codes = ["R296"]
any = ["R54"]
passing = ["R296 R54X"]
failing = ["R296"]
"""


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return cleared(stage)


def coded(desk: Desk, *diagnoses: str) -> Any:
    for code in diagnoses:
        answer = desk.decide("add", role="diagnosis", code=code)
    return answer.json()


def findings(answer: Any) -> dict[str, Any]:
    return {one["rule"]: one for one in answer["findings"]}


def test_findings_stand_beside_the_coding_as_it_changes(desk: Desk) -> None:
    answer = coded(desk, "J449", "J22X")
    finding = findings(answer)["copd-infection"]
    assert (finding["standard"], finding["severity"]) == ("DCS.X.5", "error")
    assert finding["lines"] == [line["id"] for line in answer["coding"]["diagnoses"]]
    assert [step["kind"] for step in finding["fix"]] == ["replace", "remove"]
    assert findings(desk.read()).keys() == findings(answer).keys()
    answer = desk.decide("remove", line=finding["lines"][1]).json()
    assert "copd-infection" not in findings(answer)


def test_an_error_blocks_finalising_and_a_warning_does_not(desk: Desk) -> None:
    coded(desk, "J440", "Z720", "J449")
    refused = desk.decide("finalise")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("against-standards")
    assert [one["rule"] for one in refused.json()["findings"]] == ["copd-unspecified"]
    ids = {line["code"]: line["id"] for line in desk.read()["coding"]["diagnoses"]}
    assert "smoking-harmful" in findings(desk.decide("remove", line=ids["J449"]).json())
    assert desk.decide("finalise").json()["status"] == "finalised"


def test_auditor_and_manager_override_with_a_reason(desk: Desk) -> None:
    coded(desk, "E109", "E119")
    assert desk.decide("override", rule="diabetes-one-type", reason="two patients").status_code == 403
    assert desk.decide("override", by=UserRole.AUDITOR, rule="diabetes-one-type").status_code == 422
    unknown = desk.decide("override", by=UserRole.AUDITOR, rule="copd-infection", reason="none")
    assert unknown.status_code == 422
    made = desk.decide("override", by=UserRole.AUDITOR, rule="diabetes-one-type", reason="transplant")
    assert made.status_code == 201
    assert made.json()["decision"]["content"]["reason"] == "transplant"
    assert findings(made.json())["diabetes-one-type"]["overridden_by"] == "auditor"
    assert desk.decide("finalise").json()["status"] == "finalised"


def test_an_override_holds_only_for_the_codes_it_was_made_for(desk: Desk) -> None:
    answer = coded(desk, "E109", "E119")
    desk.decide("override", by=UserRole.MANAGER, rule="diabetes-one-type", reason="transplant")
    line = answer["coding"]["diagnoses"][1]["id"]
    changed = desk.decide("replace", line=line, code="E117").json()
    assert findings(changed)["diabetes-one-type"]["overridden_by"] is None


def test_a_finalised_coding_says_which_standards_were_in_force(desk: Desk) -> None:
    coded(desk, "J440", "Z720")
    decision = desk.decide("finalise").json()["decision"]
    assert decision["content"]["findings"] == ["comorbidity-living-alone", "smoking-harmful"]
    read = desk.read()
    assert read["standards"] == {
        "edition": load_standards().name,
        "digest": load_standards().digest,
        "policy": "",
    }


def fix(desk: Desk, stage: Stage, finding: Any, version: int | None = None) -> Any:
    """As the page posts it."""
    episode_id = desk.path.rsplit("/", 1)[-1]
    form = {
        "version": str(version or desk.version),
        "rule": finding["rule"],
        "lines": " ".join(finding["lines"]),
    }
    return stage.client.post(
        f"/episodes/{episode_id}/fix", data=form, headers=stage.headers(), follow_redirects=False
    )


@pytest.mark.parametrize(
    ("given", "rule", "after"),
    [
        (("J449", "J22X", "I10X"), "copd-infection", ["J440", "I10X"]),
        (("W010", "S720"), "external-cause-first", ["S720", "W010"]),
        (("N390", "I10X", "B962"), "organism-after-infection", ["N390", "B962", "I10X"]),
        (("F171", "Z720"), "smoking-harmful", ["F171"]),
    ],
)
def test_a_fix_mends_it_in_decisions_of_the_coder(
    desk: Desk, stage: Stage, given: tuple[str, ...], rule: str, after: list[str]
) -> None:
    finding = findings(coded(desk, *given))[rule]
    assert fix(desk, stage, finding).status_code == 303
    read = desk.read()
    assert codes(read) == after
    assert rule not in findings(read)
    assert {decision["actor"] for decision in read["decisions"]} == {"coder"}


def test_a_fix_of_what_has_changed_meanwhile_is_refused(desk: Desk, stage: Stage) -> None:
    finding = findings(coded(desk, "J449", "J22X"))["copd-infection"]
    assert fix(desk, stage, finding, version=1).status_code == 412
    desk.decide("remove", line=finding["lines"][1])
    assert fix(desk, stage, finding).status_code == 409
    assert codes(desk.read()) == ["J449"]


def test_the_page_shows_findings_with_their_fix(desk: Desk, stage: Stage) -> None:
    coded(desk, "J449", "J22X")
    page = stage.client.get(desk.path.removeprefix("/v1"), headers=stage.headers()).text
    assert "A lower respiratory infection in COPD is J44.0 alone." in page
    assert "Fix: J44.9 becomes J44.0, J22.X goes" in page
    assert "Override" not in page
    audited = stage.client.get(desk.path.removeprefix("/v1"), headers=stage.headers(UserRole.AUDITOR)).text
    assert "Why the coding is right" in audited


def test_the_standards_can_be_read_and_searched(stage: Stage) -> None:
    every = stage.client.get("/v1/standards", headers=stage.headers()).json()
    assert len(every["rules"]) == len(load_standards().rules)
    found = stage.client.get("/v1/standards?query=j44.0&severity=error", headers=stage.headers()).json()
    assert "copd-infection" in [rule["id"] for rule in found["rules"]]
    assert {rule["severity"] for rule in found["rules"]} == {"error"}
    one = stage.client.get("/v1/standards/copd-infection", headers=stage.headers()).json()
    assert one["failing"][0] == {"coding": "J449 J22X I10X", "becomes": "J440 I10X"}
    assert stage.client.get("/v1/standards/no-such-rule", headers=stage.headers()).status_code == 404
    page = stage.client.get("/standards?query=copd-infection", headers=stage.headers()).text
    assert "A lower respiratory infection in COPD is J44.0 alone." in page


def test_rules_count_how_often_they_spoke_and_were_overridden(desk: Desk, stage: Stage) -> None:
    coded(desk, "E109", "E119", "Z720")
    desk.decide("override", by=UserRole.AUDITOR, rule="diabetes-one-type", reason="transplant")
    desk.decide("finalise")
    for rule, counts in {
        "diabetes-one-type": (1, 1),
        "smoking-harmful": (1, 0),
        "sars-never": (0, 0),
    }.items():
        one = stage.client.get(f"/v1/standards/{rule}", headers=stage.headers()).json()
        assert (one["fired"], one["overridden"]) == counts
        other = stage.client.get(f"/v1/standards/{rule}", headers=stage.headers(provider="B")).json()
        assert (other["fired"], other["overridden"]) == (0, 0)


def put(stage: Stage, text: str, role: UserRole = UserRole.MANAGER) -> Any:
    return stage.client.put("/v1/standards-policy", json={"text": text}, headers=stage.headers(role))


def test_a_provider_has_a_policy_of_its_own(desk: Desk, stage: Stage) -> None:
    assert put(stage, POLICY, UserRole.CODER).status_code == 403
    made = put(stage, POLICY)
    assert (made.status_code, made.json()["number"]) == (200, 1)
    answer = coded(desk, "R296", "Z501")
    assert {"local-falls", "therapy-local"} <= findings(answer).keys()
    assert desk.read()["standards"]["policy"] == made.json()["digest"]
    mine = stage.client.get("/v1/standards/local-falls", headers=stage.headers())
    theirs = stage.client.get("/v1/standards/local-falls", headers=stage.headers(provider="B"))
    assert (mine.status_code, theirs.status_code) == (200, 404)
    assert put(stage, "").json()["number"] == 2
    assert not {"local-falls", "therapy-local"} & findings(desk.read()).keys()


def test_a_policy_that_is_wrong_is_refused_and_the_one_before_stays(stage: Stage) -> None:
    put(stage, POLICY)
    refused = put(stage, POLICY.replace('operator = "needs"', 'operator = "wants"'))
    assert refused.status_code == 422
    assert "rule local-falls, operator" in refused.json()["detail"]
    kept = stage.client.get("/v1/standards-policy", headers=stage.headers()).json()
    assert (kept["number"], kept["text"]) == (1, POLICY)


def test_suggestions_stand_under_the_policy_that_they_were_made_with(stage: Stage) -> None:
    digest = put(stage, POLICY).json()["digest"]
    episode: Any = stage.post_episode("S9")
    assert episode["suggestions"]["standards"]["policy"] == digest
