"""Weights among the words of a statement, as conditions of terms name them (ICD-10 P07)."""

from collections.abc import Iterator, Sequence

LOW_WEIGHT, EXTREMELY_LOW_WEIGHT = "lightborn", "tinyborn"
"""Stand in conditions for 1,000 to 2,499 g, and for less."""
_GRAMS = frozenset({"g", "gm", "gram", "grams"})
_KILOGRAMS = frozenset({"kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"})
_UNITS = _GRAMS | _KILOGRAMS
_LEAST, _EXTREMELY_LOW, _LOW = 300, 1000, 2500


def low_weights(words: Sequence[str]) -> Iterator[str]:
    """What the weights told are called; for `1.81 kg`, `1810 g` and `1,810 g`."""
    if _UNITS.isdisjoint(words):
        return
    for place, word in enumerate(words):
        if word not in _UNITS or place == 0:
            continue
        grams = _grams(words[max(0, place - 2) : place], word in _KILOGRAMS)
        if _LEAST <= grams < _LOW:
            yield LOW_WEIGHT if grams >= _EXTREMELY_LOW else EXTREMELY_LOW_WEIGHT


def _grams(before: Sequence[str], kilograms: bool) -> int:
    """0 where no number stands there."""
    last = before[-1]
    if not last.isdecimal():
        return 0
    whole = before[0] if len(before) > 1 and before[0].isdecimal() and len(before[0]) == 1 else ""
    if kilograms:
        return round(float(f"{whole or 0}.{last}") * 1000) if whole else int(last) * 1000
    return int(whole + last) if whole and len(last) == 3 else int(last)
