"""A document classifier used alone: its codes as a prediction, with evidence, in order of confidence.

It reads the text as a whole. So it knows no assertion, no groups of procedures and no coding order, and
leaves nothing out for a reason that it could give; the lexicon model does (models/coder.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from data.classifications import Classification
from data.episodes import Episode, NotCoded, NotCodedReason, Role
from data.standards import StandardsEdition
from data.terms import LocalTerms
from models.classifiers.scores import DocumentClassifier, ScoredCode
from models.coder import MOST_FURTHER_CANDIDATES
from models.codes import CodeTable, code_table
from models.kinds import ModelKind
from models.prediction import ModelVersion, Prediction, StandardsVersion, SuggestedLine


class ClassifierCoder:
    """Immutable once made; threads may share it."""

    def __init__(
        self,
        version: ModelVersion,
        classifier: DocumentClassifier,
        classifications: Mapping[Role, Classification],
    ) -> None:
        self.version = version
        self.classifier = classifier
        self.tables: Mapping[str, str] = MappingProxyType(
            {table.name: table.edition for table in classifications.values()}
        )
        self._codes = {role: code_table(table) for role, table in classifications.items()}

    def with_local(self, local: LocalTerms) -> "ClassifierCoder":
        """Itself: it looks for no terms, so a provider's own change nothing."""
        return self

    def with_standards(self, standards: StandardsEdition) -> "ClassifierCoder":
        """Itself: used alone, it neither completes nor orders by the standards."""
        return self

    def suggest(self, episode: Episode) -> Prediction:
        scores = self.classifier.scores(episode)
        refused: list[NotCoded] = []
        lines = {
            role: self._lines(role, scores[role], episode, refused) for role in self._codes if role in scores
        }
        return Prediction(
            episode_id=episode.id,
            model=self.version,
            standards=StandardsVersion(),
            tables=self.tables,
            diagnoses=lines.get(Role.DIAGNOSIS, ()),
            procedures=lines.get(Role.PROCEDURE, ()),
            not_coded=tuple(refused),
        )

    def _lines(
        self, role: Role, scores: Sequence[ScoredCode], episode: Episode, refused: list[NotCoded]
    ) -> tuple[SuggestedLine, ...]:
        threshold, table = self.classifier.scales[role].threshold, self._codes[role]
        chosen: list[SuggestedLine] = []
        further: list[SuggestedLine] = []
        for one in scores:
            suggested = one.probability >= threshold
            if not suggested and len(further) == MOST_FURTHER_CANDIDATES:
                break
            if table.valid_on(one.code, episode.end):
                (chosen if suggested else further).extend(self._line(role, one, suggested))
            elif suggested:
                refused.extend(_not_in_edition(one, table))
        return self._ordered(role, chosen, further)

    def _line(self, role: Role, one: ScoredCode, suggested: bool) -> Iterable[SuggestedLine]:
        """None where no word of the text speaks for the code: it would be a guess by frequency."""
        evidence = one.evidence()
        if evidence:
            quotes = ", ".join(f"'{item.text}'" for item in evidence)
            title = self._codes[role].title(one.code)
            reason = f"{_SPEAKS[self.classifier.kind]}: {quotes}"
            yield SuggestedLine(role, one.code, title, one.probability, suggested, evidence, reason)

    def _ordered(
        self, role: Role, chosen: Sequence[SuggestedLine], further: Sequence[SuggestedLine]
    ) -> tuple[SuggestedLine, ...]:
        """Codes that never stand alone come after the others, and without another are not suggested."""
        accompanying = self._codes[role].secondary
        leading = [line for line in chosen if line.code not in accompanying]
        following = [line for line in chosen if line.code in accompanying]
        if leading:
            return (*leading, *following, *further)
        kept = [_further(line) for line in following]
        return (*kept, *further)[:MOST_FURTHER_CANDIDATES]


_SPEAKS = {
    ModelKind.LINEAR: "what weighs most for it",
    ModelKind.ATTENTION: "what it attends to",
}


def _further(line: SuggestedLine) -> SuggestedLine:
    return replace(line, suggested=False)


def _not_in_edition(one: ScoredCode, table: CodeTable) -> Iterable[NotCoded]:
    note = f"{one.code} is not in {table.label}"
    for evidence in one.evidence()[:1]:
        yield NotCoded(evidence, NotCodedReason.NOT_IN_EDITION, note, one.code)
