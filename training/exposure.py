"""What coders did not see, they seldom code: how far a decision can be trusted, by what was shown.

A coder who is shown a code accepts it too easily; a code that is not shown is missed unless the coder thinks
of it. Both make decisions look more like the model than the truth is. Blind audits (a second coding of a
random share, made without suggestions) say how often: of the codes of one kind (shown or not, given or not,
of such a confidence), the share that the blind coder gave.

Why no inverse propensity of being shown: a line is shown if and only if its confidence is above a threshold,
so that the propensity is 0 or 1 and no weight can stand in for what was never shown. What is weighted is the
chance of an episode to be audited, which is known and never 0.

docs/decisions/0016-learning-from-decisions.md
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from data.episodes import Role

BANDS = (0.05, 0.15, 0.3, 0.5, 0.75, 0.9)
"""Edges of the bands of confidence."""
_PRIOR_WEIGHT = 10.0
"""Codes that what is known of the wider kind is worth: a few audits move little."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A code as the model had it for an episode."""

    shown: bool
    """Put before the coder; otherwise only a candidate."""
    confidence: float


Offers = Mapping[tuple[Role, str], Offer]


@dataclass(frozen=True, slots=True)
class Audited:
    """A code of an episode that was coded twice: with suggestions, and blind.

    An audited episode has a row for each code that was offered, given or found blind.
    """

    episode: str
    role: Role
    offer: Offer | None
    """None where the model did not have the code at all."""
    given: bool
    """It stands in the coding that was made with suggestions."""
    blind: bool
    """It stands in the blind coding."""
    weight: float = 1.0
    """One over the chance of the episode to be drawn."""


@dataclass(slots=True)
class _Share:
    right: float = 0.0
    every: float = 0.0
    squares: float = 0.0

    def add(self, one: Audited) -> None:
        self.right += one.weight * one.blind
        self.every += one.weight
        self.squares += one.weight**2

    def towards(self, prior: float) -> float:
        """The share, held to the prior; unequal weights count as fewer codes."""
        if not self.every:
            return prior
        effective = self.every**2 / self.squares
        return (effective * self.right / self.every + _PRIOR_WEIGHT * prior) / (effective + _PRIOR_WEIGHT)


Kind = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """How probable it is that a code is right, given what the coder saw and did."""

    shares: Mapping[Kind, float]
    """Of (given, shown), then of it and role, then of it and band."""
    missed: Mapping[Role, float] = field(default_factory=dict)
    """Codes of an episode that neither the model nor the coder had."""
    episodes: int = 0
    """Audited."""

    def share_right(self, role: Role, offer: Offer | None, *, given: bool) -> float:
        kinds = _kinds(role, offer, given=given)
        known = (self.shares[kind] for kind in reversed(kinds) if kind in self.shares)
        return next(known, float(given))


@dataclass(frozen=True, slots=True)
class Exposed:
    """An episode that was coded with suggestions, and what audits say of such codings."""

    offers: Offers
    correction: Correction

    def share_right(self, role: Role, code: str, *, given: bool) -> float:
        return self.correction.share_right(role, self.offers.get((role, code)), given=given)

    def missed(self, role: Role) -> float:
        return self.correction.missed.get(role, 0.0)


def estimate(audited: Sequence[Audited]) -> Correction | None:
    """None without audits: decisions are then taken at their word."""
    if not audited:
        return None
    counted: dict[Kind, _Share] = defaultdict(_Share)
    for one in audited:
        for kind in _kinds(one.role, one.offer, given=one.given):
            counted[kind].add(one)
    shares: dict[Kind, float] = {}
    for kind in sorted(counted, key=len):
        wider = shares.get(kind[:-1], float(bool(kind[0])))
        shares[kind] = counted[kind].towards(wider)
    weights = {one.episode: one.weight for one in audited}
    return Correction(shares, _missed(audited, sum(weights.values())), len(weights))


def _missed(audited: Iterable[Audited], episodes: float) -> dict[Role, float]:
    missed = dict.fromkeys(Role, 0.0)
    for one in audited:
        if one.offer is None and not one.given and one.blind:
            missed[one.role] += one.weight / episodes
    return missed


def _kinds(role: Role, offer: Offer | None, *, given: bool) -> tuple[Kind, ...]:
    """From the widest to the narrowest, each the start of the next."""
    shown = offer is not None and offer.shown
    narrow = (given, shown, role, _band(offer))
    return tuple(narrow[:length] for length in (2, 3, 4))


def _band(offer: Offer | None) -> int:
    return -1 if offer is None else bisect_right(BANDS, offer.confidence)
