"""Which diagnosis is the primary one: a choice among the likely ones, learned from coders' order.

The rules (models/ordering.py) weigh section, place and kind of a diagnosis; here their verdict is one feature
among others. Learned, too, are how often a code or its category was first, shrunk towards the wider group;
which diagnoses led beside which operations (models/indications.py); what tells more in emergencies and day
cases (models/admissions.py); and the words beside what led (models/beside.py). Trees add what a sum misses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import fsum, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.admissions import ADMISSION_FEATURES, admission_rows
from models.candidates import Origin
from models.indications import INDICATION_FEATURES, Counts, indication_rows
from models.judged import Judged
from models.ordering import Ranked, explains, in_order_of_text, primary_cost
from models.ranking import FEATURE_NAMES, Trees, feature_rows
from models.ranking.ranker import NO_TREES, check_features

Floats = NDArray[np.float64]
_OWN = (
    "confidence", "log_odds", "log_odds_below_best", "log_odds_below_even", "doubtful",
    "rule", "above_best", "rule_place", "place", "order", "lines",
    "category_first", "code_first", "category_relative", "code_relative",
    "mention_share", "most_mentioned", "status_alone", "status_beside", "only_main",
)  # fmt: skip
PRIMARY_FEATURES: tuple[str, ...] = (*FEATURE_NAMES, *_OWN, *INDICATION_FEATURES, *ADMISSION_FEATURES)
LEAST_CONFIDENCE = 0.04
"""Less likely diagnoses are not thought of as the primary one."""
_PRIOR_SHARE = 0.13
_PRIOR_WEIGHT = 4.0
_HAS_CAUSE = FEATURE_NAMES.index("lead_has_cause")
_NOWHERE = 1_000_000_000
_NEVER = 10.0
"""Added to the cost of what the rules never put first."""
_LIKELY = 0.5
_NEAREST_TO_CERTAIN = 0.003


def keys_of(code: str) -> tuple[str, str, str]:
    """Chapter letter, category, code: from wide to narrow."""
    return code[0], code[:3], code


@dataclass(frozen=True)
class PrimaryRanker:
    """score = weights . features + words + trees; the chance is the softmax of the scores, times `reach`."""

    weights: tuple[float, ...]
    """On the features as they are."""
    counts: Mapping[str, Counts]
    """By chapter letter, category and code, and pairs with operations, of the corpus of training."""
    reach: float = 1.0
    """Share of episodes whose primary diagnosis was among the likely ones."""
    words: Mapping[str, float] = field(default_factory=dict)
    """What each key of models/beside.py adds."""
    trees: Trees = NO_TREES
    """Over the features."""

    def __post_init__(self) -> None:
        if len(self.weights) != len(PRIMARY_FEATURES) or not np.isfinite(self.weights).all():
            raise ValueError(f"weights must be {len(PRIMARY_FEATURES)} finite numbers")
        if not all(map(isfinite, self.words.values())):
            raise ValueError("words must have finite weights")
        if self.trees.widest >= len(PRIMARY_FEATURES):
            raise ValueError("trees ask for a feature that is not there")
        if not 0 <= self.reach <= 1:
            raise ValueError("reach is a share")

    def chances(self, diagnoses: Sequence[Ranked], procedures: Sequence[Ranked]) -> list[float]:
        """How likely each diagnosis is the primary one; 0 for what cannot be."""
        in_text = may_lead(diagnoses)
        if not in_text:
            return [0.0] * len(diagnoses)
        rows = primary_rows(in_text, procedures, self.counts)
        scores = self.scores(rows, in_text)
        shares = np.exp(scores - scores.max())
        chances = (self.reach * shares / shares.sum()).tolist()
        of = {id(one.candidate): chance for one, chance in zip(in_text, chances, strict=True)}
        return [of.get(id(one.candidate), 0.0) for one in diagnoses]

    def scores(self, rows: Floats, in_text: Sequence[Ranked]) -> Floats:
        """Of each diagnosis; `rows` are its features."""
        return np.asarray(rows @ self._weights + self.trees.scores(rows) + self._of_words(in_text))

    def _of_words(self, in_text: Sequence[Ranked]) -> Floats:
        weights = self.words
        return np.array([fsum(weights.get(key, 0.0) for key in one.candidate.beside) for one in in_text])

    @cached_property
    def _weights(self) -> Floats:
        return np.asarray(self.weights)

    def to_json(self) -> dict[str, Any]:
        return {
            "features": list(PRIMARY_FEATURES),
            "weights": list(self.weights),
            "counts": {key: list(found) for key, found in sorted(self.counts.items())},
            "reach": self.reach,
            "words": dict(sorted(self.words.items())),
            "trees": self.trees.to_json(),
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "PrimaryRanker":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        check_features(written["features"], PRIMARY_FEATURES)
        weights = tuple(map(float, written["weights"]))
        counts = {str(key): (int(stood), int(first)) for key, (stood, first) in written["counts"].items()}
        words = {str(key): float(weight) for key, weight in written["words"].items()}
        return cls(weights, counts, float(written["reach"]), words, Trees.from_json(written["trees"]))


def leading(diagnoses: Sequence[Ranked], chances: Sequence[float]) -> list[Ranked]:
    """The diagnoses with their chances; what likely leads is at least as likely coded at all."""
    return [
        one._replace(confidence=max(one.confidence, chance), leads=chance)
        for one, chance in zip(diagnoses, chances, strict=True)
    ]


def may_lead(diagnoses: Sequence[Ranked]) -> list[Ranked]:
    """Those that may be the primary one, in the order of the text."""
    return in_order_of_text(
        [
            one
            for one in diagnoses
            if one.confidence >= LEAST_CONFIDENCE
            and one.candidate.origin is not Origin.HINT
            and not explains(one.candidate.code)
            and not _is_explained(one, diagnoses)
        ]
    )


def _is_explained(one: Ranked, diagnoses: Sequence[Ranked]) -> bool:
    """A symptom put down to a diagnosis in the same statement: `falls from postural hypotension`."""
    candidate = one.candidate
    if candidate.code[0] != "R" or not candidate.features[_HAS_CAUSE]:
        return False
    ends = {_statement(judged): judged.mention.last for judged in candidate.mentions}
    return any(
        other.confidence >= _LIKELY
        and other.candidate.code[0] not in "RVWXYZ"
        and any(
            judged.mention.first > ends.get(_statement(judged), _NOWHERE)
            for judged in other.candidate.mentions
        )
        for other in diagnoses
    )


def _statement(judged: Judged) -> tuple[int, int]:
    return judged.mention.document, judged.mention.statement


def primary_rows(
    in_text: Sequence[Ranked],
    procedures: Sequence[Ranked],
    counts: Mapping[str, Counts],
) -> Floats:
    """A row of PRIMARY_FEATURES for each diagnosis."""
    if not in_text:
        return np.zeros((0, len(PRIMARY_FEATURES)))
    rows = np.empty((len(in_text), len(PRIMARY_FEATURES)))
    own = (
        *_confidences(in_text),
        *_rules(in_text),
        *_shares(in_text, counts),
        *_among_others(in_text),
    )
    first, end = len(FEATURE_NAMES), len(FEATURE_NAMES) + len(_OWN)
    rows[:, :first] = feature_rows([one.candidate.features for one in in_text])
    for place, column in enumerate(own, start=first):  # column by column: to stack them takes far longer
        rows[:, place] = column
    admission = end + len(INDICATION_FEATURES)
    rows[:, end:admission] = indication_rows(in_text, procedures, counts)
    rows[:, admission:] = admission_rows(rows[:, :first])
    return rows


def _confidences(in_text: Sequence[Ranked]) -> list[Floats]:
    confidences = np.array([one.confidence for one in in_text])
    kept = confidences.clip(_NEAREST_TO_CERTAIN, 1 - _NEAREST_TO_CERTAIN)
    odds = np.log(kept / (1 - kept))
    doubtful = (confidences < _LIKELY).astype(np.float64)
    return [confidences, odds, odds - odds.max(), odds.clip(max=0.0), doubtful]


def _rules(in_text: Sequence[Ranked]) -> list[Floats]:
    verdicts = [primary_cost(one, place) for place, one in enumerate(in_text)]
    costs = np.array([_NEVER * never + cost for never, cost in verdicts])
    count = len(in_text)
    order = np.arange(count, dtype=np.float64)
    by_cost = costs.argsort(kind="stable").argsort(kind="stable").astype(np.float64)
    return [costs, costs - costs.min(), by_cost, order / count, order, np.full(count, float(count))]


def _shares(in_text: Sequence[Ranked], counts: Mapping[str, Counts]) -> list[Floats]:
    shares = np.array([_share_first(one.candidate.code, counts) for one in in_text])
    return [*shares.T, *(shares / shares.max(axis=0)).T]


def _share_first(code: str, counts: Mapping[str, Counts]) -> tuple[float, float]:
    """How often the category, and the code, was first where it stood; with few cases near the wider group."""
    share, found = _PRIOR_SHARE, []
    for key in keys_of(code):
        stood, first = counts.get(key, (0, 0))
        share = (first + _PRIOR_WEIGHT * share) / (stood + _PRIOR_WEIGHT)
        found.append(share)
    return found[1], found[2]


def _among_others(in_text: Sequence[Ranked]) -> list[Floats]:
    """Whether it is named most, and whether anything but statuses stands beside it."""
    mentions = np.array([len(one.candidate.mentions) for one in in_text], dtype=np.float64)
    beside = np.array([one.candidate.code[0] == "Z" for one in in_text])
    main = ~beside & np.array([one.confidence > _LIKELY for one in in_text])
    flags = (mentions == mentions.max(), beside & ~main.any(), beside & main.any(), main & (main.sum() == 1))
    return [mentions / mentions.max(), *(flag.astype(np.float64) for flag in flags)]
