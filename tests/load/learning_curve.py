"""How a model grows with the episodes it learns from, beside day-one knowledge.

Nested subsets of the training split, by patient, with several seeds; each model is trained as `autocoder
train` does and measured on episodes that it has not seen: without a learned lexicon, with one learned from
the words that codes rest on (as it ships, from 300 episodes on), and with one learned from document labels
alone, from the same corpus without these words. Writes a table and a plot into docs/learning.md.

usage: python -m tests.load.learning_curve [--evaluate F.jsonl ...] [--sizes 50 100 ...] [--seeds 3]
       [--lines plain evidence labels] [--points POINTS.jsonl] [--write docs/learning.md]
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from statistics import mean
from typing import Any

from data.corpora import Split, read_coded_documents, shipped_corpus
from data.episodes import CodedEpisode, CodedLine
from models.bundle import ModelParts, open_bundle, write_bundle
from models.knowledge import make_parts
from tests.load.pages import write_part
from training.config import TrainingConfig, read_config
from training.corpus import Corpus
from training.metrics import headline_figures, scored
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications
from training.train import train

SIZES = (50, 100, 200, 400)
PLOT = Path("docs/images/learning_curve.svg")
NOTE = "micro-F1 over all codes, synthetic text; bars: lowest and highest of the seeds"


class Line(StrEnum):
    PLAIN = "plain"
    EVIDENCE = "evidence"
    LABELS = "labels"

    @property
    def shown(self) -> str:
        return _SHOWN[self]

    def config(self) -> TrainingConfig:
        """How such a model is trained."""
        config = read_config()
        learns = {"enabled": self is not Line.PLAIN, "weak": self is Line.LABELS, "least_episodes": 0}
        return config.model_copy(update={"lexicon": config.lexicon.model_copy(update=learns)})


_SHOWN = {
    Line.PLAIN: "without a learned lexicon",
    Line.EVIDENCE: "with a lexicon from evidence",
    Line.LABELS: "with a lexicon from document labels only",
}
_DRAWN = {Line.PLAIN: ("#005eb8", "-"), Line.EVIDENCE: ("#007f3b", "-."), Line.LABELS: ("#ed8b00", "--")}


@dataclass(frozen=True, slots=True)
class Point:
    line: Line
    episodes: int
    micro_f1: tuple[float, ...]
    """One for each seed."""


def without_evidence(episode: CodedEpisode) -> CodedEpisode:
    """Codes as a hospital's archive has them."""

    def bare(lines: tuple[CodedLine, ...]) -> tuple[CodedLine, ...]:
        return tuple(replace(line, evidence=()) for line in lines)

    return replace(
        episode, diagnoses=bare(episode.diagnoses), procedures=bare(episode.procedures), not_coded=()
    )


def nested(corpus: Sequence[CodedEpisode], sizes: Sequence[int], seed: int) -> list[list[CodedEpisode]]:
    """Each subset holds the one before it; whole patients, so that a size may be passed by one or two."""
    by_patient: dict[str, list[CodedEpisode]] = {}
    for episode in corpus:
        by_patient.setdefault(episode.patient or episode.episode.id, []).append(episode)
    patients = sorted(by_patient)
    random.Random(seed).shuffle(patients)
    subsets: list[list[CodedEpisode]] = []
    taken: list[CodedEpisode] = []
    for patient in patients:
        taken += by_patient[patient]
        if len(subsets) < len(sizes) and len(taken) >= sizes[len(subsets)]:
            subsets.append(list(taken))
    return subsets


def curve(
    lines: Sequence[Line],
    sizes: Sequence[int],
    seeds: int,
    evaluated_on: Sequence[CodedEpisode],
    known: Collection[Point] = (),
) -> Iterator[Point]:
    """Each size by every seed; all episodes are one subset, whatever the seed.

    Args:
        known: points that are not measured again.
    """
    corpus = [episode for path in shipped_corpus() for episode in read_coded_documents(path)]
    subsets = [nested(corpus, sizes, seed) for seed in range(seeds)]
    measured = {(point.line, point.episodes) for point in known}
    for line in lines:
        for place, size in enumerate(sizes):
            if (line, size) not in measured:
                found = tuple(_figure(line, dealt[place], evaluated_on) for dealt in subsets)
                yield Point(line, size, found)
        if (line, len(corpus)) not in measured:
            yield Point(line, len(corpus), (_figure(line, corpus, evaluated_on),))


def day_one(evaluated_on: Sequence[CodedEpisode]) -> float:
    return _micro_f1(make_parts(_tables(), created=datetime.now(UTC)), evaluated_on)


def _figure(line: Line, episodes: Sequence[CodedEpisode], evaluated_on: Sequence[CodedEpisode]) -> float:
    taught = tuple(map(without_evidence, episodes)) if line is Line.LABELS else tuple(episodes)
    corpus = Corpus(taught, {}, synthetic=True)
    trained = train(corpus, _tables(), line.config(), datetime.now(UTC), lambda *_: None)
    return _micro_f1(trained.parts, evaluated_on)


def _micro_f1(parts: ModelParts, evaluated_on: Sequence[CodedEpisode]) -> float:
    """Opened from its folder, as it would serve."""
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder) / "model", parts)
        coder = open_bundle(Path(folder) / "model", name="curve", version="0", classifications=_tables())
    found = headline_figures([scored(gold, coder.suggest(gold.episode)) for gold in evaluated_on])["micro_f1"]
    assert found is not None
    return found


def _tables() -> Any:
    return load_classifications(DEFAULT_CLASSIFICATIONS)


def table(points: Sequence[Point], start: float) -> str:
    lines = list(dict.fromkeys(point.line for point in points))
    rows = [f"| episodes | {' | '.join(line.shown for line in lines)} |"]
    rows.append(f"| ---: |{' ---: |' * len(lines)}")
    rows.append(f"| day-one knowledge |{f' {start:.1%} |' * len(lines)}")
    for size in sorted({point.episodes for point in points}):
        shown = [
            _shown(point)
            for line in lines
            for point in points
            if (point.line, point.episodes) == (line, size)
        ]
        rows.append(f"| {size} | {' | '.join(shown)} |")
    return "\n".join(rows)


def _shown(point: Point) -> str:
    if len(point.micro_f1) == 1:
        return f"{point.micro_f1[0]:.1%}"
    return f"{mean(point.micro_f1):.1%} ({min(point.micro_f1):.1%} to {max(point.micro_f1):.1%})"


def draw(points: Sequence[Point], start: float, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "autocoder"  # the same file each time
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    for line, (colour, style) in _DRAWN.items():
        drawn = [point for point in points if point.line is line]
        if drawn:
            middle = [mean(point.micro_f1) for point in drawn]
            spread = [
                [value - min(point.micro_f1) for value, point in zip(middle, drawn, strict=True)],
                [max(point.micro_f1) - value for value, point in zip(middle, drawn, strict=True)],
            ]
            sizes = [point.episodes for point in drawn]
            axes.errorbar(
                sizes, middle, spread, color=colour, linestyle=style, marker="o", capsize=3, label=line.shown
            )
    axes.axhline(start, color="#768692", linestyle=":", label="day-one knowledge")
    axes.set(xlabel="episodes to learn from", ylabel="micro-F1, all codes", title="Learning curve")
    axes.legend(loc="lower right")
    figure.text(0.01, 0.01, NOTE, fontsize=7)
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def kept(path: Path | None) -> list[Point]:
    """Points that an earlier run measured."""
    rows = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else ()
    found = (json.loads(row) for row in rows)
    return [Point(Line(one["line"]), one["episodes"], tuple(one["micro_f1"])) for one in found]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--evaluate", type=Path, nargs="*", default=())
    options.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--lines", type=Line, nargs="*", default=tuple(Line))
    options.add_argument("--points", type=Path, help="Keeps what was measured; a second run goes on there.")
    options.add_argument("--write", type=Path, help="Page to write the table into; draws the plot, too.")
    given = options.parse_args()
    paths = tuple(given.evaluate) or shipped_corpus(Split.VALIDATION)
    evaluated_on = [episode for path in paths for episode in read_coded_documents(path)]
    start, points = day_one(evaluated_on), kept(given.points)
    for point in curve(given.lines, given.sizes, given.seeds, evaluated_on, tuple(points)):
        print(point, file=sys.stderr, flush=True)
        points.append(point)
        if given.points:
            with given.points.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(point)) + "\n")
    points.sort(key=lambda point: (list(Line).index(point.line), point.episodes))
    print(table(points, start))
    if given.write:
        write_part(given.write, "learning curve", table(points, start))
        draw(points, start, PLOT)


if __name__ == "__main__":
    main()
