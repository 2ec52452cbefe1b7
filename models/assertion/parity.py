"""Births of earlier pregnancies, told with the parity: `P2 (LSCS x1)`, `G3P1 (forceps)`, `LSCS x2`."""

import re

from models.mentions import Mention
from models.text import Reading

_BIRTHS = ("R17", "R18", "R19", "R20", "R21", "R22", "R23", "R24")
_SECTIONS = ("R17", "R18")
"""Twins may be born `SVD x2`; two sections are always two pregnancies."""
_BACK = 40
"""Folded characters between a parity and what it lists."""
_PARITY = re.compile(r"\b(?:(?:g ?\d ?)?p ?\d|para ?\d|parity ?\d|parous)(?: ?\+ ?\d)? ?[(\[][^()\[\]\n]*\Z")
_COUNTED = re.compile(r" ?x ?\d\b")


def parity_before(reading: Reading, mention: Mention) -> str | None:
    """The words of the parity that lists a birth in brackets, or the count of such births behind it."""
    if not mention.term.code.startswith(_BIRTHS):
        return None
    folded, start = reading.text.folded, reading.starts[mention.first]
    told = _PARITY.search(folded, max(0, start - _BACK), start)
    if told is None and mention.term.code.startswith(_SECTIONS):
        told = _COUNTED.match(folded, reading.ends[mention.last])
    return told and told[0].strip()
