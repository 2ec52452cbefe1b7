"""How a run tells of the decisions that it learned from: in the manifest, in MLflow and on the console."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.bundle import BundleParts
from training.corpus import Corpus


@dataclass(frozen=True, slots=True)
class LearnedFrom:
    """Empty where nothing was read from the service."""

    provenance: Mapping[str, Any]
    seconds: float | None
    """From the latest decision that was used to the model that knows of it."""

    @classmethod
    def of(cls, corpus: Corpus, done: datetime) -> "LearnedFrom":
        if corpus.decisions is None:
            return cls({}, None)
        latest = corpus.decisions.latest
        return cls(corpus.decisions.provenance(), (done - latest).total_seconds() if latest else None)

    @property
    def metrics(self) -> dict[str, float]:
        counts = {f"decisions.{name}": self.provenance.get(name) for name in ("episodes", "left_out")}
        found = counts | {"decisions.seconds_to_model": self.seconds}
        return {name: float(value) for name, value in found.items() if value is not None}

    @property
    def tags(self) -> dict[str, str]:
        return {f"decisions.{name}": str(value) for name, value in self.provenance.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.provenance:
            return ()
        said = [f"learned from {self.provenance['episodes']} codings that were finalised in the service"]
        if self.seconds is not None:
            said.append(f"from the latest decision to this model: {_duration(self.seconds)}")
        if self.provenance["left_out"]:
            said.append(f"{self.provenance['left_out']} left out: their text was erased or withdrawn")
        if not self.provenance["audited_episodes"]:
            said.append("no blind audits: decisions are taken at their word, whatever was shown")
        return tuple(said)

    def noted(self, parts: BundleParts) -> BundleParts:
        """With the time in the manifest."""
        if not self.provenance:
            return parts
        told = {**self.provenance, "seconds_to_model": self.seconds}
        return replace(parts, training={**parts.training, "decisions": told})


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} seconds"
