"""How fast `autocoder predict` codes real dictated reports, and how much memory it takes.

    python tests/load/bench_predict.py [--model FOLDER_OR_NAME] [--workers N]

Reads mtsamples_unlabelled.jsonl from the shared material (AUTOCODER_SHARED, otherwise ../shared beside the
repository); where there is none it says so and stops.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def reports() -> Path:
    shared = Path(os.environ.get("AUTOCODER_SHARED") or REPOSITORY.parent / "shared")
    return shared / "data" / "corpora" / "mtsamples_unlabelled.jsonl"


def main(options: list[str]) -> int:
    if not reports().exists():
        print(f"skipped: {reports()} is not there; AUTOCODER_SHARED names the folder of the shared material")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "predictions.jsonl"
        command = ["predict", "--input", str(reports()), "--output", str(output), *options]
        program = "from data.console import main; main()"
        return subprocess.run([sys.executable, "-c", program, *command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
