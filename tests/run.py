"""Runs every suite, fast ones first, and prints the seconds of each. Stops at the first suite that fails.

usage: python tests/run.py [SUITE ...]

Each suite says by itself what it could not run here; with CI=true anything missing fails.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SEED = os.environ.get("AUTOCODER_TEST_SEED", "20261122")
"""Of the order of tests: one order, so that a landing does not hang on chance; `make bench` tries others."""
PYTEST = (str(BIN / "python"), "-m", "pytest", "-q", "-rs", "--no-header", f"--randomly-seed={SEED}")
SPREAD = ("-n", "2", "--dist", "loadfile")
BALANCED = ("-n", "2", "--dist", "worksteal")
"""For few tests that take long and share nothing."""

SUITES: dict[str, tuple[tuple[str, ...], ...]] = {
    "lint": ((str(BIN / "ruff"), "format", "--check", "."), (str(BIN / "ruff"), "check", "-q", ".")),
    "layers": ((str(BIN / "lint-imports"),),),
    "types": ((str(BIN / "mypy"),),),
    "unit": ((*PYTEST, *SPREAD, "tests/unit"),),
    "api": ((*PYTEST, *SPREAD, "tests/api"),),
    "contract": ((*PYTEST, *SPREAD, "tests/contract"),),
    "acceptance": ((*PYTEST, *SPREAD, "tests/acceptance"),),
    "browser": ((*PYTEST, *SPREAD, "tests/browser"),),
    "resilience": ((*PYTEST, *BALANCED, "tests/resilience"),),
}

MEMORY = Path("/dev/shm")  # noqa: S108 (only where folders of our own are made)
MEMORY_BYTES = 4 * 1024**3
"""Many times what the tests write."""


def main(names: list[str]) -> int:
    with tempfile.TemporaryDirectory(
        prefix="autocoder-tests-", dir=_in_memory(), ignore_cleanup_errors=True
    ) as folder:
        return _run_all(names or list(SUITES), folder)


def _in_memory() -> Path | None:
    """Where there is room: a shared disk that stands still fails tests that are right."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES
    return MEMORY if roomy and "TMPDIR" not in os.environ else None


def _run_all(names: list[str], folder: str) -> int:
    seconds: dict[str, float] = {}
    for name in names:
        print(f"\n=== {name} ===", flush=True)
        started = time.monotonic()
        failed = any(_run(command, folder) for command in SUITES[name])
        seconds[name] = time.monotonic() - started
        if failed:
            _report(seconds)
            print(f"FAILED: {name}", flush=True)
            return 1
    _report(seconds)
    return 0


def _run(command: tuple[str, ...], folder: str) -> int:
    environment = {**os.environ, "PYTHONHASHSEED": "0", "TMPDIR": folder}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _report(seconds: dict[str, float]) -> None:
    print("\nSeconds of each suite", flush=True)
    for name, spent in seconds.items():
        print(f"  {name:<12}{spent:7.1f}", flush=True)
    print(f"  {'all':<12}{sum(seconds.values()):7.1f}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
