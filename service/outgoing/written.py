"""Codes as messages write them: four characters, then where they apply a fifth, and dagger or asterisk.

NHS Data Dictionary, DIAGNOSIS (ICD): an4 to an6; an unused fifth character before a sixth is `-`.
"""

from collections.abc import Sequence

from data.classifications import asterisk_categories

DAGGER, ASTERISK = "D", "A"


def written(code: str, *, fifth: str = "", pair: str = "") -> str:
    """The form of a commissioning data set: `E119`, `S7200`, `E113-D`."""
    return code + (fifth or ("-" if pair else "")) + pair


def pairs(codes: Sequence[str]) -> tuple[str, ...]:
    """The sixth character of each diagnosis: asterisk codes, and the dagger code right before each."""
    marks = [ASTERISK if code[:3] in asterisk_categories() else "" for code in codes]
    for place, mark in enumerate(marks):
        if mark == ASTERISK and place > 0 and not marks[place - 1]:
            marks[place - 1] = DAGGER
    return tuple(marks)
