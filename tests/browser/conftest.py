"""The real application under uvicorn, and Chromium. Every page is watched: nothing on its console, no dialog,
nothing fetched from elsewhere."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from tests.automation_fixtures import GatedCoder
from tests.browser.opening import SCREEN, chromium, launched
from tests.fakes import FakeSource
from tests.patience import PATIENCE_SECONDS
from tests.service_fixtures import PASSWORD, Stage, build_stage, settings_for

PATIENCE_MS = 1000 * PATIENCE_SECONDS
expect.set_options(timeout=PATIENCE_MS)


@dataclass(slots=True)
class Site:
    """A running service."""

    stage: Stage
    address: str


@dataclass
class Watched:
    """What a page must not do."""

    site: Site
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ("status of 4",)
    """Chromium reports every answer of 4xx on the console."""

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(words in text for words in self.expected):
            self.complaints.append(f"{kind}: {text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.site.address).netloc and not url.startswith("data:"):
            self.complaints.append(f"outside: {url}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Walking over every page takes many minutes: `make bench` does it."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
    if os.environ.get("AUTOCODER_EVERY_PAGE") == "1":
        return
    walks = [item for item in items if item.get_closest_marker("walk") is not None]
    if walks:
        config.hook.pytest_deselected(items=walks)
        items[:] = [item for item in items if item not in set(walks)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: apt-get install chromium-headless-shell fonts-liberation")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        opened = launched(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """For each file of tests a new one: which files share a process depends on how fast each is."""
    with served(build_stage(settings_for(tmp_path_factory.mktemp("site")))) as site:
        yield site


@pytest.fixture(scope="module")
def site_without_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(build_stage(settings_for(tmp_path_factory.mktemp("none")), FakeSource(None))) as site:
        yield site


@pytest.fixture(scope="module")
def site_with_gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Draws every episode for a blind audit."""
    settings = settings_for(tmp_path_factory.mktemp("gate")).model_copy(update={"audit_share": 1.0})
    with served(build_stage(settings, FakeSource(GatedCoder()))) as site:
        yield site


@contextmanager
def served(stage: Stage) -> Iterator[Site]:
    """The application on a free port of this machine."""
    config = uvicorn.Config(stage.app, host="127.0.0.1", port=0, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert time.monotonic() < deadline, "the service did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(stage, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(timeout=30)


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(browser: Browser, site: Site) -> Iterator[SignIn]:
    """Opens a browser of one's own, signed in; afterwards no page may have complained."""
    with signing_in(browser, site) as opened:
        yield opened


@contextmanager
def signing_in(browser: Browser, site: Site) -> Iterator[SignIn]:
    watched, contexts = Watched(site), []

    def opened(username: str = "coder-a", *, script: bool = True) -> Page:
        context = browser.new_context(viewport=SCREEN, java_script_enabled=script, base_url=site.address)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        watched.watch(page)
        page.goto("/sign-in")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not watched.complaints
