"""Coders code what they are shown; blind audits say how far that goes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from data.episodes import Role
from models.ranking import FEATURE_NAMES, RoleRanker
from training.config import read_config
from training.exposure import Audited, Exposed, Offer, estimate
from training.learning import Examples, Floats, fit_role, sigmoid

EPISODES, CODES, AUDITED = 500, 10, 0.25
CONFIG = read_config()
LINEAR = CONFIG.model_copy(update={"trees": CONFIG.trees.model_copy(update={"least_right": 10**6})})
WIDTH = len(FEATURE_NAMES)
EARLY = FEATURE_NAMES.index("early")


@dataclass(frozen=True)
class Simulated:
    """A code of an episode: what the model said, what is true, and what the coder made of it."""

    episode: int
    score: float
    offer: Offer
    right: bool
    given: bool


def simulated(seed: int) -> list[Simulated]:
    """The model is calibrated. Shown codes are accepted too easily, others seldom thought of."""
    dice = random.Random(seed)
    found = []
    for episode in range(EPISODES):
        for _ in range(CODES):
            score = dice.gauss(-0.5, 1.5)
            confidence = float(sigmoid(np.asarray(score)))
            right, shown = dice.random() < confidence, confidence >= 0.5
            chance = (0.98 if right else 0.35) if shown else (0.25 if right else 0.0)
            offer = Offer(shown, confidence)
            found.append(Simulated(episode, score, offer, right, dice.random() < chance))
    return found


def audits_of(codes: Sequence[Simulated], share: float) -> list[Audited]:
    drawn = {episode for episode in range(EPISODES) if random.Random(episode).random() < share}
    return [
        Audited(str(one.episode), Role.DIAGNOSIS, one.offer, one.given, one.right, 1 / share)
        for one in codes
        if one.episode in drawn
    ]


def believed(codes: Sequence[Simulated], share: float) -> Floats:
    correction = estimate(audits_of(codes, share))
    if correction is None:
        return np.asarray([float(one.given) for one in codes])
    shares = [correction.share_right(Role.DIAGNOSIS, one.offer, given=one.given) for one in codes]
    return np.asarray(shares)


def fitted(codes: Sequence[Simulated], truth: Floats | None) -> RoleRanker:
    rows = np.zeros((len(codes), WIDTH))
    rows[:, EARLY] = [one.score for one in codes]
    given = np.asarray([one.given for one in codes])
    gold = float(given.sum() if truth is None else truth.sum())
    patients = tuple(str(one.episode) for one in codes)
    start = RoleRanker(
        weights=tuple(float(place == EARLY) for place in range(WIDTH)),
        intercept=0.0, means=(0.0,) * WIDTH, scales=(1.0,) * WIDTH,
    )  # fmt: skip
    return fit_role(Examples(rows, given, patients, gold, truth), start, LINEAR).ranker


def gap_to_truth(ranker: RoleRanker, codes: Sequence[Simulated]) -> float:
    """Mean distance of confidence from the share that is truly right, over ten bands of equal size."""
    rows = np.zeros((len(codes), WIDTH))
    rows[:, EARLY] = [one.score for one in codes]
    confidences, right = (
        np.asarray(ranker.confidences(rows.tolist())),
        np.asarray([one.right for one in codes]),
    )
    bands = np.array_split(np.argsort(confidences), 10)
    return float(np.mean([abs(confidences[band].mean() - right[band].mean()) for band in bands]))


def f1(ranker: RoleRanker, codes: Sequence[Simulated]) -> float:
    """Against what is true."""
    rows = np.zeros((len(codes), WIDTH))
    rows[:, EARLY] = [one.score for one in codes]
    suggested = np.asarray(ranker.confidences(rows.tolist())) >= ranker.threshold
    right = np.asarray([one.right for one in codes])
    return float(2 * (suggested & right).sum() / (suggested.sum() + right.sum()))


def test_audits_of_a_share_of_episodes_take_most_of_the_bias_out_of_confidence_and_threshold() -> None:
    learned_from, unseen = simulated(1), simulated(2)
    at_their_word = fitted(learned_from, None)
    corrected = fitted(learned_from, believed(learned_from, AUDITED))
    assert gap_to_truth(at_their_word, unseen) > 0.08
    assert gap_to_truth(corrected, unseen) < gap_to_truth(at_their_word, unseen) / 2
    assert f1(corrected, unseen) > f1(at_their_word, unseen)


def test_what_was_not_shown_and_not_given_is_right_as_often_as_audits_find() -> None:
    codes = simulated(3)
    share = believed(codes, AUDITED)
    hidden = [
        (probable, one.right)
        for probable, one in zip(share, codes, strict=True)
        if not (one.offer.shown or one.given)
    ]
    found, true = (sum(float(pair[place]) for pair in hidden) for place in (0, 1))
    assert found == pytest.approx(true, rel=0.15)
    assert true > 300  # all of these count as wrong when decisions are taken at their word


def test_without_audits_decisions_are_taken_at_their_word() -> None:
    assert estimate([]) is None


def test_a_single_audit_moves_little() -> None:
    offer = Offer(shown=False, confidence=0.4)
    correction = estimate([Audited("1", Role.DIAGNOSIS, offer, given=False, blind=True)])
    assert correction is not None
    assert correction.share_right(Role.DIAGNOSIS, offer, given=False) < 0.3
    assert correction.share_right(Role.DIAGNOSIS, offer, given=True) == 1.0


def test_an_episode_that_was_rarely_drawn_counts_for_those_like_it() -> None:
    """One in ten of one kind is audited, and all of the other: the share is that of all episodes."""
    offer = Offer(shown=True, confidence=0.8)
    rare = [Audited(f"r{n}", Role.DIAGNOSIS, offer, True, True, 10.0) for n in range(50)]
    common = [Audited(f"c{n}", Role.DIAGNOSIS, offer, True, False, 1.0) for n in range(500)]
    correction = estimate([*rare, *common])
    assert correction is not None
    assert correction.share_right(Role.DIAGNOSIS, offer, given=True) == pytest.approx(0.5, abs=0.15)


def test_codes_that_nobody_had_are_counted_by_episode() -> None:
    nobody = Audited("1", Role.PROCEDURE, None, given=False, blind=True)
    other = Audited("2", Role.DIAGNOSIS, Offer(True, 0.9), given=True, blind=True)
    correction = estimate([nobody, other])
    assert correction is not None
    exposed = Exposed({}, correction)
    assert (exposed.missed(Role.PROCEDURE), exposed.missed(Role.DIAGNOSIS)) == (0.5, 0.0)
