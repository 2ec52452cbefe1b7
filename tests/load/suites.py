"""Benches that are programs of their own: many real reports, more fuzzing, more kills."""

import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

from tests.load.figures import Figure

ROOT = Path(__file__).parents[2]
FUZZ_EXAMPLES = 40
MESSAGE_ROUNDS = 5000
"""Of each kind, HL7 v2 and FHIR."""
KILL_ROUNDS = 50
_LIMIT_SECONDS = 3600
_PRINTED = re.compile(
    r"^(\d+ cases(?::.*)?|\d+ kills.*|\d+ codings taken.*|.* phrases: .* s|a note of .*|check of .*)$",
    re.MULTILINE,
)


def reports(tracking_uri: str) -> list[Figure]:
    """Codes the unlabelled reports of the shared material, where they are."""
    command = (sys.executable, "tests/load/bench_predict.py", "--workers", "2")
    seconds, done = _timed(command, AUTOCODER_TRACKING_URI=tracking_uri)
    said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    figures = [Figure("real reports", "", line) for line in said[-3:]]
    return [*figures, Figure("real reports", "whole program", f"{seconds:.0f} s, exit {done.returncode}")]


def speed() -> list[Figure]:
    """What is promised of terms, search and standards, which `make test` lets take five times as long."""
    tests = ("tests/unit/data/test_search.py", "tests/unit/models_standards/test_engine.py")
    return _pytest("speed", "tests/unit/models/test_terms_speed.py", *tests, AUTOCODER_QUIET="1")


def fuzz() -> list[Figure]:
    chosen = ("tests/contract", "-k", "api_fuzz")
    return _pytest("fuzz", *chosen, AUTOCODER_FUZZ_EXAMPLES=str(FUZZ_EXAMPLES))


def message_fuzz() -> list[Figure]:
    path = "tests/contract/test_message_fuzz.py"
    return _pytest("message fuzz", path, AUTOCODER_MESSAGE_ROUNDS=str(MESSAGE_ROUNDS))


def pages() -> list[Figure]:
    """The pages on both databases; `make test` tries them on SQLite."""
    return _pytest("pages", "tests/api", AUTOCODER_EVERY_DATABASE="1")


def every_page() -> list[Figure]:
    """axe, reflow, focus and hostile texts on every page that the routes name."""
    return _pytest("every page", "tests/browser", "-m", "walk", AUTOCODER_EVERY_PAGE="1")


def any_order() -> list[Figure]:
    """Every suite in an order drawn now: `make test` keeps to one."""
    seed = str(secrets.randbelow(2**32))
    seconds, done = _timed((sys.executable, "tests/run.py"), AUTOCODER_TEST_SEED=seed)
    if done.returncode:
        print(done.stdout[-4000:])
    verdict = "passed" if done.returncode == 0 else "FAILED"
    return [Figure("any order", verdict, f"{seconds:.0f} s, seed {seed}")]


def kills() -> list[Figure]:
    return _pytest("kills", "tests/resilience/test_kill.py", AUTOCODER_KILL_ROUNDS=str(KILL_ROUNDS))


def delivery() -> list[Figure]:
    """The receiver away for a real minute, the service killed over and over."""
    many = {"AUTOCODER_DOWN_SECONDS": "60", "AUTOCODER_DELIVERY_KILLS": str(KILL_ROUNDS // 2)}
    return _pytest("delivery", "tests/resilience/test_outgoing.py", **many)


def _pytest(bench: str, path: str, *options: str, **environment: str) -> list[Figure]:
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", path, *options)
    seconds, done = _timed(command, **environment)
    figures = [Figure(bench, "", line) for line in _PRINTED.findall(done.stdout)]
    if done.returncode:
        print(done.stdout[-4000:])
    verdict = "passed" if done.returncode == 0 else "FAILED"
    return [*figures, Figure(bench, verdict, f"{seconds:.0f} s")]


def _timed(command: tuple[str, ...], **environment: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True,
        check=False, timeout=_LIMIT_SECONDS,
    )  # fmt: skip
    return time.monotonic() - started, done
