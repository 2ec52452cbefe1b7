"""Whether a text that comes without any fact of the patient is a mother's or a newborn's.

Told by how many different words of either kind it has: a newborn's note names the mother and the birth, and a
mother's the baby, but each has more of its own.
"""

import re
from collections.abc import Iterable

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
_NEWBORN = (
    r"newborn|neonatal (?:unit|discharge|summary|care|ward|abstinence)|\b(?:neonate|nnu|nicu|scbu)\b",
    r"transitional care",
    r"(?:^|\n)\W*baby\b|baby (?:boy|girl|of|summary|discharge)|(?:male|female) (?:infant|baby)|infant:",
    r"(?:birth ?(?:weight|wt)|b\.?\s?wt?|bw):? ?\d|\d{3,4} ?g\b.{0,20}(?:centile|th\b)",
    r"\bapgars?\b|\ba/s \d",
    r"\bborn (?:here|at|by|on|in|delivery|this|\d)|\bb\. \d|inborn",
    r"\bsingleton\b|(?:born|birth) .{0,40}single\b|\btwin (?:one|two|1|2|i|ii)\b",
    r"cord (?:ph|gas)|\bdat (?:\d|pos|neg)|\bsbr\b|\bnipe\b|vit(?:amin)? k\b|skin to skin|dextrogel",
    r"\bmum\b|\bmother\b|maternal",
    r"\b(?:1?\d|2[0-8]) (?:hours?|hrs?|days?) (?:of (?:age|life)|old)|day \d of life|\bat \d+ ?h\b",
)
_MOTHER = (
    r"\bprimip|\bmultip|\bgravida|\bg[1-9](?:\s?p[0-9])?\b|\bp[0-9]\b|\bpara [0-9]|parity",
    r"\b(?:[4-9]|[1-4]\d)\s?\+\s?[0-6]\b(?! of)|\b[1-4]?\d\s?/\s?40\b|\d+ weeks? (?:pregnant|gestation)",
    r"\bedd\b|\bpregnan|\bantenatal|\bbooked (?:mlc|clc)",
    r"\b(?:induction|iol|prostin|propess|synto(?:cinon)?|oxytocin|srom|contract(?:ing|ions))\b"
    r"|\barm at\b|\b(?:cm|fully) dil|\b\d ?cm\b",
    r"\b(?:cat(?:egory)? [1-4]|lscs|emlscs|elscs|caesarean|section|forceps|ventouse|kiwi)\b",
    r"\b(?:svd|svb|nvd|normal birth|spontaneous birth|vaginal birth|delivered)\b",
    r"\bperine|\bdegree tear|\bepis",
    r"\bplacenta|\blochia|\bebl\b|\bpph\b|postpartum",
    r"\bpostnatal|\bbreast ?f(?:ed|eeding)|\buterus|\bfundus",
    r"\bctg\b|\bfo?etal\b|\bbreech\b|\bcephalic\b|\bliquor\b",
    r"\bmidwi|\bmw\b|\blabour ward\b|\bdelivery suite\b|\bhyperemesis|\bpre-?eclamp",
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
    newborn, mother = _kinds(_NEWBORNS, texts), _kinds(_MOTHERS, texts)
    if newborn >= max(_OF_A_NEWBORN, mother):
        return None if any(_GROWN.search(text) for text in texts) else "birth"
    enough = _OF_A_MOTHER if sum(map(len, texts)) > _BRIEF else _OF_A_BRIEF_MOTHER
    return "maternity" if mother >= enough else None


def _kinds(patterns: Iterable[re.Pattern[str]], texts: list[str]) -> int:
    return sum(any(pattern.search(text) for text in texts) for pattern in patterns)


_NEWBORNS = tuple(re.compile(pattern) for pattern in _NEWBORN)
_MOTHERS = tuple(re.compile(pattern) for pattern in _MOTHER)
