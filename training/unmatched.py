"""Gold codes that a model did not suggest: where the text speaks of them, and why they were missed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from data.classifications import Classification
from data.episodes import CodedEpisode, CodedLine, Role
from models.coder import Coder
from models.prediction import Prediction
from training.corpus import Corpus
from training.display import Watch
from training.opening import ModelSource, load_classifications


class Missed(StrEnum):
    NO_MENTION = "no_mention"
    """No term of the code stands in the text."""
    LEFT_OUT = "left_out"
    """A term was found and judged negated, past, explained ..."""
    LOW_CONFIDENCE = "low_confidence"
    """A further candidate, below the threshold."""


@dataclass(frozen=True, slots=True)
class UnmatchedLine:
    episode: str
    role: Role
    code: str
    title: str
    why: Missed
    reason: str
    """Of what was left out; the confidence of a further candidate."""
    quotes: tuple[str, ...]
    """The words that the coding cites. Of synthetic text only may they be shown."""
    usage: int
    """Of the code in England, 2023-24."""


def unmatched_lines(source: ModelSource, corpus: Corpus, watch: Watch) -> list[UnmatchedLine]:
    """Sorted by role, then by national use, then by code."""
    coder, tables = source.open(), load_classifications(source.classifications)
    found: list[UnmatchedLine] = []
    for place, gold in enumerate(corpus.episodes, start=1):
        found.extend(_of_episode(gold, coder, tables.get))
        watch("Coding", place, len(corpus.episodes))
    return sorted(found, key=lambda line: (line.role, -line.usage, line.code, line.episode))


def _of_episode(
    gold: CodedEpisode, coder: Coder, table_of: Callable[[Role], Classification | None]
) -> Iterator[UnmatchedLine]:
    prediction = coder.suggest(gold.episode)
    for role, lines in ((Role.DIAGNOSIS, gold.diagnoses), (Role.PROCEDURE, gold.procedures)):
        table = table_of(role)
        if table is None:
            continue
        offered = prediction.diagnoses if role is Role.DIAGNOSIS else prediction.procedures
        suggested = {line.code for line in offered if line.suggested}
        for line in lines:
            if line.code not in suggested:
                yield _unmatched(gold, role, line, prediction, table)


def _unmatched(
    gold: CodedEpisode, role: Role, line: CodedLine, prediction: Prediction, table: Classification
) -> UnmatchedLine:
    why, reason = _why(role, line.code, prediction)
    entry = table.get(line.code)
    return UnmatchedLine(
        gold.episode.id,
        role,
        line.code,
        table.title(line.code),
        why,
        reason,
        tuple(evidence.text for evidence in line.evidence),
        entry.usage if entry else 0,
    )


def _why(role: Role, code: str, prediction: Prediction) -> tuple[Missed, str]:
    offered = prediction.diagnoses if role is Role.DIAGNOSIS else prediction.procedures
    confidences = [line.confidence for line in offered if line.code == code]
    if confidences:
        return Missed.LOW_CONFIDENCE, f"{max(confidences):.2f}"
    reasons = [
        f"{one.reason} {one.note or ''}".strip() for one in prediction.not_coded if one.would_be == code
    ]
    return (Missed.LEFT_OUT, "; ".join(sorted(set(reasons)))) if reasons else (Missed.NO_MENTION, "")
