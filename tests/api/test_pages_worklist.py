"""The worklist as people use it without script: views, filters, order, and what is done from the list."""

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from data.episodes import Role
from service.automation.tables import BlindAudit
from service.identity import UserRole
from service.tables import Account, EpisodeRow
from tests.fakes import FakeCoder
from tests.page_client import BY_HTMX, PageClient
from tests.service_fixtures import Stage
from tests.worklist_fixtures import HISTOLOGY, SUMMARY, decide, post, read, send, shown, ticked


@pytest.fixture
def pages(stage: Stage) -> PageClient:
    return signed_in(stage, "coder-a")


def signed_in(stage: Stage, username: str) -> PageClient:
    client = PageClient(stage)
    assert client.sign_in(username).status_code == 303
    return client


def account(stage: Stage, username: str) -> str:
    with stage.services.db.read() as session:
        return str(session.scalar(select(Account.id).where(Account.username == username)))


def tab(pages: PageClient, label: str, address: str = "/worklist") -> int:
    """The number that a view carries."""
    found = re.search(rf'app-views__count">([\d,]+)</span> {label}', pages.get(address).text)
    return int(found[1].replace(",", "")) if found else 0


class TestList:
    def test_what_is_due_first_stands_first_in_words_and_shape(self, stage: Stage, pages: PageClient) -> None:
        for spell, end in (("LATE", "2026-01-20"), ("TODAY", "2026-01-31"), ("SOON", "2026-02-20")):
            post(stage, spell, episode_end=end, treatment_function="340")
        assert shown(pages) == ["LATE", "TODAY", "SOON"]
        page = pages.get("/worklist").text
        for words in ("▲ </span>Overdue by 11 days", "◆ </span>Due today", "○ </span>Due in 20 days"):
            assert words in page
        assert "340 Respiratory Medicine" in page
        assert "19 Feb</span>" in page
        assert "▲</span> 1 overdue" in page

    def test_an_episode_without_text_is_not_to_do(self, stage: Stage, pages: PageClient) -> None:
        body = {"spell_number": "EMPTY"}
        stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR))
        assert shown(pages) == []
        assert "No episodes here" in pages.get("/worklist").text
        assert shown(pages, "/worklist?status=awaiting_text") == ["EMPTY"]
        assert tab(pages, "Awaiting text") == 1

    def test_goes_on_by_cursor_in_every_order(self, stage: Stage, pages: PageClient) -> None:
        for number in range(27):
            end = f"2026-02-{number + 1:02d}"
            post(stage, f"W{number:02d}", episode_start="2026-02-01", episode_end=end)
        for sort in ("due", "surest", "least_sure", "shortest", "longest"):
            first = pages.get(f"/worklist?sort={sort}").text
            (following,) = re.findall(r'<a href="([^"]+)" rel="next"', first)
            rest = shown(pages, html.unescape(following))
            assert len(rest) == 2
            assert len({*shown(pages, f"/worklist?sort={sort}"), *rest}) == 27
        assert shown(pages, html.unescape(following)) == ["W01", "W00"]

    def test_a_cursor_of_another_order_or_of_nobody_is_refused(self, pages: PageClient) -> None:
        for cursor in ("AAAA", "bmFuIDIwMjYtMDItMDEgMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAw"):
            for sort in ("due", "surest"):
                assert pages.get(f"/worklist?sort={sort}&cursor={cursor}").status_code == 422

    def test_shows_nothing_of_another_provider(self, stage: Stage, pages: PageClient) -> None:
        stage.post_episode("OTHERS", provider="B")
        assert shown(pages, "/worklist?status=all") == []
        assert tab(pages, "To do") == 0

    def test_says_what_is_missing_and_how_to_get_back(self, stage: Stage, pages: PageClient) -> None:
        post(stage, "S1")
        narrowed = pages.get("/worklist?site=NOWHERE").text
        assert "matches these filters" in narrowed
        assert '<option value="NOWHERE" selected>' in narrowed
        assert "Nothing is in “Finalised”" in pages.get("/worklist?status=finalised").text


class TestFilters:
    def test_site_specialty_and_source(self, stage: Stage, pages: PageClient) -> None:
        post(stage, "NORTH", site="N1", treatment_function="300")
        post(stage, "SOUTH", site="S1", treatment_function="340")
        assert shown(pages, "/worklist?site=S1") == ["SOUTH"]
        assert shown(pages, "/worklist?specialty=300") == ["NORTH"]
        assert shown(pages, "/worklist?source=api&site=N1") == ["NORTH"]
        assert shown(pages, "/worklist?source=hl7v2") == []
        assert tab(pages, "To do", "/worklist?site=S1") == 1

    def test_length_of_stay(self, stage: Stage, pages: PageClient) -> None:
        for spell, start in (("DAY", 20), ("SHORT", 17), ("MEDIUM", 11), ("LONG", 10)):
            post(stage, spell, episode_start=f"2026-02-{start}", episode_end="2026-02-20")
        post(stage, "OPEN", episode_start="2026-02-10")
        for length, spell in (
            ("same_day", "DAY"), ("short", "SHORT"), ("medium", "MEDIUM"), ("long", "LONG")
        ):  # fmt: skip
            assert shown(pages, f"/worklist?length={length}") == [spell]
        assert shown(pages, "/worklist?sort=longest")[0] == "LONG"
        assert shown(pages, "/worklist?sort=shortest")[-1] == "OPEN"

    def test_the_spell_tells_the_stay_where_the_episode_does_not(self, stage: Stage) -> None:
        assert post(stage, "S1", spell_start="2026-02-01", spell_end="2026-02-05")["stay_days"] == 4

    def test_confidence_is_that_of_the_least_sure_code_suggested(
        self, stage: Stage, pages: PageClient
    ) -> None:
        sure = post(stage, "SURE", {"id": "ds", "text": "type 2 diabetes, hypertension, lives alone"})
        post(stage, "NONE", {"id": "ds", "text": "well"})
        stage.source.coder = FakeCoder(phrases={"cough": (Role.DIAGNOSIS, "R05X", 0.5)})
        stage.source.name = "fake/2"
        stage.refresh_model()
        unsure = post(stage, "MIXED", {"id": "ds", "text": "cough"})
        assert (sure["confidence"], unsure["confidence"]) == (0.85, 0.5)
        assert shown(pages, "/worklist?confidence=sure") == ["SURE"]
        assert shown(pages, "/worklist?confidence=mixed") == ["MIXED"]
        assert shown(pages, "/worklist?confidence=unsure") == []
        assert shown(pages, "/worklist?confidence=none") == ["NONE"]
        assert shown(pages, "/worklist?sort=surest") == ["SURE", "MIXED", "NONE"]
        assert shown(pages, "/worklist?sort=least_sure") == ["MIXED", "SURE", "NONE"]

    def test_what_i_claimed(self, stage: Stage, pages: PageClient) -> None:
        post(stage, "FREE")
        mine = post(stage, "MINE")
        send(pages, "claim", {"only": ticked(stage, mine)[0]})
        assert shown(pages, "/worklist?mine=1") == ["MINE"]

    def test_histology_that_came_after_the_summary(self, stage: Stage, pages: PageClient) -> None:
        post(stage, "WITH", SUMMARY, HISTOLOGY)
        post(stage, "LATER")
        assert shown(pages, "/worklist?histology=1") == []
        assert post(stage, "LATER", HISTOLOGY)["histology_arrived"]
        assert shown(pages, "/worklist?histology=1") == ["LATER"]
        assert "Histology arrived</span>" in pages.get("/worklist").text

    def test_finalising_settles_that_histology_arrived(self, stage: Stage, pages: PageClient) -> None:
        episode = post(stage, "S1", {"id": "ds", "text": "hypertension"})
        episode = post(stage, "S1", HISTOLOGY)
        line = episode["suggestions"]["undecided"][0]["id"]
        assert decide(stage, episode, "accept", line=line).status_code == 201
        assert decide(stage, episode, "finalise").status_code == 201
        assert not read(stage, episode)["histology_arrived"]

    def test_words_of_an_old_bookmark_are_passed_over(self, stage: Stage, pages: PageClient) -> None:
        post(stage, "S1")
        assert shown(pages, "/worklist?status=gone&length=huge&sort=odd&confidence=high") == ["S1"]


class TestActions:
    def test_several_are_claimed_and_released_at_once(self, stage: Stage, pages: PageClient) -> None:
        one, two = post(stage, "C1"), post(stage, "C2")
        answer = send(pages, "claim?status=ready", {"episode": ticked(stage, one, two)})
        assert answer.headers["location"] == "/worklist?status=ready&done=claimed&count=2"
        assert "2 episodes claimed." in pages.get(answer.headers["location"]).text
        assert [read(stage, e)["claimed_by"] for e in (one, two)] == ["Coder A", "Coder A"]
        assert send(pages, "release", {"episode": ticked(stage, one, two)}).status_code == 303
        assert [read(stage, e)["claimed_by"] for e in (one, two)] == [None, None]

    def test_a_form_that_is_sent_twice_adds_nothing(self, stage: Stage, pages: PageClient) -> None:
        episode = post(stage, "C1")
        chosen = ticked(stage, episode)
        for action in ("claim", "claim", "release", "release"):
            assert send(pages, action, {"episode": chosen}).status_code == 303
        assert [d["kind"] for d in read(stage, episode)["decisions"]] == ["claim", "release"]

    def test_what_another_has_claimed_is_left_and_named(self, stage: Stage, pages: PageClient) -> None:
        free, taken = post(stage, "FREE"), post(stage, "TAKEN")
        send(signed_in(stage, "auditor-a"), "claim", {"episode": ticked(stage, taken)})
        answer = send(pages, "claim", {"episode": ticked(stage, free, taken)})
        assert answer.status_code == 409
        assert "1 episode claimed; not done for 1:" in answer.text
        assert "TAKEN / 1: someone else has claimed this episode" in answer.text
        assert read(stage, taken)["claimed_by"] == "Auditor A"
        assert send(pages, "release", {"episode": ticked(stage, taken)}).status_code == 409

    def test_a_stale_list_takes_nothing_from_whoever_came_first(self, stage: Stage) -> None:
        """A manager may take over a claim, but only one that was seen."""
        manager, episode = signed_in(stage, "manager-a"), post(stage, "S1")
        before = ticked(stage, episode)
        send(signed_in(stage, "coder-a"), "claim", {"episode": before})
        assert send(manager, "claim", {"episode": before}).status_code == 409
        assert send(manager, "claim", {"episode": ticked(stage, episode)}).status_code == 303
        assert read(stage, episode)["claimed_by"] == "Manager A"

    def test_a_manager_releases_what_another_claimed(self, stage: Stage, pages: PageClient) -> None:
        episode = post(stage, "S1")
        send(pages, "claim", {"episode": ticked(stage, episode)})
        assert (
            send(signed_in(stage, "auditor-a"), "release", {"episode": ticked(stage, episode)}).status_code
            == 409
        )
        manager = signed_in(stage, "manager-a")
        assert send(manager, "release", {"only": ticked(stage, episode)[0]}).status_code == 303
        assert read(stage, episode)["claimed_by"] is None

    def test_a_manager_assigns_to_a_coder(self, stage: Stage, pages: PageClient) -> None:
        episode, coder = post(stage, "S1"), account(stage, "coder-a")
        fields = {"episode": ticked(stage, episode), "coder": coder}
        assert send(pages, "assign", fields).status_code == 403
        manager = signed_in(stage, "manager-a")
        assert "Coder A, coder" in manager.get("/worklist").text
        assert send(manager, "assign", fields).status_code == 303
        assert shown(pages, "/worklist?mine=1") == ["S1"]
        history = pages.get(f"/episodes/{episode['id']}").text
        assert "assigned the episode to Coder A" in history

    @pytest.mark.parametrize("whom", ["", "coder-b", "admin-a", "nobody"])
    def test_nobody_else_can_be_assigned_to(self, stage: Stage, whom: str) -> None:
        episode = post(stage, "S1")
        fields = {"episode": ticked(stage, episode), "coder": account(stage, whom) if "-" in whom else whom}
        assert send(signed_in(stage, "manager-a"), "assign", fields).status_code == 422
        assert read(stage, episode)["claimed_by"] is None

    def test_nothing_selected_is_told_beside_the_list(self, stage: Stage, pages: PageClient) -> None:
        post(stage, "S1")
        answer = send(pages, "claim")
        assert answer.status_code == 422
        assert "Select at least one episode." in answer.text
        assert "<title>Problem: worklist" in answer.text

    @pytest.mark.parametrize("only", ["x", "\x00" * 36 + ".1", "none.1", "0" * 36 + ".x", "0" * 36 + ".²"])
    def test_a_form_that_is_not_ours_changes_nothing(
        self, stage: Stage, pages: PageClient, only: str
    ) -> None:
        assert send(pages, "claim", {"only": only}).status_code == 422

    def test_an_episode_of_nobody_or_of_another_provider_is_not_found(
        self, stage: Stage, pages: PageClient
    ) -> None:
        theirs: Any = stage.post_episode("B1", provider="B")
        for unknown in (f"{theirs['id']}.1", "0" * 36 + ".1"):
            assert send(pages, "claim", {"episode": unknown}).status_code == 404

    def test_by_htmx_only_the_list_comes_back(self, stage: Stage, pages: PageClient) -> None:
        episode = post(stage, "S1")
        by_htmx = {**BY_HTMX, "HX-Target": "div#worklist"}
        answer = send(pages, "claim", {"only": ticked(stage, episode)[0]}, **by_htmx)
        assert answer.status_code == 200
        assert answer.text.lstrip().startswith('<div id="worklist"')
        assert "1 episode claimed." in answer.text

    def test_without_the_token_nothing_is_done(self, stage: Stage, pages: PageClient) -> None:
        episode = post(stage, "S1")
        answer = pages.post("/worklist/claim", {"only": ticked(stage, episode)[0]})
        assert answer.status_code == 403
        assert read(stage, episode)["claimed_by"] is None


class TestHold:
    def test_says_why_and_until_when_and_comes_back(self, stage: Stage, pages: PageClient) -> None:
        episode = post(stage, "S1")
        fields = {"episode": ticked(stage, episode), "reason": "histology", "review_date": "2026-03-09"}
        assert send(pages, "hold", fields).status_code == 303
        assert shown(pages) == []
        held = pages.get("/worklist?status=on_hold").text
        assert "Waiting for histology, review 9 Mar 2026" in held
        stage.clock.advance(days=7)
        pages.sign_in()
        assert shown(pages) == ["S1"]
        assert shown(pages, "/worklist?status=review_due") == ["S1"]
        assert tab(pages, "Review due") == 1
        assert "Review due</strong>" in pages.get("/worklist").text
        assert pages.get("/worklist/next").headers["location"] == f"/episodes/{episode['id']}"

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ({"reason": "lunch"}, "Give a reason."),
            ({"reason": "notes", "review_date": "soon"}, "Give the review date as day, month and year."),
            ({"reason": "notes", "review_date": "2026-02-27"}, "The review date has passed"),
        ],
    )
    def test_is_refused_in_words(
        self, stage: Stage, pages: PageClient, given: dict[str, object], why: str
    ) -> None:
        episode = post(stage, "S1")
        answer = send(pages, "hold", {"episode": ticked(stage, episode), **given})
        assert answer.status_code == 422
        assert why in answer.text
        assert read(stage, episode)["status"] == "ready"

    def test_of_an_episode_that_changed_meanwhile_is_refused(self, stage: Stage, pages: PageClient) -> None:
        """The document that it should wait for may have come."""
        episode = post(stage, "S1")
        before = ticked(stage, episode)
        post(stage, "S1", HISTOLOGY)
        answer = send(pages, "hold", {"episode": before, "reason": "histology"})
        assert answer.status_code == 409
        assert "it was changed meanwhile" in answer.text


class TestNext:
    def test_is_the_first_due_that_nobody_else_claimed(self, stage: Stage, pages: PageClient) -> None:
        first = post(stage, "N1", episode_end="2026-02-01")
        second = post(stage, "N2", episode_end="2026-02-02")
        assert pages.get("/worklist/next").headers["location"] == f"/episodes/{first['id']}"
        decide(stage, first, "claim", by=UserRole.MANAGER)
        assert pages.get("/worklist/next").headers["location"] == f"/episodes/{second['id']}"
        assert read(stage, second)["claimed_by"] is None

    def test_is_claimed_by_the_form_so_that_two_get_two(self, stage: Stage, pages: PageClient) -> None:
        episodes = [post(stage, f"N{number}") for number in range(2)]
        other = signed_in(stage, "auditor-a")
        opened = {send(one, "next").headers["location"] for one in (pages, other)}
        assert opened == {f"/episodes/{episode['id']}" for episode in episodes}
        assert send(signed_in(stage, "trainee-a"), "next").headers["location"] == "/worklist"

    def test_of_one_day_mine_comes_first_and_is_not_claimed_again(
        self, stage: Stage, pages: PageClient
    ) -> None:
        for number in range(3):
            post(stage, f"N{number}", episode_end="2026-02-01")
        mine = post(stage, "MINE", episode_end="2026-02-01")
        send(pages, "claim", {"episode": ticked(stage, mine)})
        assert send(pages, "next").headers["location"] == f"/episodes/{mine['id']}"
        assert len(read(stage, mine)["decisions"]) == 1

    def test_keeps_to_the_filters_of_the_list(self, stage: Stage, pages: PageClient) -> None:
        post(stage, "N1", site="N")
        south = post(stage, "N2", site="S")
        assert send(pages, "next?site=S").headers["location"] == f"/episodes/{south['id']}"

    def test_passes_over_what_i_have_to_code_blind(self, stage: Stage, pages: PageClient) -> None:
        episode = post(stage, "N1")
        with stage.services.db.write() as session:
            row = session.get_one(EpisodeRow, episode["id"])
            session.add(
                BlindAudit(
                    id="0" * 36,
                    provider_id=row.provider_id,
                    episode_id=row.id,
                    share=1.0,
                    drawn_at=stage.clock.now(),
                    status="claimed",
                    claimed_by=account(stage, "auditor-a"),
                    claimed_name="Auditor A",
                    claimed_at=stage.clock.now(),
                )
            )
        auditor = signed_in(stage, "auditor-a")
        assert auditor.get("/worklist/next").headers["location"] == "/worklist"
        assert send(auditor, "claim", {"episode": ticked(stage, episode)}).status_code == 409
        assert pages.get("/worklist/next").headers["location"] == f"/episodes/{episode['id']}"


class TestSavedViews:
    def test_is_saved_chosen_renamed_and_deleted(self, stage: Stage, pages: PageClient) -> None:
        answer = send(pages, "views?site=S1&histology=1", {"name": "  Late   histology "})
        assert answer.headers["location"] == "/worklist?site=S1&histology=1&done=saved"
        page = pages.get("/worklist?site=S1&histology=1").text
        assert '<a href="/worklist?site=S1&amp;histology=1" aria-current="true">Late histology</a>' in page
        (address,) = re.findall(r'action="/worklist/(views/[^"]+/rename[^"]*)"', page)
        assert send(pages, html.unescape(address), {"name": "South"}).status_code == 303
        assert ">South</a>" in pages.get("/worklist").text
        send(pages, html.unescape(address).replace("rename", "delete"))
        assert "None saved yet" in pages.get("/worklist").text

    def test_is_its_owners_alone(self, stage: Stage, pages: PageClient) -> None:
        send(pages, "views", {"name": "Mine"})
        (address,) = re.findall(r'action="/worklist/(views/[^"]+/delete)"', pages.get("/worklist").text)
        for username in ("auditor-a", "coder-b"):
            other = signed_in(stage, username)
            assert "Mine</a>" not in other.get("/worklist").text
            assert send(other, address).status_code == 404
            assert send(other, address.replace("delete", "rename"), {"name": "x"}).status_code == 404

    @pytest.mark.parametrize("name", ["", " ", "x" * 61, "\x00", "MINE"])
    def test_needs_a_name_of_its_own(self, stage: Stage, pages: PageClient, name: str) -> None:
        send(pages, "views", {"name": "Mine"})
        answer = send(pages, "views?site=S1", {"name": name})
        assert answer.status_code in (409, 422)
        assert 'role="alert"' in answer.text

    def test_there_is_an_end_to_them(self, pages: PageClient) -> None:
        for number in range(20):
            assert send(pages, "views", {"name": f"View {number}"}).status_code == 303
        assert "Delete one first" in send(pages, "views", {"name": "One more"}).text

    def test_a_name_is_shown_as_words(self, pages: PageClient) -> None:
        send(pages, "views", {"name": "<script>alert(1)</script>"})
        assert "<script>alert" not in pages.get("/worklist").text
