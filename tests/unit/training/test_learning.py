import numpy as np
import pytest

from models.ranking import FEATURE_NAMES, RoleRanker
from training.config import NO_DISCOUNT, CalibrationConfig, Discount, ThresholdConfig, read_config
from training.learning import (
    Examples,
    choose_threshold,
    discounted,
    fit_knots,
    fit_platt,
    fit_role,
    fit_weights,
    sigmoid,
)

WIDTH = len(FEATURE_NAMES)
CONFIG = read_config()


def day_one(**weights: float) -> RoleRanker:
    return RoleRanker(
        weights=tuple(weights.get(name, 0.0) for name in FEATURE_NAMES),
        intercept=-0.5,
        means=(0.0,) * WIDTH,
        scales=(1.0,) * WIDTH,
    )


def examples(count: int, *, seed: int = 0, patients: int = 40) -> Examples:
    """`early` speaks for a code, `usage` for nothing, and the other features never vary."""
    random = np.random.default_rng(seed)
    features = np.zeros((count, WIDTH))
    features[:, FEATURE_NAMES.index("early")] = random.integers(0, 2, count)
    features[:, FEATURE_NAMES.index("usage")] = random.random(count)
    chance = np.where(features[:, FEATURE_NAMES.index("early")] > 0, 0.9, 0.2)
    right = random.random(count) < chance
    return Examples(features, right, tuple(str(place % patients) for place in range(count)), int(right.sum()))


def features_of(**values: float) -> list[list[float]]:
    return [[values.get(name, 0.0) for name in FEATURE_NAMES]]


def test_a_ranker_learns_what_speaks_for_a_code() -> None:
    ranker = fit_role(examples(800), day_one(), CONFIG).ranker
    [early] = ranker.confidences(features_of(early=1.0, usage=0.5))
    [late] = ranker.confidences(features_of(early=0.0, usage=0.5))
    assert (early, late) == pytest.approx((0.9, 0.2), abs=0.06)
    assert late < ranker.threshold <= early


def test_what_examples_do_not_speak_of_keeps_its_day_one_weight() -> None:
    """`probable` never varies in the examples, yet a ranker fitted on them still heeds it."""
    ranker = fit_weights(examples(800), day_one(early=2.0, probable=-1.5), strength=0.02)
    plain, probable = (ranker.raw(features_of(early=1.0, probable=value))[0] for value in (0.0, 1.0))
    assert probable < plain - 0.1


def test_few_examples_stay_near_day_one() -> None:
    known = day_one(early=3.0)
    ranker = fit_weights(examples(12), known, strength=0.02)
    before = known.raw(features_of(early=1.0))[0] - known.raw(features_of())[0]
    after = ranker.raw(features_of(early=1.0))[0] - ranker.raw(features_of())[0]
    assert before > 0
    assert after > 0


@pytest.mark.parametrize("right", [np.zeros(50, bool), np.ones(50, bool)])
def test_examples_that_tell_nothing_apart_leave_day_one(
    right: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> None:
    known = day_one(early=1.0)
    given = examples(50)
    assert fit_role(Examples(given.features, right, given.patients, 50), known, CONFIG).ranker is known


def test_no_examples_and_one_patient_leave_day_one() -> None:
    known = day_one(early=1.0)
    assert fit_role(Examples(np.zeros((0, WIDTH)), np.zeros(0, bool), (), 3), known, CONFIG).ranker is known
    assert fit_role(examples(50, patients=1), known, CONFIG).ranker is known


def test_examples_that_contradict_themselves_leave_day_one() -> None:
    """Each patient is coded against what the others teach: unseen, the ranker is worse than none."""
    features = np.zeros((40, WIDTH))
    features[:, 0] = np.arange(40) % 2
    right = np.asarray([(place % 2 == 1) == (place < 20) for place in range(40)])
    patients = tuple("a" if place < 20 else "b" for place in range(40))
    known = day_one()
    assert fit_role(Examples(features, right, patients, 20), known, CONFIG).ranker is known


def test_the_same_examples_give_the_same_ranker() -> None:
    assert fit_role(examples(300), day_one(early=1.0), CONFIG) == fit_role(
        examples(300), day_one(early=1.0), CONFIG
    )


def test_platt_tames_overconfidence() -> None:
    """Log-odds twice as large as they should be get half the slope."""
    random = np.random.default_rng(1)
    honest = random.normal(0, 1.5, 20_000)
    right = random.random(20_000) < sigmoid(honest)
    assert fit_platt(2 * honest, right, prior_weight=20) == pytest.approx((0.5, 0.0), abs=0.03)


def test_a_heavy_prior_keeps_the_confidence_as_it_is() -> None:
    scores, right = np.asarray([-2.0, -1.0, 1.0, 2.0]), np.asarray([True, True, False, False])
    assert fit_platt(scores, right, prior_weight=1e6) == pytest.approx((1.0, 0.0), abs=1e-3)


def test_calibration_stays_a_line_until_there_are_hundreds() -> None:
    settings = CalibrationConfig(
        isotonic_from=300, prior_weight=20, diagnosis=NO_DISCOUNT, procedure=NO_DISCOUNT
    )
    knots = fit_knots(np.zeros(299), np.ones(299, bool), settings)
    assert knots == ((0.0, 0.0), (0.995, 0.995), (1.0, 0.995))


def test_isotonic_calibration_bends_where_many_examples_say_so() -> None:
    """Confidences of .2 are right half of the time, those of .8 always."""
    scores = np.repeat(np.log([0.2 / 0.8, 0.8 / 0.2]), 400)
    right = np.concatenate([np.arange(400) % 2 == 0, np.ones(400, bool)])
    knots = fit_knots(
        scores,
        right,
        CalibrationConfig(isotonic_from=300, prior_weight=1, diagnosis=NO_DISCOUNT, procedure=NO_DISCOUNT),
    )
    calibrated = np.interp([0.2, 0.8], *np.asarray(knots).T)
    assert list(calibrated) == pytest.approx([0.5, 0.995], abs=0.01)
    RoleRanker((0.0,) * WIDTH, 0.0, (0.0,) * WIDTH, (1.0,) * WIDTH, knots)  # are knots that it takes


def test_threshold_gives_the_best_micro_f1() -> None:
    # from .70: 1 right of 1, gold 3: F1 2/4. From .40: 2 of 3: 4/6. From .20: 3 of 5: 6/8, the best.
    confidences = np.asarray([0.70, 0.50, 0.40, 0.30, 0.20])
    right = np.asarray([True, False, True, False, True])
    assert choose_threshold(confidences, right, 3, ThresholdConfig(lowest=0.1, highest=0.9)) == 0.15
    # with the lowest allowed above it, from .40 is best: anywhere in .31 to .40
    assert choose_threshold(confidences, right, 3, ThresholdConfig(lowest=0.31, highest=0.9)) == 0.36


def test_a_discount_takes_confidence_off_and_leaves_order_and_certainty() -> None:
    straight = ((0.0, 0.0), (1.0, 1.0))
    less = discounted(straight, Discount(log_odds=0.3, temperature=1.0))
    assert (less[0], less[-1]) == straight
    assert np.interp(0.5, *np.asarray(less).T) == pytest.approx(1 / (1 + np.exp(0.3)), abs=1e-3)
    assert np.interp(0.9, *np.asarray(less).T) == pytest.approx(1 / (1 + np.exp(0.3) / 9), abs=1e-3)
    RoleRanker((0.0,) * WIDTH, 0.0, (0.0,) * WIDTH, (1.0,) * WIDTH, less)  # are knots that it takes
    assert discounted(straight, NO_DISCOUNT) == straight


def test_a_temperature_brings_confidence_nearer_to_even() -> None:
    less = discounted(((0.0, 0.0), (1.0, 1.0)), Discount(log_odds=0.0, temperature=2.0))
    assert np.interp([0.2, 0.5, 0.9], *np.asarray(less).T) == pytest.approx([1 / 3, 0.5, 0.75], abs=1e-3)
