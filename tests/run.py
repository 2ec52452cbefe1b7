"""Runs every suite, fast ones first, and prints the seconds of each. Stops at the first suite that fails.

usage: python tests/run.py [SUITE ...]

Each suite says by itself what it could not run here; with CI=true anything missing fails.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTEST = (str(BIN / "python"), "-m", "pytest", "-q", "-rs", "--no-header")
SPREAD = ("-n", "2", "--dist", "loadfile")

SUITES: dict[str, tuple[tuple[str, ...], ...]] = {
    "lint": ((str(BIN / "ruff"), "format", "--check", "."), (str(BIN / "ruff"), "check", "-q", ".")),
    "layers": ((str(BIN / "lint-imports"),),),
    "types": ((str(BIN / "mypy"),),),
    "unit": ((*PYTEST, *SPREAD, "tests/unit"),),
    "api": ((*PYTEST, *SPREAD, "tests/api"),),
    "contract": ((*PYTEST, *SPREAD, "tests/contract"),),
    "acceptance": ((*PYTEST, *SPREAD, "tests/acceptance"),),
    "browser": ((*PYTEST, *SPREAD, "tests/browser"),),
    "resilience": ((*PYTEST, *SPREAD, "tests/resilience"),),
}


def main(names: list[str]) -> int:
    seconds: dict[str, float] = {}
    for name in names or list(SUITES):
        print(f"\n=== {name} ===", flush=True)
        started = time.monotonic()
        failed = any(_run(command) for command in SUITES[name])
        seconds[name] = time.monotonic() - started
        if failed:
            _report(seconds)
            print(f"FAILED: {name}", flush=True)
            return 1
    _report(seconds)
    return 0


def _run(command: tuple[str, ...]) -> int:
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "0"}, check=False
    ).returncode


def _report(seconds: dict[str, float]) -> None:
    print("\nSeconds of each suite", flush=True)
    for name, spent in seconds.items():
        print(f"  {name:<12}{spent:7.1f}", flush=True)
    print(f"  {'all':<12}{sum(seconds.values()):7.1f}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
