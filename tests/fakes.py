"""Stand-ins for what tests do not want to build: a model without training, a clock that stands still."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from data.episodes import Episode, Evidence, NotCoded, NotCodedReason, Role
from data.standards import StandardsEdition
from data.terms import LocalTerms
from models.coder import Coder
from models.prediction import ModelVersion, Prediction, StandardsVersion, SuggestedLine

PHRASES: Mapping[str, tuple[Role, str, float]] = {
    "exacerbation of COPD": (Role.DIAGNOSIS, "J440", 0.95),
    "type 2 diabetes": (Role.DIAGNOSIS, "E119", 0.9),
    "hypertension": (Role.DIAGNOSIS, "I10X", 0.85),
    "ex-smoker": (Role.DIAGNOSIS, "Z864", 0.8),
    "lives alone": (Role.DIAGNOSIS, "Z602", 0.3),
    "gastroscopy": (Role.PROCEDURE, "G459", 0.75),
}
"""What FakeCoder knows; below a confidence of one half a line is only a candidate."""

NOTE = (
    "Diagnosis: infective exacerbation of COPD. PMH: type 2 diabetes, hypertension, ex-smoker, lives alone. "
    "No pulmonary embolism. Had a gastroscopy on day 2."
)


@dataclass(slots=True)
class FakeCoder:
    """Finds its few phrases wherever they stand; leaves out a pulmonary embolism as negated."""

    version: ModelVersion = field(default_factory=lambda: ModelVersion("fake", "1", "0" * 64))
    tables: Mapping[str, str] = field(default_factory=lambda: {"icd10": "test", "opcs4": "test"})
    phrases: Mapping[str, tuple[Role, str, float]] = field(default_factory=lambda: PHRASES)
    local_digest: str = ""
    standards: StandardsVersion = field(default_factory=StandardsVersion)

    def with_local(self, local: LocalTerms) -> "FakeCoder":
        blocked = {(one.phrase, one.code) for one in local.blocked}
        added = {term.phrase: (role, term.code, 0.7) for role, term in local.added}
        kept = {words: known for words, known in self.phrases.items() if (words, known[1]) not in blocked}
        return replace(self, phrases={**kept, **added}, local_digest=local.digest)

    def with_standards(self, standards: StandardsEdition) -> "FakeCoder":
        version = StandardsVersion(standards.name, standards.digest, standards.policy)
        return replace(self, standards=version)

    def suggest(self, episode: Episode) -> Prediction:
        lines = sorted(self._lines(episode), key=lambda line: -line.confidence)
        return Prediction(
            episode_id=episode.id,
            model=self.version,
            standards=self.standards,
            tables=self.tables,
            local_terms=self.local_digest,
            diagnoses=tuple(line for line in lines if line.role is Role.DIAGNOSIS),
            procedures=tuple(line for line in lines if line.role is Role.PROCEDURE),
            not_coded=tuple(
                NotCoded(span, NotCodedReason.NEGATED, would_be="I269")
                for span in self._spans(episode, "pulmonary embolism")
            ),
        )

    def _lines(self, episode: Episode) -> list[SuggestedLine]:
        found = ((phrase, self._spans(episode, phrase)) for phrase in self.phrases)
        return [self._line(phrase, spans) for phrase, spans in found if spans]

    def _line(self, phrase: str, spans: tuple[Evidence, ...]) -> SuggestedLine:
        role, code, confidence = self.phrases[phrase]
        return SuggestedLine(
            role=role,
            code=code,
            title=phrase,
            confidence=confidence,
            suggested=confidence >= 0.5,
            evidence=spans[:3],
            reason=f"'{phrase}' in the text",
            group=1 if role is Role.PROCEDURE else None,
        )

    def _spans(self, episode: Episode, phrase: str) -> tuple[Evidence, ...]:
        spans = []
        for number, document in enumerate(episode.documents):
            start = document.text.find(phrase)
            if start >= 0:
                spans.append(Evidence(number, start, start + len(phrase), phrase))
        return tuple(spans)


class FailingCoder(FakeCoder):
    """Fails on every text but the one that warms it."""

    def suggest(self, episode: Episode) -> Prediction:
        if episode.id == "warm":
            return FakeCoder.suggest(self, episode)
        raise RuntimeError(episode.documents[0].text)


@dataclass(slots=True)
class FakeSource:
    """A model source that a test switches: `coder=None` means there is none."""

    coder: Coder | None = field(default_factory=FakeCoder)
    name: str = "fake/1"

    def identity(self) -> str:
        return self.name

    def open(self) -> Coder:
        if self.coder is None:
            raise FileNotFoundError("there is no model bundle")
        return self.coder


@dataclass(slots=True)
class StoppedClock:
    """Moves only when a test moves it."""

    instant: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def advance(self, **duration: float) -> None:
        self.instant += timedelta(**duration)
