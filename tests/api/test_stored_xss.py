"""Hostile texts in every field that people and systems fill, and every page that shows them."""

import re

import pytest

from tests import tour
from tests.automation_fixtures import GatedCoder
from tests.fakes import FakeSource
from tests.furnishing import furnish
from tests.service_fixtures import Stage, build_stage, settings_for
from tests.xss_corpus import PAYLOADS, WORKED_OUT, active_content, unescaped

EVERY_ONE_OF = ("/worklist", "/episodes/{episode_id}", "/messages/{row_id}")


@pytest.fixture(scope="module")
def stops(tmp_path_factory: pytest.TempPathFactory) -> list[tour.Stop]:
    settings = settings_for(tmp_path_factory.mktemp("hostile")).model_copy(update={"audit_share": 0.2})
    stage: Stage = build_stage(settings, FakeSource(GatedCoder()))
    furnish(stage, PAYLOADS)
    found = tour.walk_all(stage, more=dict.fromkeys(EVERY_ONE_OF, 2 * len(PAYLOADS)))
    assert not tour.unreached(stage, found)
    stage.services.db.close()
    return found


def test_the_list_is_long_and_every_text_is_shown_somewhere(stops: list[tour.Stop]) -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60
    episodes = [stop for stop in stops if stop.page == "/episodes/{episode_id}"]
    assert len({stop.address for stop in episodes}) >= len(PAYLOADS)


def test_no_page_holds_a_text_as_markup(stops: list[tour.Stop]) -> None:
    wrong = {stop.address: found for stop in stops if (found := list(unescaped(stop.html)))}
    assert wrong == {}


def test_no_page_holds_anything_that_acts(stops: list[tour.Stop]) -> None:
    wrong = {stop.address: found for stop in stops if (found := active_content(stop.html))}
    assert wrong == {}


def test_no_text_is_worked_out_as_a_template(stops: list[tour.Stop]) -> None:
    wrong = {
        stop.address
        for stop in stops
        for words in WORKED_OUT
        if re.search(rf"(?<!\w){re.escape(words)}", stop.html)
    }
    assert wrong == set()


@pytest.mark.parametrize("payload", [p for p in PAYLOADS if "<" in p or '" ' in p])
def test_the_finder_finds_what_is_let_through(payload: str) -> None:
    """Put into a page as it is, in text and in an attribute, each leaves a mark or is no markup at all."""
    in_text, in_value = f"<p>{payload}</p>", f'<input value="{payload}">'
    assert active_content(in_text) or active_content(in_value) or list(unescaped(in_text))
