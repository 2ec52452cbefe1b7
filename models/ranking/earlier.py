"""Rankers from before some features were there: they read as if they gave these no weight."""

from collections.abc import Sequence, Set

from models.lexicon import LEARNED_FEATURES

_LATER = frozenset(f"learned_{name}" for name in LEARNED_FEATURES if name.startswith("title_"))


def places_now(written: Sequence[str], names: Sequence[str], *latest: Set[str]) -> tuple[int, ...]:
    """Where each feature that a file names stands among `names`.

    Args:
        latest: those of `names` that came last of all, those that came before them, and so on.

    Raises:
        ValueError: these are neither all of them nor those of before.
    """
    all_places = tuple(range(len(names)))
    for came in range(len(latest) + 2):
        missing = frozenset[str]().union(*(*latest, _LATER)[:came])
        places = tuple(place for place in all_places if names[place] not in missing)  # a name may stand twice
        if list(written) == [names[place] for place in places]:
            return places
    raise ValueError("it was fitted on other features than this version computes")


def spread(values: Sequence[float], places: Sequence[int], width: int, otherwise: float) -> tuple[float, ...]:
    """The values at their places, and what stands where there are none."""
    found = [otherwise] * width
    for place, value in zip(places, values, strict=True):
        found[place] = float(value)
    return tuple(found)
