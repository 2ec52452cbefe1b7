"""Deals patients into folds: no patient stands on both sides of a split."""

import random
from collections.abc import Sequence


def deal_folds(patients: Sequence[str], folds: int, seed: int) -> list[int]:
    """The fold of each episode. Patients are shuffled and go to the fold that has fewest episodes so far.

    There are never more folds than patients, and none is empty.
    """
    distinct = sorted(set(patients))
    random.Random(seed).shuffle(distinct)  # noqa: S311 - a shuffle that can be repeated, no secret
    sizes = [0] * min(folds, len(distinct))
    fold_of: dict[str, int] = {}
    for patient in distinct:
        smallest = sizes.index(min(sizes))
        fold_of[patient] = smallest
        sizes[smallest] += patients.count(patient)
    return [fold_of[patient] for patient in patients]
