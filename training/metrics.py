"""What a coder model is worth: suggested codes against gold codes, over the episodes of a corpus.

Diagnoses count as a set, procedures as a multiset (a procedure may be done twice in one episode).
Every headline figure is a ratio of two sums over episodes, so that one definition gives the figure itself,
its value in a group of patients, and its confidence interval (`training/bootstrap.py`).
A figure with nothing to measure is None, never 0.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from data.episodes import CodedEpisode, Role
from models.prediction import Prediction, SuggestedLine
from training.agreement import Codes

Figures = dict[str, float | None]
PRECISION = 9
"""Decimals of a confidence that count: the last bits of a sum may differ from run to run."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One line of a prediction."""

    code: str
    confidence: float
    suggested: bool


@dataclass(frozen=True, slots=True)
class Coding:
    """One role of one episode: what coders gave, and what the model offered, in its order."""

    role: Role
    gold: tuple[str, ...]
    offered: tuple[Offered, ...]

    @property
    def suggested(self) -> tuple[str, ...]:
        return tuple(line.code for line in self.offered if line.suggested)

    @property
    def ranked(self) -> tuple[str, ...]:
        """Distinct codes, the most confident first."""
        best: dict[str, float] = {}
        for line in self.offered:
            best[line.code] = max(line.confidence, best.get(line.code, 0.0))
        return tuple(sorted(best, key=lambda code: (-best[code], code)))

    def count(self, codes: Iterable[str]) -> Counter[str]:
        return Counter(set(codes) if self.role is Role.DIAGNOSIS else codes)

    def tally(self) -> "Tally":
        gold, suggested = self.count(self.gold), self.count(self.suggested)
        return Tally((gold & suggested).total(), suggested.total(), gold.total())


@dataclass(frozen=True, slots=True)
class Scored:
    """An episode with gold and prediction, and the groups that figures are broken down by."""

    id: str
    patient: str
    diagnoses: Coding
    procedures: Coding
    specialty: str = "unknown"
    age_band: str = "unknown"
    sex: str = "unknown"

    @property
    def codings(self) -> tuple[Coding, Coding]:
        return self.diagnoses, self.procedures


@dataclass(frozen=True, slots=True)
class Tally:
    """How many suggested codes were right, how many were suggested, how many gold codes there were."""

    right: int = 0
    suggested: int = 0
    gold: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.right + other.right, self.suggested + other.suggested, self.gold + other.gold)

    def figures(self) -> Figures:
        return {
            "f1": ratio(2 * self.right, self.suggested + self.gold),
            "precision": ratio(self.right, self.suggested),
            "recall": ratio(self.right, self.gold),
        }


Share = tuple[float, float]
"""What one episode adds to the two sums of a figure: (numerator, denominator)."""


def ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None


def total_tally(codings: Iterable[Coding]) -> Tally:
    return sum((coding.tally() for coding in codings), Tally())


def average_precision(coding: Coding) -> Share:
    gold, hits, total = set(coding.gold), 0, 0.0
    for rank, code in enumerate(coding.ranked, start=1):
        if code in gold:
            hits += 1
            total += hits / rank
    return (total / len(gold), 1.0) if gold else (0.0, 0.0)


def recall_at(coding: Coding, limit: int) -> Share:
    gold = set(coding.gold)
    return (len(gold & set(coding.ranked[:limit])) / len(gold), 1.0) if gold else (0.0, 0.0)


def reach(coding: Coding) -> Share:
    """Gold codes that stand anywhere in the prediction: what better ranking could gain."""
    gold = set(coding.gold)
    return float(len(gold & set(coding.ranked))), float(len(gold))


def primary_correct(coding: Coding) -> Share:
    return (float(coding.gold[:1] == coding.suggested[:1]), 1.0) if coding.gold else (0.0, 0.0)


def secondary_found(coding: Coding) -> Share:
    """Secondary diagnoses of gold that were suggested, in whatever place."""
    secondary = set(coding.gold[1:])
    return float(len(secondary & set(coding.suggested))), float(len(secondary))


def exact_match(episode: Scored) -> Share:
    same = all(coding.count(coding.gold) == coding.count(coding.suggested) for coding in episode.codings)
    return float(same), 1.0


def exact_order(episode: Scored) -> Share:
    return float(all(coding.gold == coding.suggested for coding in episode.codings)), 1.0


def _micro_f1(*codings: Coding) -> Share:
    tally = total_tally(codings)
    return float(2 * tally.right), float(tally.suggested + tally.gold)


def _precision(coding: Coding) -> Share:
    tally = coding.tally()
    return float(tally.right), float(tally.suggested)


def _recall(coding: Coding) -> Share:
    tally = coding.tally()
    return float(tally.right), float(tally.gold)


HEADLINES: Mapping[str, Callable[[Scored], Share]] = {
    "micro_f1": lambda episode: _micro_f1(*episode.codings),
    "diagnoses_micro_f1": lambda episode: _micro_f1(episode.diagnoses),
    "diagnoses_precision": lambda episode: _precision(episode.diagnoses),
    "diagnoses_recall": lambda episode: _recall(episode.diagnoses),
    "diagnoses_map": lambda episode: average_precision(episode.diagnoses),
    "diagnoses_recall_at_10": lambda episode: recall_at(episode.diagnoses, 10),
    "diagnoses_reach": lambda episode: reach(episode.diagnoses),
    "primary_correct": lambda episode: primary_correct(episode.diagnoses),
    "primary_procedure_correct": lambda episode: primary_correct(episode.procedures),
    "secondary_found": lambda episode: secondary_found(episode.diagnoses),
    "procedures_micro_f1": lambda episode: _micro_f1(episode.procedures),
    "procedures_precision": lambda episode: _precision(episode.procedures),
    "procedures_recall": lambda episode: _recall(episode.procedures),
    "procedures_map": lambda episode: average_precision(episode.procedures),
    "procedures_recall_at_10": lambda episode: recall_at(episode.procedures, 10),
    "procedures_reach": lambda episode: reach(episode.procedures),
    "exact_match": exact_match,
    "exact_order": exact_order,
}


def headline_figures(episodes: Sequence[Scored]) -> Figures:
    return {name: _sum_ratio(share(episode) for episode in episodes) for name, share in HEADLINES.items()}


def _sum_ratio(shares: Iterable[Share]) -> float | None:
    numerator = denominator = 0.0
    for above, below in shares:
        numerator, denominator = numerator + above, denominator + below
    return ratio(numerator, denominator)


def macro_f1(codings: Iterable[Coding]) -> float | None:
    """Mean F1 over the codes that gold has: a rare code weighs as much as a common one."""
    by_code = tally_by(codings, lambda code: code)
    scores = [tally.figures()["f1"] or 0.0 for tally in by_code.values() if tally.gold]
    return ratio(sum(scores), len(scores))


def tally_by(codings: Iterable[Coding], group: Callable[[str], str]) -> dict[str, Tally]:
    """Tallies of the groups that codes belong to (the code itself, its chapter)."""
    tallies: dict[str, Tally] = {}
    for coding in codings:
        gold, suggested = coding.count(coding.gold), coding.count(coding.suggested)
        for code in sorted(gold | suggested):
            found = Tally(min(gold[code], suggested[code]), suggested[code], gold[code])
            tallies[group(code)] = tallies.get(group(code), Tally()) + found
    return tallies


def by_group(episodes: Iterable[Scored], group: Callable[[Scored], str]) -> dict[str, Figures]:
    """Headline figures of each specialty, age band or sex, with how many episodes they rest on."""
    members: dict[str, list[Scored]] = {}
    for episode in episodes:
        members.setdefault(group(episode), []).append(episode)
    return {
        name: {"episodes": float(len(found)), **headline_figures(found)}
        for name, found in sorted(members.items())
    }


def age_band(years: int | None) -> str:
    if years is None:
        return "unknown"
    bands = ((1, "0"), (16, "1-15"), (40, "16-39"), (65, "40-64"), (80, "65-79"))
    return next((name for limit, name in bands if years < limit), "80+")


def scored_codes(gold: CodedEpisode, codes: Codes) -> Scored:
    """An episode with codes that come without confidence: all of them are suggested."""
    return _scored(gold, *(tuple(Offered(code, 1.0, True) for code in of_role) for of_role in codes))


def scored(gold: CodedEpisode, prediction: Prediction) -> Scored:
    """An episode with what a model offered."""
    return _scored(gold, _offered(prediction.diagnoses), _offered(prediction.procedures))


def _scored(gold: CodedEpisode, diagnoses: Sequence[Offered], procedures: Sequence[Offered]) -> Scored:
    episode = gold.episode
    return Scored(
        id=episode.id,
        patient=gold.patient or episode.id,
        diagnoses=Coding(Role.DIAGNOSIS, tuple(line.code for line in gold.diagnoses), tuple(diagnoses)),
        procedures=Coding(Role.PROCEDURE, tuple(line.code for line in gold.procedures), tuple(procedures)),
        specialty=episode.specialty or "unknown",
        age_band=age_band(episode.age),
        sex=episode.sex or "unknown",
    )


def _offered(lines: Iterable[SuggestedLine]) -> tuple[Offered, ...]:
    return tuple(Offered(line.code, round(line.confidence, PRECISION), line.suggested) for line in lines)
