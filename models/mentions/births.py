"""Whether a text that comes without any fact of the patient is a mother's or a newborn's.

Told by how many different words of either kind it has: a newborn's note names the mother and the birth, and a
mother's the baby, but each has more of its own.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from data.episodes import Episode

_READ = 6_000
"""Characters of a document that are looked at."""
_OF_A_NEWBORN, _OF_A_MOTHER = 3, 4
"""Kinds of words that are enough; a lost pregnancy or a gynaecological history has fewer of a mother's."""
_BRIEF, _OF_A_BRIEF_MOTHER = 400, 3
"""Characters of a text that has no room for more."""
_MAY_TELL = (
    "baby", "born", "birth", "natal", "partum", "preg", "gest", "labour", "section", "midwi", "placent",
    "primip", "deliver", "svd", "lscs", "/40", "nnu", "g1", "g2", "g3",
)  # fmt: skip
"""Most notes lack all of these and need no closer look."""


class _Kind(NamedTuple):
    """One kind of words."""

    hints: tuple[str, ...]
    """Where none of these stands, the pattern need not be tried: it takes a hundred times as long."""
    pattern: re.Pattern[str]

    def stands_in(self, text: str) -> bool:
        for hint in self.hints:
            if hint in text:
                return self.pattern.search(text) is not None
        return False


def _kind(hints: str, pattern: str) -> _Kind:
    return _Kind(tuple(hints.split("|")), re.compile(pattern))


_NEWBORN = (
    _kind(
        "newborn|neonat|nnu|nicu|scbu",
        r"newborn|neonatal (?:unit|discharge|summary|care|ward|abstinence)|\b(?:neonate|nnu|nicu|scbu)\b",
    ),
    _kind("transitional care", r"transitional care"),
    _kind(
        "baby|infant",
        r"(?:^|\n)\W*baby\b|baby (?:boy|girl|of|summary|discharge)|(?:male|female) (?:infant|baby)|infant:",
    ),
    _kind(
        "birth|bw|b w|bwt|b.w|b wt|b.wt|centile|th)",
        r"(?:birth ?(?:weight|wt)|b\.?\s?wt?|bw):? ?\d|\d{3,4} ?g\b.{0,20}(?:centile|th\b)",
    ),
    _kind("apgar|a/s ", r"\bapgars?\b|\ba/s \d"),
    _kind("born |b. |inborn", r"\bborn (?:here|at|by|on|in|delivery|this|\d)|\bb\. \d|inborn"),
    _kind("single|twin ", r"\bsingleton\b|(?:born|birth) .{0,40}single\b|\btwin (?:one|two|1|2|i|ii)\b"),
    _kind(
        "cord |dat |sbr|nipe|vit k|vitamin k|skin to skin|dextrogel",
        r"cord (?:ph|gas)|\bdat (?:\d|pos|neg)|\bsbr\b|\bnipe\b|vit(?:amin)? k\b|skin to skin|dextrogel",
    ),
    _kind("mum|mother|maternal", r"\bmum\b|\bmother\b|maternal"),
    _kind(
        " old| of age| of life|day |at ",
        r"\b(?:1?\d|2[0-8]) (?:hours?|hrs?|days?) (?:of (?:age|life)|old)|day \d of life|\bat \d+ ?h\b",
    ),
)
_MOTHER = (
    _kind(
        "primip|multip|gravida|para |parity|p0|p1|p2|p3|p4|p5|g1|g2|g3|g4|g5|g6",
        r"\bprimip|\bmultip|\bgravida|\bg[1-6](?:\s?p[0-9])?\b|\bp[0-5]\b|\bpara [0-9]|parity",
    ),
    _kind(
        "+0|+1|+2|+3|+4|+5|+6|+ |/40|/ 40|week",
        r"\b(?:[4-9]|[1-4]\d)\s?\+\s?[0-6]\b(?! of)|\b[1-4]?\d\s?/\s?40\b|\d+ weeks? (?:pregnant|gestation)",
    ),
    _kind("edd|pregnan|antenatal|booked ", r"\bedd\b|\bpregnan|\bantenatal|\bbooked (?:mlc|clc)"),
    _kind(
        "induction|iol|prostin|propess|synto|oxytocin|srom|contract|arm at|dil| cm|cm ",
        r"\b(?:induction|iol|prostin|propess|synto(?:cinon)?|oxytocin|srom|contract(?:ing|ions))\b"
        r"|\barm at\b|\b(?:cm|fully) dil|\b\d ?cm\b",
    ),
    _kind(
        "cat|lscs|caesarean|section|forceps|ventouse|kiwi",
        r"\b(?:cat(?:egory)? [1-4]|lscs|emlscs|elscs|caesarean|section|forceps|ventouse|kiwi)\b",
    ),
    _kind(
        "svd|svb|nvd|birth|delivered",
        r"\b(?:svd|svb|nvd|normal birth|spontaneous birth|vaginal birth|delivered)\b",
    ),
    _kind("perine|degree tear|epis", r"\bperine|\bdegree tear|\bepis"),
    _kind("placenta|lochia|ebl|pph|postpartum", r"\bplacenta|\blochia|\bebl\b|\bpph\b|postpartum"),
    _kind("postnatal|breast|uterus|fundus", r"\bpostnatal|\bbreast ?f(?:ed|eeding)|\buterus|\bfundus"),
    _kind(
        "ctg|fetal|foetal|breech|cephalic|liquor", r"\bctg\b|\bfo?etal\b|\bbreech\b|\bcephalic\b|\bliquor\b"
    ),
    _kind(
        "midwi|mw|labour ward|delivery suite|hyperemesis|eclamp",
        r"\bmidwi|\bmw\b|\blabour ward\b|\bdelivery suite\b|\bhyperemesis|\bpre-?eclamp",
    ),
)
_GROWN = re.compile(
    r"\b\d+[\s-]*(?:months?|mths?|/12|years?|yrs?)(?:[\s-]*old|, (?:girl|boy))\b|\bage \d+ (?:months|years)\b"
)


def told_birth(episode: Episode) -> str | None:
    """`maternity` or `birth`, as an admission method; None where the text is about neither."""
    texts = [document.text[:_READ].lower() for document in episode.documents]
    texts = [text for text in texts if any(word in text for word in _MAY_TELL)]
    if not texts:
        return None
    newborn, mother = _kinds(_NEWBORN, texts), _kinds(_MOTHER, texts)
    if newborn >= max(_OF_A_NEWBORN, mother):
        return None if any(_GROWN.search(text) for text in texts) else "birth"
    enough = _OF_A_MOTHER if sum(map(len, texts)) > _BRIEF else _OF_A_BRIEF_MOTHER
    return "maternity" if mother >= enough else None


def _kinds(kinds: Iterable[_Kind], texts: list[str]) -> int:
    return sum(any(kind.stands_in(text) for text in texts) for kind in kinds)
