"""Runs every bench and prints one table; the same figures go to var/bench.json.

usage: python -m tests.load.bench [BENCH ...]
search serving mllp medcat reports speed fuzz message-fuzz pages every-page any-order kills
delivery learning workbench
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.load import (
    medcat_speed,
    mllp_load,
    search_speed,
    serving_speed,
    simulated_coders,
    suites,
    workbench_load,
)
from tests.load.figures import Figure, table

RESULT = Path("var/bench.json")


def main(names: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        benches = _benches(Path(folder))
        figures: list[Figure] = []
        for name in names or list(benches):
            print(f"{name} …", flush=True)
            found = benches[name]()
            print(table(found), flush=True)
            figures += found
    print(f"\n{table(figures)}")
    _keep(figures)
    return 1 if any(figure.what == "FAILED" for figure in figures) else 0


def _benches(folder: Path) -> Mapping[str, Callable[[], list[Figure]]]:
    store: list[str] = []

    def champion() -> str:
        if not store:
            store.append(serving_speed.store_with_champion(folder))
        return store[0]

    return {
        "search": search_speed.measure,
        "serving": lambda: serving_speed.measure(champion()),
        "mllp": lambda: mllp_load.measure(champion()),
        "medcat": lambda: medcat_speed.measure(champion()),
        "reports": lambda: suites.reports(champion()),
        "speed": suites.speed,
        "fuzz": suites.fuzz,
        "message-fuzz": suites.message_fuzz,
        "pages": suites.pages,
        "every-page": suites.every_page,
        "any-order": suites.any_order,
        "kills": suites.kills,
        "delivery": suites.delivery,
        "learning": simulated_coders.measure,
        "workbench": lambda: workbench_load.bench(champion()),
    }


def _keep(figures: list[Figure]) -> None:
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    content = {"measured": datetime.now(UTC).isoformat(), "figures": [asdict(figure) for figure in figures]}
    RESULT.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
