"""The code book over HTTP: places in the hierarchy, what is said of a code, and what coders made of it."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from service.classifications.tables import CodeUseRow
from service.identity import UserRole
from tests.page_client import Desk, PageClient
from tests.service_fixtures import Stage


@pytest.fixture
def pages(stage: Stage) -> PageClient:
    client = PageClient(stage)
    client.sign_in()
    return client


def words_of(page: Any) -> str:
    """What a reader reads."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def use_of(stage: Stage, code: str, provider: str = "A", role: UserRole = UserRole.CODER) -> Any:
    path = f"/v1/classifications/icd10/codes/{code}/use"
    answer = stage.client.get(path, headers=stage.headers(role, provider))
    assert answer.status_code == 200, answer.text
    return answer.json()


def finalised(stage: Stage, spell: str, kind: str, **fields: str) -> Desk:
    """An episode whose COPD is decided on so, and everything else turned down."""
    desk = Desk(stage, episode=stage.post_episode(spell))
    assert desk.post(kind, line=desk.lines["J440"], **fields).status_code == 303
    assert desk.post("add", role="diagnosis", code="I10X" if kind == "accept" else "M109").status_code == 303
    desk.pages.post(f"{desk.address}/reject-remaining", desk.fields())
    assert desk.post("finalise").status_code == 303
    return desk


def test_chapters_of_both_stand_in_the_order_of_their_codes(pages: PageClient) -> None:
    page = pages.get("/codes").text
    chapters = re.findall(r'href="/codes/icd10/([IVX]+)"', page)
    assert chapters[:10] == ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
    assert 'href="/codes/opcs4/Z"' in page


def test_every_step_down_the_hierarchy_has_a_page_that_leads_on(pages: PageClient) -> None:
    for above, below in (("X", "J40-J47"), ("J40-J47", "J44"), ("J44", "J440")):
        assert f'href="/codes/icd10/{below}"' in pages.get(f"/codes/icd10/{above}").text
    page = pages.get("/codes/icd10/J440").text
    for above in ("X", "J40-J47", "J44"):
        assert f'href="/codes/icd10/{above}"' in page


def test_fourth_characters_stand_side_by_side(pages: PageClient) -> None:
    page = pages.get("/codes/icd10/J440")
    assert [f'href="/codes/icd10/{code}"' in page.text for code in ("J441", "J448", "J449")] == [True] * 3
    assert re.search(r'href="/codes/icd10/J440"[^>]*aria-current="page"', page.text)
    assert "485,348 times in England in 2023-24, 2nd of 4 within J44" in words_of(page)


@pytest.mark.parametrize("written", ["j44.0", "J44.0", "j440", "%20J440"])
def test_any_written_form_leads_to_the_stored_one(pages: PageClient, written: str) -> None:
    answer = pages.get(f"/codes/icd10/{written}")
    assert (answer.status_code, answer.headers["location"]) == (308, "/codes/icd10/J440")


def test_an_undivided_category_is_its_own_code(pages: PageClient) -> None:
    assert pages.get("/codes/icd10/I10").headers["location"] == "/codes/icd10/I10X"
    assert "May be coded" in pages.get("/codes/icd10/I10X").text


def test_terms_are_told_with_their_conditions(pages: PageClient) -> None:
    page = words_of(pages.get("/codes/icd10/J440"))
    assert "infective exacerbation of COPD" in page
    assert "chest infection beside “copd” or “coad” in the sentence" in page


def test_local_terms_stand_beside_those_that_ship(stage: Stage, pages: PageClient) -> None:
    term = {"use": "add", "classification": "icd10", "code": "J440", "phrase": "gluey chest"}
    stage.client.post("/v1/local-terms", json=term, headers=stage.headers())
    assert "gluey chest means it" in words_of(pages.get("/codes/icd10/J440"))
    other = PageClient(stage)
    other.sign_in("coder-b")
    assert "gluey chest" not in other.get("/codes/icd10/J440").text


def test_standards_that_name_the_code_are_told_and_wide_ones_apart(pages: PageClient) -> None:
    page = pages.get("/codes/icd10/J440").text
    assert "A lower respiratory infection in COPD is J44.0 alone." in page
    assert re.search(r'href="/standards\?query=[a-z0-9-]+#[a-z0-9-]+"', page)
    assert "of wider ranges that hold it" in page


def test_asterisk_codes_and_codes_that_never_stand_alone_say_so(pages: PageClient) -> None:
    assert "* Asterisk: a manifestation" in pages.get("/codes/icd10/G992").text
    assert "Never stands alone" in pages.get("/codes/opcs4/Z942").text


def test_what_coders_made_of_a_code_is_counted(stage: Stage, pages: PageClient) -> None:
    assert "Neither suggested nor coded here" in pages.get("/codes/icd10/J440").text
    finalised(stage, "S1", "accept")
    finalised(stage, "S2", "replace", code="J441")
    finalised(stage, "S3", "reject")
    use = use_of(stage, "J440")
    assert use["episodes"] == {"suggested": 3, "accepted": 1, "replaced": 1, "rejected": 1, "finalised": 1}
    assert use["replaced_by"] == [{"code": "J441", "times": 1}]
    assert use_of(stage, "J441")["instead_of"] == [{"code": "J440", "times": 1}]
    assert use_of(stage, "J441")["episodes"] == {"chosen": 1, "finalised": 1}
    assert use_of(stage, "M109")["episodes"] == {"added": 2, "finalised": 2}
    page = words_of(pages.get("/codes/icd10/J440"))
    assert "Replaced by another code J44.1 (1)" in page
    assert use_of(stage, "J440", provider="B")["episodes"] == {}


def test_what_was_undone_is_not_counted(stage: Stage) -> None:
    desk = Desk(stage)
    desk.post("reject", line=desk.lines["J440"])
    desk.post("undo", decision=desk.now()["decisions"][-1]["id"])
    desk.post("accept", line=desk.lines["J440"])
    assert use_of(stage, "J440")["episodes"] == {"suggested": 1, "accepted": 1}


def test_a_coding_that_was_reopened_counts_as_it_was_last_finalised(stage: Stage) -> None:
    desk = finalised(stage, "S1", "accept")
    desk.post("reopen", reason="histology came")
    desk.post("remove", line=desk.lines["J440"])
    desk.post("finalise")
    assert use_of(stage, "J440")["episodes"] == {"suggested": 1, "accepted": 1, "removed": 1}
    assert use_of(stage, "I10X")["episodes"]["finalised"] == 1


def test_a_trainees_coding_counts_when_it_is_checked(stage: Stage) -> None:
    episode: Any = stage.post_episode()
    trainee = Desk(stage, "trainee-a", episode)
    trainee.post("accept", line=trainee.lines["J440"])
    trainee.pages.post(f"{trainee.address}/reject-remaining", trainee.fields())
    trainee.post("finalise")
    assert "finalised" not in use_of(stage, "J440")["episodes"]
    Desk(stage, "auditor-a", episode).post("approve")
    assert use_of(stage, "J440")["episodes"]["finalised"] == 1


def test_use_older_than_twelve_months_is_left_out(stage: Stage) -> None:
    finalised(stage, "S1", "accept")
    stage.clock.advance(days=366)
    assert use_of(stage, "J440")["episodes"] == {}


def test_readers_who_do_not_code_see_no_use(stage: Stage) -> None:
    stage.post_episode()
    clinician = PageClient(stage)
    clinician.sign_in("clinician-a")
    page = clinician.get("/codes/icd10/J440")
    assert page.status_code == 200
    assert "How our coders use it" not in page.text


def test_the_record_of_use_holds_no_words(stage: Stage) -> None:
    finalised(stage, "S1", "accept")
    with stage.services.db.read() as session:
        rows = session.scalars(select(CodeUseRow)).all()
        assert session.scalar(select(func.count()).select_from(CodeUseRow)) == len(rows) > 5
    for row in rows:
        assert len(row.code) == 4
        assert row.other is None or len(row.other) == 4


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "address"),
        [("J44.0", "/codes/icd10/J440"), ("  i10 ", "/codes/icd10/I10X"), ("g45.9", "/codes/opcs4/G459")],
    )
    def test_a_whole_code_goes_straight_to_its_page(
        self, pages: PageClient, query: str, address: str
    ) -> None:
        wanted = "opcs4" if "opcs4" in address else "icd10"
        answer = pages.get(f"/codes?query={query}&classification={wanted}")
        assert (answer.status_code, answer.headers["location"]) == (303, address)

    def test_a_code_that_both_have_is_shown_in_both(self, pages: PageClient) -> None:
        page = pages.get("/codes?query=G45.9").text
        assert 'href="/codes/icd10/G459"' in page
        assert 'href="/codes/opcs4/G459"' in page

    def test_words_find_codes_by_term_with_what_they_met(self, pages: PageClient) -> None:
        assert "“COPD”" in words_of(pages.get("/codes?query=copd&classification=icd10"))

    def test_nothing_found_says_what_to_try(self, pages: PageClient) -> None:
        page = pages.get("/codes?query=qqzzxx").text
        assert "Nothing found" in page
        assert 'href="/codes"' in page

    @pytest.mark.parametrize("query", ["<script>", "{{7*7}}", "%22onfocus=x", "%00", "%EF%BF%BF", "a" * 100])
    def test_hostile_words_are_shown_as_words(self, pages: PageClient, query: str) -> None:
        page = pages.get(f"/codes?query={query}")
        assert page.status_code == 200
        assert "<script>" not in page.text
        assert "Codes for “49”" not in page.text

    def test_too_many_words_are_refused(self, pages: PageClient) -> None:
        assert pages.get("/codes?query=" + "a" * 101, accept="text/html").status_code == 422


class TestMissing:
    def test_an_unknown_code_leads_to_near_ones(self, pages: PageClient) -> None:
        answer = pages.get("/codes/icd10/J4477", accept="text/html")
        assert answer.status_code == 404
        assert "There is no such code" in answer.text
        assert 'href="/codes/icd10/J449"' in answer.text

    def test_a_code_of_the_other_classification_is_found_there(self, pages: PageClient) -> None:
        missing = pages.get("/codes/opcs4/I10X", accept="text/html")
        assert missing.status_code == 404
        assert 'href="/codes/icd10/I10X"' in missing.text

    @pytest.mark.parametrize("address", ["/codes/icd11/J440", "/codes/icd11", "/codes/icd10/9"])
    def test_what_is_not_there_is_a_page(self, pages: PageClient, address: str) -> None:
        answer = pages.get(address, accept="text/html")
        assert answer.status_code == 404
        assert "<h1" in answer.text


def test_the_interface_tells_the_same(stage: Stage) -> None:
    path = "/v1/classifications/icd10/codes/J44.0"
    told = stage.client.get(path, headers=stage.headers()).json()
    assert [entry["code"] for entry in told["siblings"]] == ["J440", "J441", "J448", "J449"]
    assert told["national_use"] | {"share": 0} == {"count": 485348, "rank": 2, "beside": 4, "share": 0}
    assert (told["nature"], told["title_source"]) == ("ordinary", "who")
    assert {"near=copd|coad"} <= {need for term in told["terms"] for need in term["needs"]}
