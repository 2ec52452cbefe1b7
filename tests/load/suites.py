"""Benches that are programs of their own: many real reports, more fuzzing, more kills."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.load.figures import Figure

ROOT = Path(__file__).parents[2]
FUZZ_EXAMPLES = 40
KILL_ROUNDS = 50
_LIMIT_SECONDS = 3600
_PRINTED = re.compile(r"^(\d+ cases(?::.*)?|\d+ kills.*)$", re.MULTILINE)


def reports(tracking_uri: str) -> list[Figure]:
    """Codes the unlabelled reports of the shared material, where they are."""
    command = (sys.executable, "tests/load/bench_predict.py", "--workers", "2")
    seconds, done = _timed(command, AUTOCODER_TRACKING_URI=tracking_uri)
    said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    figures = [Figure("real reports", "", line) for line in said[-3:]]
    return [*figures, Figure("real reports", "whole program", f"{seconds:.0f} s, exit {done.returncode}")]


def fuzz() -> list[Figure]:
    return _pytest("fuzz", "tests/contract/test_api_fuzz.py", AUTOCODER_FUZZ_EXAMPLES=str(FUZZ_EXAMPLES))


def kills() -> list[Figure]:
    return _pytest("kills", "tests/resilience/test_kill.py", AUTOCODER_KILL_ROUNDS=str(KILL_ROUNDS))


def _pytest(bench: str, path: str, **environment: str) -> list[Figure]:
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", path)
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
