"""The written forms of a code: dots or none, any case, with or without the filler X."""

import re

FILLER = "X"
_NOISE = re.compile(r"[.\s\u00a0\u2020*]")
_CATEGORY = re.compile(r"[A-Z]\d\d")
_CODE = re.compile(r"[A-Z]\d\d[\dX]")


def fold_code(written: str) -> str:
    """A written code without dots, spaces, dagger or asterisk, in capitals: `e11.9 ` is `E119`."""
    return _NOISE.sub("", written).upper()


def dotted(code: str) -> str:
    """A stored code as coders read it: `E11.9`, `I10.X`. Anything else stays as it is."""
    return f"{code[:3]}.{code[3:]}" if _CODE.fullmatch(code) else code


def with_filler(folded: str) -> str:
    """The four-character form of an undivided ICD-10 category: `I10` is `I10X`."""
    return folded + FILLER if _CATEGORY.fullmatch(folded) else folded
