"""Keys and clicks that an episode takes on the real page: with suggestions, and typed by hand without.

A coder who knows the gold coding drives Chromium. Every key pressed is counted, letters of typed codes among
them; nothing is clicked. An episode's coding is the gold one when the primary diagnosis, the set of diagnoses
and the procedures (each as often as in gold) are the same. The champion is asked, and the manager's threshold
for accepting together is the one that ships.

usage: python -m tests.load.keystrokes [--episodes 30] [--write docs/keystrokes.md]
"""

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from starlette.testclient import TestClient

from data.corpora import Split, read_coded_documents, shipped_corpus
from data.episodes import CodedEpisode
from service.app import create_app
from service.clock import SystemClock
from service.config import Settings
from service.identity import UserRole
from tests.browser.conftest import Site, served
from tests.browser.opening import launched, signed_in
from tests.fakes import FakeSource, StoppedClock
from tests.load.ideal_coder import IdealCoder, Wanted
from tests.load.pages import write_part
from tests.load.serving_speed import store_with_champion
from tests.load.simulated_coder import posted
from tests.service_fixtures import Stage, build_stage, prepare, settings_for

SEED = 20261122
EPISODES = 30


@dataclass(frozen=True, slots=True)
class Counted:
    """One episode, coded."""

    name: str
    codes: int
    keys: int
    by_hand: int
    how: str
    """The keys of the plan, in short."""
    missing: int
    """Codes of gold that neither suggestion nor candidate holds."""

    @property
    def allowed(self) -> int:
        return 2 * self.codes + 5


def drawn() -> list[CodedEpisode]:
    """The episodes of the test split, in an order by a fixed seed."""
    every = [episode for path in shipped_corpus(Split.TEST) for episode in read_coded_documents(path)]
    every.sort(key=lambda one: one.episode.id)
    return random.Random(SEED).sample(every, len(every))


def measure(episodes: Iterable[CodedEpisode], count: int, folder: Path) -> list[Counted]:
    uri = store_with_champion(folder)
    with sync_playwright() as playwright, redirect_stderr(StringIO()):  # a line for each request
        browser = launched(playwright)
        with serving(folder / "with", uri) as site:
            page = signed_in(browser.new_context(base_url=site.address).new_page())
            coded = _all_coded(site, page, episodes, count)
        with serving(folder / "without", None) as site:
            page = signed_in(browser.new_context(base_url=site.address).new_page())
            typed = _all_coded(site, page, [gold for gold, _ in coded], count)
        browser.close()
    hand = {gold.episode.id: coder for gold, coder in typed}
    return [_counted(gold, coder, hand[gold.episode.id]) for gold, coder in coded]


Coded = list[tuple[CodedEpisode, IdealCoder]]


def _all_coded(site: Site, page: Page, episodes: Iterable[CodedEpisode], count: int) -> Coded:
    """The first of them that can be finalised as gold has them."""
    coded = ((gold, _coded(site, page, gold)) for gold in episodes)
    return list(islice(((gold, coder) for gold, coder in coded if coder is not None), count))


def _counted(gold: CodedEpisode, coded: IdealCoder, typed: IdealCoder) -> Counted:
    return Counted(
        name=gold.episode.id,
        codes=len(coded.wanted),
        keys=coded.pressed,
        by_hand=typed.pressed,
        how=" ".join(coded.log),
        missing=coded.typed,
    )


@contextmanager
def serving(folder: Path, tracking_uri: str | None) -> Iterator[Site]:
    """Args: tracking_uri: None: without a model."""
    folder.mkdir(parents=True)
    settings = settings_for(folder)
    stage = staged(settings, tracking_uri) if tracking_uri else build_stage(settings, FakeSource(None))
    with served(stage) as site:
        yield site
    stage.services.db.close()


def staged(settings: Settings, tracking_uri: str) -> Stage:
    """The service with the champion of a store."""
    settings = settings.model_copy(update={"tracking_uri": tracking_uri})
    keys = prepare(settings)
    app = create_app(settings, clock=SystemClock())
    app.state.services.suggester.holder.refresh()
    client = TestClient(app, raise_server_exceptions=False)
    return Stage(app, client, FakeSource(), StoppedClock(), dict(keys))


def _coded(site: Site, page: Page, gold: CodedEpisode) -> IdealCoder | None:
    episode = _post(site, gold)
    coder = IdealCoder(page, Wanted.of(gold, site.stage.services.tables))
    is_finalised = coder.code(f"/episodes/{episode['id']}")
    now = site.stage.client.get(f"/v1/episodes/{episode['id']}", headers=site.stage.headers()).json()
    if not is_finalised:
        return None
    coder.wanted.check(now)
    return coder


def _post(site: Site, gold: CodedEpisode) -> Any:
    headers = site.stage.headers(UserRole.EPR)
    answer = site.stage.client.post("/v1/episodes", json=posted(gold), headers=headers)
    assert answer.status_code == 201, answer.status_code
    return answer.json()


def written(found: Sequence[Counted]) -> str:
    """The part of the page that tells the figures."""
    keys, hand = (statistics.median(x) for x in ([c.keys for c in found], [c.by_hand for c in found]))
    allowed = statistics.median(c.allowed for c in found)
    within = sum(c.keys <= c.allowed for c in found)
    head = [
        f"Median of {len(found)} episodes: **{keys:g} keys with suggestions, {hand:g} typed by hand**; twice",
        f"the number of codes plus five is {allowed:g}. {within} of {len(found)} episodes stay within that.",
        f"Median keys a code: {statistics.median(c.keys / c.codes for c in found):.1f} and "
        f"{statistics.median(c.by_hand / c.codes for c in found):.1f}. Clicks: none.",
        "",
        "| episode | codes | keys | allowed | by hand | typed in full | keys pressed |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    rows = [
        f"| {c.name} | {c.codes} | {c.keys} | {c.allowed} | {c.by_hand} | {c.missing} | `{c.how}` |"
        for c in found
    ]
    return "\n".join([*head, *rows])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--episodes", type=int, default=EPISODES)
    options.add_argument("--write", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(drawn(), given.episodes, Path(folder))
    content = written(found)
    print(content)
    if given.write:
        write_part(given.write, "keystrokes", content)
    median = statistics.median(c.keys - c.allowed for c in found)
    return 0 if median <= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
