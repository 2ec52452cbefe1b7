from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from training.folds import deal_folds

PATIENTS = st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=60)


@given(PATIENTS, st.integers(2, 6), st.integers(0, 9))
def test_a_patient_is_in_one_fold_and_no_fold_is_empty(patients: list[str], folds: int, seed: int) -> None:
    dealt = deal_folds(patients, folds, seed)
    assert len({(patient, fold) for patient, fold in zip(patients, dealt, strict=True)}) == len(set(patients))
    assert set(dealt) == set(range(min(folds, len(set(patients)))))


def test_folds_are_even() -> None:
    assert sorted(Counter(deal_folds([str(place) for place in range(23)], 5, 1)).values()) == [4, 4, 5, 5, 5]


def test_the_seed_decides() -> None:
    patients = [str(place) for place in range(40)]
    assert deal_folds(patients, 5, 1) == deal_folds(patients, 5, 1) != deal_folds(patients, 5, 2)


def test_order_of_the_corpus_does_not_matter() -> None:
    patients = [str(place) for place in range(40)]
    there = dict(zip(patients, deal_folds(patients, 5, 1), strict=True))
    back = dict(zip(reversed(patients), deal_folds(patients[::-1], 5, 1), strict=True))
    assert there == back
