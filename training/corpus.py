"""The corpora of a run: what was read, so that a figure can be traced to its data."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.corpora import Split, read_coded_documents, shipped_corpus
from data.episodes import CodedEpisode
from training.decisions import Decisions, DecisionSource, read_decisions
from training.display import Watch
from training.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Corpus:
    episodes: tuple[CodedEpisode, ...]
    digests: dict[str, str]
    """sha256 of each file, by its name."""
    synthetic: bool
    """True where a file is of the corpus that ships: no figure on it says how real notes are coded."""
    decisions: Decisions | None = None
    """What of it coders decided in the service."""

    @property
    def label(self) -> str:
        return "synthetic text" if self.synthetic else "text of unstated origin"


def with_decisions(paths: Sequence[Path], source: DecisionSource, watch: Watch) -> Corpus:
    """What coders decided, alone or beside corpora.

    Raises:
        CorpusError: there is nothing in either.
    """
    found = read_decisions(source, watch)
    if not (found.decided or paths):
        raise CorpusError("no coding was finalised there that may be learned from")
    files = read_corpus(paths) if paths else Corpus((), {}, False)
    digests = {**files.digests, "decisions": found.digest}
    return Corpus((*files.episodes, *found.episodes), digests, files.synthetic, found)


def read_corpus(paths: Sequence[Path]) -> Corpus:
    episodes = tuple(episode for path in paths for episode in read_coded_documents(path))
    if not episodes:
        raise CorpusError(f"no episode in {', '.join(map(str, paths)) or 'an empty list of files'}")
    digests = {_name(path, paths): digest(path) for path in paths}
    shipped = {digest(path) for split in Split for path in shipped_corpus(split)}
    return Corpus(episodes, digests, bool(shipped & set(digests.values())))


def _name(path: Path, paths: Sequence[Path]) -> str:
    """The file name; with its place where two files share it."""
    alike = [other for other in paths if other.name == path.name]
    return path.name if len(alike) == 1 else f"{paths.index(path)}-{path.name}"


def digest(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
