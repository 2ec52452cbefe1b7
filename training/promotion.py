"""Which model serves: gates that a challenger must pass, the change itself, and the way back.

docs/decisions/0014-promotion.md says why the gates are as they are.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.errors import BundleError
from models.registry import CHALLENGER, CHAMPION, PREVIOUS, NoSuchModel, RegisteredModel, Registry
from training.config import PromotionConfig
from training.display import NAMES, decimal, percent
from training.errors import PromotionError
from training.evaluate import Report
from training.opening import DEFAULT_CLASSIFICATIONS, ModelSource
from training.pairing import support
from training.versions import change_tags, former_champions, keep_former_champions


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of a promotion, and what was found."""

    name: str
    passed: bool
    says: str


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to what serves."""

    now: str
    """As `autocoder/3`."""
    before: str | None
    previous: str | None
    """What a rollback would bring back."""


def judge_gates(report: Report, margins: PromotionConfig) -> tuple[Gate, ...]:
    return tuple(gate for name, found in report["sets"].items() for gate in _gates(name, found, margins))


def _gates(name: str, found: Mapping[str, Any], margins: PromotionConfig) -> Iterator[Gate]:
    yield _unseen(name, found)
    yield _no_fall(name, "overall", NAMES["micro_f1"], found["figures"]["micro_f1"], margins.overall)
    primary = found["figures"]["primary_correct"]
    yield _no_fall(name, "primary diagnosis", NAMES["primary_correct"], primary, margins.primary)
    for role, chapters in found["by_chapter"].items():
        for chapter, figure in support(chapters, margins.chapter_support).items():
            shown = f"{role}, chapter {chapter} ({figure['gold']} gold codes): F1"
            yield _no_fall(name, f"{role} chapter {chapter}", shown, figure, margins.chapter)
    yield _calibrated(name, found["calibration"]["all"], margins.calibration)
    yield _fast(name, found["latency"], margins.latency)


def _unseen(name: str, found: Mapping[str, Any]) -> Gate:
    seen = found["seen"]["challenger"]
    says = f"it was trained on {', '.join(seen)}" if seen else "it was trained on none of the files"
    return Gate(f"{name}: unseen", not seen, f"{says} that it is measured on")


def _no_fall(name: str, gate: str, shown: str, figure: Mapping[str, Any], margin: float) -> Gate:
    difference = figure["difference"]
    if difference is None:
        return Gate(f"{name}: {gate}", True, f"{shown}: nothing to measure")
    says = (
        f"{shown} goes from {percent(figure['champion'])} to {percent(figure['challenger'])}: "
        f"{difference * 100:+.1f} points{_interval(figure)}, {margin * 100:.1f} may be lost"
    )
    return Gate(f"{name}: {gate}", difference >= -margin, says)


def _calibrated(name: str, figure: Mapping[str, Any], margin: float) -> Gate:
    difference = figure["difference"]
    if difference is None:
        return Gate(f"{name}: calibration", True, "calibration: nothing to measure")
    says = (
        f"expected calibration error goes from {decimal(figure['champion'])} to "
        f"{decimal(figure['challenger'])}: {difference:+.3f}, a rise of {margin:.3f} is allowed"
    )
    return Gate(f"{name}: calibration", difference <= margin, says)


def _fast(name: str, latency: Mapping[str, float], most: float) -> Gate:
    says = (
        f"processor time for a text goes from {latency['champion_ms']:.1f} to "
        f"{latency['challenger_ms']:.1f} ms: {latency['ratio']:.2f} times, {most:.2f} times is allowed"
    )
    return Gate(f"{name}: latency", latency["ratio"] <= most, says)


def _interval(figure: Mapping[str, Any]) -> str:
    found = figure["interval_95"]
    return f" (95% interval {found[0] * 100:+.1f} to {found[1] * 100:+.1f})" if found else ""


def champion_of(registry: Registry, name: str) -> RegisteredModel | None:
    try:
        return registry.resolve(f"{name}@{CHAMPION}")
    except NoSuchModel:
        return None


def set_champion(
    registry: Registry, model: RegisteredModel, why: str, at: datetime, notes: Mapping[str, str]
) -> Change:
    """Moves the aliases; tags first, so that no champion is without them.

    Args:
        notes: further tags: what the gates said, whether they were overruled.
    """
    name, before = model.name, champion_of(registry, model.name)
    registry.tag_version(name, model.version, {**change_tags(CHAMPION, why, at), **notes})
    if before is not None:
        gone = f"{name}/{model.version} was promoted: {why}"
        registry.tag_version(name, before.version, change_tags(PREVIOUS, gone, at))
        keep_former_champions(registry, name, [*former_champions(registry, name), before.version])
        registry.set_alias(name, PREVIOUS, before.version)
    registry.set_alias(name, CHAMPION, model.version)
    if CHALLENGER in model.aliases:
        registry.remove_alias(name, CHALLENGER)
    former = f"{name}/{before.version}" if before else None
    return Change(f"{name}/{model.version}", former, former)


def roll_back(registry: Registry, name: str, why: str, at: datetime) -> Change:
    """The champion before this one serves again; once more, the one before that.

    Raises:
        PromotionError: there is none before, or it cannot be opened.
    """
    leaving = champion_of(registry, name)
    former = former_champions(registry, name)
    if leaving is None or not former:
        raise PromotionError(f"{name} has no earlier champion to go back to")
    back = registry.resolve(f"{name}/{former[-1]}")
    check_opens(registry, back)
    left = f"rolled back to {name}/{back.version}: {why}"
    registry.tag_version(name, leaving.version, change_tags("withdrawn", left, at))
    registry.tag_version(name, back.version, change_tags(CHAMPION, left, at))
    registry.set_alias(name, CHAMPION, back.version)
    keep_former_champions(registry, name, former[:-1])
    earlier = _set_previous(registry, name, former[:-1])
    return Change(f"{name}/{back.version}", f"{name}/{leaving.version}", earlier)


def _set_previous(registry: Registry, name: str, former: Sequence[int]) -> str | None:
    if not former:
        registry.remove_alias(name, PREVIOUS)
        return None
    registry.set_alias(name, PREVIOUS, former[-1])
    return f"{name}/{former[-1]}"


def why_unusable(registry: Registry, model: RegisteredModel) -> str | None:
    """What keeps a version from being opened, as a bundle of an earlier format; None where it opens."""
    try:
        check_opens(registry, model)
    except BundleError as error:
        return error.reason
    return None


def check_opens(registry: Registry, model: RegisteredModel) -> None:
    """A version whose files are gone or damaged must not be what serves."""
    with tempfile.TemporaryDirectory(prefix="autocoder-rollback-") as folder:
        fetched = Path(folder) / "model"
        registry.fetch(f"{model.name}/{model.version}", fetched)
        ModelSource(fetched, model.name, str(model.version), DEFAULT_CLASSIFICATIONS).open()


def check_recorded(model: RegisteredModel, digest: str) -> None:
    """
    Raises:
        PromotionError: its files are not those that training recorded.
    """
    recorded = model.tags.get("model_digest")
    if recorded is not None and recorded != digest:
        raise PromotionError(
            f"{model.name}/{model.version} is another model than was recorded: "
            f"its digest is {digest[:12]}, not {recorded[:12]}"
        )
