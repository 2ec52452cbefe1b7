"""Pictures of a model for the people who decide on it: calibration, precision against recall, confidences."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.calibration import BINS, FLOOR, Judged, equal_width_bins

RIGHT, WRONG = "#005eb8", "#d4351c"


def write_plots(
    judged: Sequence[Judged], threshold: float, note: str, folder: Path, *, episodes: int
) -> None:
    """`note` says what the figures rest on and stands on every plot."""
    folder.mkdir()
    _reliability([item for item in judged if item.confidence >= FLOOR], note, folder / "reliability.svg")
    _precision_recall(judged, threshold, note, folder / "precision_recall.svg")
    _histogram(judged, threshold, note, folder / "confidences.svg")
    _operating_points(judged, threshold, note, folder / "operating_points.svg", episodes)


def precision_recall(judged: Sequence[Judged]) -> list[tuple[float, float, float]]:
    """(threshold, precision, recall) at every confidence; recall is of the codes that were offered."""
    total = sum(item.right for item in judged)
    ordered = sorted(judged, key=lambda item: -item.confidence)
    points: list[tuple[float, float, float]] = []
    right = 0
    for place, item in enumerate(ordered, start=1):
        right += item.right
        last_of_its_kind = place == len(ordered) or ordered[place].confidence < item.confidence
        if last_of_its_kind and total:
            points.append((item.confidence, right / place, right / total))
    return points


def _reliability(judged: Sequence[Judged], note: str, path: Path) -> None:
    figure, axes = _new("Reliability: is a confidence of 0.9 right nine times in ten?", note)
    bins = equal_width_bins(judged)
    axes.plot([0, 1], [0, 1], color="#768692", linestyle="--")
    axes.scatter(
        [found.confidence for found in bins],
        [found.right for found in bins],
        s=[20 + 4 * found.count**0.75 for found in bins],
        color=RIGHT,
    )
    for found in bins:
        axes.annotate(
            str(found.count), (found.confidence, found.right), xytext=(6, -10), textcoords="offset points"
        )
    _save(figure, axes, path, x="confidence", y="share right (number: codes)")


def _precision_recall(judged: Sequence[Judged], threshold: float, note: str, path: Path) -> None:
    figure, axes = _new("Precision against recall of the offered codes", note)
    points = precision_recall(judged)
    axes.plot([recall for _, _, recall in points], [precision for _, precision, _ in points], color=RIGHT)
    operating = [point for point in points if point[0] >= threshold][-1:]
    for _, precision, recall in operating:
        axes.plot(recall, precision, marker="o", color=WRONG)
        axes.annotate(
            f"suggested from {threshold:.2f}", (recall, precision), xytext=(6, 6), textcoords="offset points"
        )
    _save(figure, axes, path, x="recall", y="precision")


def suggestions_per_episode(judged: Sequence[Judged], episodes: int) -> list[tuple[float, float]]:
    """(threshold, codes from it up per episode) at every confidence, the highest first."""
    ordered = sorted((item.confidence for item in judged), reverse=True)
    counts = {confidence: place / episodes for place, confidence in enumerate(ordered, start=1)}
    return list(counts.items())


def _operating_points(
    judged: Sequence[Judged], threshold: float, note: str, path: Path, episodes: int
) -> None:
    """What a hospital gets from another threshold."""
    figure, axes = _new("Where to suggest from: precision, recall and work at each threshold", note)
    points = precision_recall(judged)
    confidences = [confidence for confidence, _, _ in points]
    axes.plot(confidences, [precision for _, precision, _ in points], color=RIGHT, label="precision")
    axes.plot(confidences, [recall for _, _, recall in points], color="#00703c", label="recall")
    work = axes.twinx()
    counts = suggestions_per_episode(judged, max(episodes, 1))
    work.plot(
        [confidence for confidence, _ in counts],
        [count for _, count in counts],
        color="#768692",
        linestyle=":",
        label="suggestions per episode",
    )
    work.set(ylabel="suggestions per episode (dotted)", ylim=(0, None))
    axes.axvline(threshold, color=WRONG, linestyle="--", label=f"suggested from {threshold:.2f}")
    axes.legend(loc="lower center")
    _save(figure, axes, path, x="threshold", y="precision, recall of the offered codes")


def _histogram(judged: Sequence[Judged], threshold: float, note: str, path: Path) -> None:
    figure, axes = _new("Confidences of the offered codes", note)
    rights = [item.confidence for item in judged if item.right]
    wrongs = [item.confidence for item in judged if not item.right]
    edges = [place / BINS for place in range(BINS + 1)]
    axes.hist([rights, wrongs], bins=edges, stacked=True, color=[RIGHT, WRONG], label=["right", "wrong"])
    axes.axvline(threshold, color="#212b32", linestyle="--", label=f"suggested from {threshold:.2f}")
    axes.legend()
    figure.tight_layout()
    axes.set_xlabel("confidence")
    axes.set_ylabel("codes")
    _write(figure, path)


def write_differences(rows: Sequence[tuple[str, float, float, float]], note: str, path: Path) -> None:
    """How far a challenger lies above the champion.

    Args:
        rows: (figure, difference, lower and upper end of its interval), in points.
    """
    figure, axes = _new("Challenger above champion, with 95% intervals", note)
    figure.set_size_inches(8, 2 + 0.28 * len(rows))
    for place, (_, difference, low, high) in enumerate(reversed(rows)):
        colour = WRONG if high < 0 else RIGHT
        axes.plot([low, high], [place, place], color=colour)
        axes.plot(difference, place, marker="o", color=colour)
    axes.axvline(0, color="#768692", linestyle="--")
    axes.set_yticks(range(len(rows)), [name for name, *_ in reversed(rows)])
    axes.set_xlabel("difference")
    figure.subplots_adjust(left=0.35)
    _write(figure, path)


def _new(title: str, note: str) -> tuple[Any, Any]:
    """Without pyplot: no window system, no state shared between threads."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 5))
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    figure.suptitle(title)
    axes.set_title(note, fontsize="small", color="#4c6272")
    return figure, axes


def _save(figure: Any, axes: Any, path: Path, *, x: str, y: str) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.05), xlabel=x, ylabel=y)
    _write(figure, path)


def _write(figure: Any, path: Path) -> None:
    """The same picture is the same file: no date, no random identifiers. Words stay words."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "autocoder", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})
