"""Precision and recall of the misattribution list on seeded years; prints the table of docs/attribution.md.

usage: python -m tests.load.attribution [--years 5] [--silence 3]
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from service.clinicians.detecting import Detector, Observed, Proposal
from service.clinicians.naming import NameReader, Source
from service.clinicians.register import EpisodeFacts
from tests.load.seeded_year import Case, Year, seeded_year

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Measured:
    """How a list of proposals compares with the truth."""

    hits: int
    proposed: int
    wrong: int
    right_person: int
    """Of the hits, those that name who really answered."""

    @property
    def precision(self) -> float:
        return self.hits / self.proposed

    @property
    def recall(self) -> float:
        return self.hits / self.wrong


def proposals_of(year: Year) -> dict[str, Proposal]:
    reader = NameReader(year.register)
    detector = Detector((observed(case, reader) for case in year.cases), year.register)
    return {proposal.episode: proposal for proposal in detector.proposals()}


def observed(case: Case, reader: NameReader) -> Observed:
    """What the service would know of the case: never the truth."""
    facts = EpisodeFacts(
        sent=case.recorded,
        treatment_function=case.treatment_function,
        main_specialty=case.main_specialty,
        site=case.site,
        activity=case.activity,
        start=case.start,
        end=case.end,
    )
    sources = [Source(note.kind, note.author, note.text) for note in case.notes]
    noted = reader.noted(sources, case.treatment_function)
    return Observed(case.id, facts, case.recorded, noted)


def measure(cases: Sequence[Case], proposals: dict[str, Proposal]) -> Measured:
    hits = [case for case in cases if case.is_wrong and case.id in proposals]
    return Measured(
        hits=len(hits),
        proposed=sum(case.id in proposals for case in cases),
        wrong=sum(case.is_wrong for case in cases),
        right_person=sum(proposals[case.id].proposed == case.true for case in hits),
    )


def interval(count: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    share, square = count / total, _Z**2
    middle = share + square / (2 * total)
    half = _Z * sqrt(share * (1 - share) / total + square / (4 * total**2))
    return (middle - half) / (1 + square / total), (middle + half) / (1 + square / total)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--silence", type=float, default=1, help="times the usual rate of silent notes")
    wanted = parser.parse_args()
    found: Counter[str] = Counter()
    for seed in range(1, wanted.years + 1):
        year = seeded_year(seed, wanted.silence)
        proposals = proposals_of(year)
        all_in_all = measure(year.cases, proposals)
        print(_row(str(seed), len(year.cases), all_in_all))
        for case in year.cases:
            outcome = ("missed", "found")[case.id in proposals] if case.is_wrong else "look-alike proposed"
            if case.is_wrong or case.id in proposals:
                found[f"{case.situation}: {outcome}"] += 1
    for words, count in sorted(found.items()):
        print(f"{words}: {count}")


def _row(seed: str, episodes: int, one: Measured) -> str:
    precision, recall = interval(one.hits, one.proposed), interval(one.hits, one.wrong)
    return (
        f"| {seed} | {episodes:,} | {one.wrong:,} | {one.proposed:,} "
        f"| {one.precision:.3f} ({precision[0]:.3f}–{precision[1]:.3f}) "
        f"| {one.recall:.3f} ({recall[0]:.3f}–{recall[1]:.3f}) | {one.right_person / one.hits:.3f} |"
    )


if __name__ == "__main__":
    main()
