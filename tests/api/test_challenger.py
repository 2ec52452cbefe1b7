"""Another model comes into use; a challenger reads in the shadow."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import func, select

from data.episodes import Episode, Role
from models.prediction import ModelVersion, Prediction
from models.registry import NoSuchModel
from service import audit
from service.challenger.differing import Suggested, difference
from service.challenger.shadow import Shadow, sampled
from service.challenger.tables import ChallengerRow
from service.episodes.backlog import Backlog
from service.identity import UserRole
from service.local_terms.coders import LocalCoders
from tests.api.test_decisions import Desk
from tests.fakes import PHRASES, FakeCoder, FakeSource
from tests.page_client import Desk as PageDesk
from tests.service_fixtures import Stage

OTHER = {**PHRASES, "ex-smoker": (Role.DIAGNOSIS, "F171", 0.99)}


def other_coder(number: str = "2") -> FakeCoder:
    """Knows ex-smokers as smokers, and is sure of it: another code, and another primary diagnosis."""
    return FakeCoder(ModelVersion("fake", number, number * 64), phrases=OTHER)


def promote(stage: Stage, number: str = "2") -> None:
    stage.source.coder, stage.source.name = other_coder(number), f"fake/{number}"
    stage.refresh_model()


def read(stage: Stage, episode: Any) -> Any:
    return stage.client.get(f"/v1/episodes/{episode['id']}", headers=stage.headers()).json()


def codes(episode: Any) -> list[str]:
    return [line["code"] for line in episode["suggestions"]["undecided"]]


class TestAfterPromotion:
    def test_untouched_episodes_are_suggested_again_and_those_in_work_are_offered_it(
        self, stage: Stage
    ) -> None:
        untouched: Any = stage.post_episode("S1")
        worked = Desk(stage, spell="S2")
        worked.decide("accept", line=worked.lines["J440"])
        backlog = Backlog(stage.services, interval_seconds=1)
        assert backlog.work_off() == 0
        promote(stage)
        assert read(stage, untouched)["newer_model"]["version"] == "2"
        assert backlog.work_off() == 1
        renewed = read(stage, untouched)
        assert codes(renewed)[0] == "F171"
        assert renewed["version"] == untouched["version"] + 1
        assert (renewed["newer_model"], renewed["status"]) == (None, "ready")
        offered = worked.read()
        assert offered["suggestions"]["model"]["version"] == "1"
        assert offered["newer_model"] == {"name": "fake", "version": "2", "digest": "2" * 64}
        assert backlog.work_off() == 0

    def test_suggesting_again_keeps_every_decision(self, stage: Stage) -> None:
        desk = Desk(stage)
        desk.decide("accept", line=desk.lines["J440"])
        desk.decide("reject", line=desk.lines["E119"])
        promote(stage)
        before = desk.read()
        answer = suggest_again(desk, before["version"])
        assert answer.status_code == 200, answer.text
        after = answer.json()
        assert answer.headers["ETag"] == f'"{before["version"] + 1}"'
        assert [line["code"] for line in after["coding"]["diagnoses"]] == ["J440"]
        assert "F171" in codes(after)
        assert not {"J440", "E119", "Z864"} & set(codes(after))
        assert (after["newer_model"], len(after["decisions"])) == (None, 2)
        with stage.services.db.read() as session:
            assert [problem for report in audit.verify(session) for problem in report.problems] == []

    def test_it_is_refused_on_another_state_than_was_seen(self, stage: Stage) -> None:
        desk = Desk(stage)
        version = desk.read()["version"]
        assert suggest_again(desk, version - 1).status_code == 412
        for line in desk.lines.values():
            desk.decide("accept", line=line)
        desk.decide("finalise")
        finalised = desk.read()
        assert suggest_again(desk, finalised["version"]).status_code == 409
        promote(stage)
        assert read(stage, finalised)["newer_model"] is None

    def test_a_process_with_an_older_model_does_not_undo_what_a_newer_one_suggested(
        self, stage: Stage
    ) -> None:
        """While processes notice a promotion at different times."""
        stage.post_episode("S1")
        slow = Backlog(stage.services, interval_seconds=1)
        assert slow.work_off() == 0  # it has seen the first model come into use
        promote(stage)
        stage.clock.advance(seconds=60)
        assert Backlog(stage.services, interval_seconds=1).work_off() == 1
        stage.source.coder, stage.source.name = FakeCoder(), "fake/1"
        stage.refresh_model()
        assert slow.work_off() == 0

    def test_a_rollback_suggests_again_too(self, stage: Stage) -> None:
        episode: Any = stage.post_episode("S1")
        backlog = Backlog(stage.services, interval_seconds=1)
        promote(stage)
        assert backlog.work_off() == 1
        stage.clock.advance(seconds=60)
        stage.source.coder, stage.source.name = FakeCoder(), "fake/1"
        stage.refresh_model()
        assert backlog.work_off() == 1
        assert codes(read(stage, episode)) == codes(episode)

    def test_the_page_offers_it_with_a_button_that_works_without_script(self, stage: Stage) -> None:
        desk = PageDesk(stage)
        assert "Suggest again" not in desk.pages.get(desk.address).text
        promote(stage)
        assert "A newer model is in use" in desk.pages.get(desk.address).text
        answer = desk.pages.post(f"{desk.address}/suggest-again", desk.fields())
        assert answer.status_code == 303, answer.text
        page = desk.pages.get(desk.address).text
        assert "F17.1" in page
        assert "A newer model is in use" not in page


def suggest_again(desk: Desk, version: int) -> Any:
    headers = desk.stage.headers() | {"If-Match": f'"{version}"'}
    return desk.stage.client.post(f"{desk.path}/suggestions", headers=headers)


@dataclass(slots=True)
class ChallengerSource(FakeSource):
    """As a registry answers where the alias is not set."""

    coder: Any = field(default_factory=other_coder)
    name: str = "fake/2"
    is_set: bool = True

    def identity(self) -> str:
        if not self.is_set:
            raise NoSuchModel("fake has no challenger")
        return self.name


def shadow_of(stage: Stage, source: ChallengerSource, share: float = 1.0) -> Shadow:
    held = stage.services
    settings = held.settings.model_copy(update={"challenger_share": share})
    shared = type(held)(**{name: getattr(held, name) for name in held.__slots__} | {"settings": settings})
    return Shadow(shared, source, LocalCoders(held.db, held.tables), interval_seconds=1)


def disagreements(stage: Stage, provider: str = "A", query: str = "") -> Any:
    headers = stage.headers(UserRole.ENGINEER, provider)
    answer = stage.client.get(f"/v1/challenger/disagreements{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestShadow:
    def test_its_disagreements_are_listed_with_counts_and_coders_see_nothing(self, stage: Stage) -> None:
        first: Any = stage.post_episode("S1")
        agreed: Any = stage.post_episode("S2", "PMH: hypertension.")
        shadow = shadow_of(stage, ChallengerSource())
        assert (shadow.work_off(), shadow.work_off()) == (2, 0)
        found = disagreements(stage)
        assert found["challenger"]["version"] == "2"
        assert found["counts"] == {
            "episodes": 2, "agree": 1, "other_primary": 1,
            "only_champion": [{"code": "Z864", "episodes": 1}],
            "only_challenger": [{"code": "F171", "episodes": 1}],
        }  # fmt: skip
        (one,) = found["disagreements"]
        assert (one["episode"], one["champion_primary"], one["challenger_primary"]) == (
            first["id"], "J440", "F171"
        )  # fmt: skip
        assert (one["only_champion"], one["only_challenger"]) == (["Z864"], ["F171"])
        for episode in (first, agreed):
            assert read(stage, episode) == {**episode, "newer_model": None}
        assert disagreements(stage, "B") == {
            "challenger": None, "counts": None, "disagreements": [], "next_cursor": None
        }  # fmt: skip

    def test_no_words_of_the_text_are_kept(self, stage: Stage) -> None:
        stage.post_episode("S1")
        shadow_of(stage, ChallengerSource()).work_off()
        with stage.services.db.read() as session:
            row = session.scalars(select(ChallengerRow)).one()
        assert row.lines[0]["code"] == "F171"
        assert row.lines[0]["evidence"][0].keys() == {"document_id", "version", "start", "end"}
        assert "smoker" not in str([row.lines, row.difference, row.model])

    def test_pages_of_the_list_hold_each_once(self, stage: Stage) -> None:
        for number in range(5):
            stage.post_episode(f"S{number}")
            stage.clock.advance(seconds=1)
        shadow_of(stage, ChallengerSource()).work_off()
        seen: list[str] = []
        query = "?limit=2"
        while True:
            page = disagreements(stage, query=query)
            seen += [item["episode"] for item in page["disagreements"]]
            if page["next_cursor"] is None:
                break
            query = f"?limit=2&cursor={page['next_cursor']}"
        assert len(seen) == len(set(seen)) == 5

    def test_without_the_alias_it_rests_and_another_challenger_starts_anew(self, stage: Stage) -> None:
        stage.post_episode("S1")
        source = ChallengerSource(is_set=False)
        shadow = shadow_of(stage, source)
        assert shadow.work_off() == 0
        source.is_set = True
        assert shadow.work_off() == 1
        source.coder, source.name = other_coder("3"), "fake/3"
        assert shadow.work_off() == 1
        assert disagreements(stage)["counts"]["episodes"] == 1
        source.is_set = False
        stage.post_episode("S2")
        assert shadow.work_off() == 0

    def test_only_the_sampled_share_is_read_and_a_failure_stops_nothing(self, stage: Stage) -> None:
        ids = [str(stage.post_episode(f"S{number}")["id"]) for number in range(6)]
        wanted = [episode_id for episode_id in ids if sampled(episode_id, 0.5)]
        shadow_of(stage, ChallengerSource(), share=0.5).work_off()
        with stage.services.db.read() as session:
            assert sorted(session.scalars(select(ChallengerRow.episode_id))) == sorted(wanted)
        failing = ChallengerSource(coder=_Failing(ModelVersion("fake", "4", "4" * 64)), name="fake/4")
        assert shadow_of(stage, failing).work_off() == 6
        with stage.services.db.read() as session:
            kept = session.scalar(select(func.count()).where(ChallengerRow.model_digest == "4" * 64))
        assert kept == 0


class _Failing(FakeCoder):
    def suggest(self, episode: Episode) -> Prediction:
        raise RuntimeError(episode.documents[0].text)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 1000)])
def test_the_ends_of_the_share(share: float, expected: int) -> None:
    assert sum(sampled(str(number), share) for number in range(1000)) == expected


def test_a_third_is_about_a_third() -> None:
    assert 280 < sum(sampled(str(number), 1 / 3) for number in range(1000)) < 390


def test_diagnoses_differ_as_sets_and_procedures_as_often_as_they_stand() -> None:
    champion = [Suggested(Role.DIAGNOSIS, "I10X"), *[Suggested(Role.PROCEDURE, "W381")] * 2]
    challenger = [*[Suggested(Role.DIAGNOSIS, "I10X")] * 2, Suggested(Role.PROCEDURE, "W381")]
    found = difference(champion, challenger)
    assert (found.only_champion, found.only_challenger, found.agrees) == (("W381",), (), False)
