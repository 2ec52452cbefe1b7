"""Documents a second of processor beside MedCAT's: in one process each, on the same texts.

Processor time, because both use one core, and neighbours take wall time from whichever runs at the moment.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from data.episodes import Document, DocumentKind, Episode
from models.coder import Coder
from tests.load.figures import Figure
from tests.load.texts import texts
from training.opening import find_model

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("AUTOCODER_SHARED") or ROOT.parent / "shared")
TEXTS = 500
WANTED_TIMES = 8
_ENVIRONMENT = ROOT / "var" / "medcat"
_PACKAGES = ("torch<=2.13.0", "medcat==2.9.0")
_INSTALL_SECONDS = 1800
_SPEED = re.compile(r"([0-9.]+) a second of processor")


def measure(tracking_uri: str) -> list[Figure]:
    """Ours, MedCAT's, and how many times faster; MedCAT is left out, with the reason, where it is not."""
    posts = texts(TEXTS)
    with find_model("autocoder@champion", tracking_uri) as model:
        ours = _documents_a_second(model.open(), posts)
    figures = [Figure("in process", "our champion", f"{ours:.1f} documents/cpu s")]
    python, reason = _python()
    if python is None:
        return [*figures, Figure("in process", f"MedCAT: skipped, {reason}", "-")]
    theirs = _medcat(python, posts)
    return [
        *figures,
        Figure("in process", "MedCAT", f"{theirs:.1f} documents/cpu s"),
        Figure("in process", f"times MedCAT (wanted: {WANTED_TIMES})", f"{ours / theirs:.1f}"),
    ]


def _documents_a_second(coder: Coder, posts: Sequence[str]) -> float:
    episodes = [Episode("e", (Document("1", DocumentKind.DISCHARGE_SUMMARY, text),)) for text in posts]
    for episode in episodes[:20]:
        coder.suggest(episode)
    started = time.process_time()
    for episode in episodes:
        coder.suggest(episode)
    return len(episodes) / (time.process_time() - started)


def _python() -> tuple[Path | None, str]:
    """The interpreter of MedCAT's own environment: AUTOCODER_MEDCAT, else one made in var/medcat."""
    named = os.environ.get("AUTOCODER_MEDCAT")
    python = Path(named) if named else _ENVIRONMENT / "bin" / "python"
    if not python.exists() and not named:
        reason = _install(python)
        if reason:
            return None, reason
    done = subprocess.run((python, "-c", "import medcat"), capture_output=True, text=True, check=False)
    return (python, "") if done.returncode == 0 else (None, "it cannot be imported")


def _install(python: Path) -> str:
    """Why it could not be installed; empty where it could."""
    steps = (
        (sys.executable, "-m", "venv", str(_ENVIRONMENT)),
        (str(python), "-m", "pip", "install", "-q", *_PACKAGES),
    )
    try:
        for step in steps:
            subprocess.run(step, check=True, capture_output=True, timeout=_INSTALL_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        return f"it cannot be installed here ({type(error).__name__})"
    return ""


def _medcat(python: Path, posts: Sequence[str]) -> float:
    peer = ROOT / "tests" / "load" / "medcat_peer.py"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notes, concepts = folder / "notes.jsonl", folder / "concepts.csv"
        lines = (json.dumps({"id": str(number), "text": text}) for number, text in enumerate(posts))
        notes.write_text("\n".join(lines) + "\n", encoding="utf-8")
        index = SHARED / "data" / "codes" / "index_terms.tsv"
        known = ("--index-terms", str(index)) if index.exists() else ()
        _run(sys.executable, str(peer), "--make-concepts", "--concepts", str(concepts), *known)
        files = ("--input", str(notes), "--output", str(folder / "codes.jsonl"))
        said = _run(str(python), str(peer), "--concepts", str(concepts), *files)
    found = _SPEED.search(said)
    if found is None:
        raise RuntimeError(f"MedCAT said: {said[-500:]}")
    return float(found[1])


def _run(*command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[1]} failed: {done.stderr[-1000:]}")
    return done.stdout
