"""The champion changes twenty times under load: no request is dropped, none is answered by half a model."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from models.registry import Registry
from service.identity import UserRole
from tests.patience import PATIENCE_SECONDS
from tests.printed import Say
from tests.registered_model import NAME, Site, open_site, register_two

SWAPS = 20
TEXT = "Diagnosis: exacerbation of COPD. PMH: hypertension, asthma."
EXPECTED = {"1": {"J441", "I10X", "J459"}, "2": {"J441", "J459"}}
"""What each version answers."""


def test_twenty_swaps_under_load_drop_nothing(registry: Registry, tmp_path: Path, say: Say) -> None:
    register_two(registry, tmp_path)
    with open_site(tmp_path / "site", registry, poll_seconds=0.15) as site:
        stop = Event()
        with ThreadPoolExecutor(4) as pool:
            posting = [pool.submit(post_until, site, stop) for _ in range(2)]
            try:
                for swap in range(SWAPS):
                    promote(site, 2 - swap % 2)
            finally:
                stop.set()
            answers = sum((found.result() for found in posting), Counter[tuple[int, str]]())
    assert {status for status, _ in answers} == {200}
    by_version = {version: times for (_, version), times in answers.items()}
    assert by_version.keys() == {"1", "2"}
    assert min(by_version.values()) > SWAPS / 4
    say(f"{SWAPS} swaps, {answers.total()} requests, all answered: {dict(by_version)}")


def promote(site: Site, version: int) -> None:
    """Until it serves."""
    site.registry.set_alias(NAME, "champion", version)
    until = time.monotonic() + PATIENCE_SECONDS
    while site.services.suggester.holder.serving.identity != f"{NAME}/{version}":
        assert time.monotonic() < until, site.services.suggester.holder.serving.reason
        time.sleep(0.02)
    assert site.services.suggester.holder.serving.reason == ""


def post_until(site: Site, stop: Event) -> Counter[tuple[int, str]]:
    """How often which version answered with which status; each with the codes of its own version."""
    answers = Counter[tuple[int, str]]()
    while not stop.is_set():
        answer = site.client.post("/v1/suggestions", json={"text": TEXT}, headers=site.headers(UserRole.EPR))
        version = answer.json().get("model", {}).get("version", "none")
        answers[answer.status_code, version] += 1
        time.sleep(0.02)  # a client on the same two processors
        if answer.status_code == 200:
            codes = {line["code"] for line in answer.json()["diagnoses"] if line["suggested"]}
            assert codes == EXPECTED[version]
    return answers
