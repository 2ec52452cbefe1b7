"""The corpus that ships: synthetic UK episodes, coded by hand."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "uk"


def shipped_corpus() -> tuple[Path, ...]:
    """The files of the corpus, in order of name."""
    return tuple(sorted(_FOLDER.glob("*.jsonl")))
