"""What is known of a patient from the episode itself: what terms and combinations may ask for."""

import re

from data.episodes import Episode

_MATERNITY = frozenset({"501", "560"})
_NEONATAL = frozenset({"422", "424"})
_GESTATION = re.compile(
    r"\b(?:[4-9]|[1-4]\d)(?:\s?\+\s?[0-6])?\s?/\s?40\b|\b(?:weeks|wks)\s+(?:pregnant|gestation)\b|\bG[1-9]\s?P[0-9]\b"
    r"|\b[1-4]?\d\+[0-6]\s+(?:weeks|wks|by\s+(?:scan|dates))\b|\bgravida\b|\bprimip|\bpost-?natal\b|\bantenatal\b"
    r"|\bEPA?U\b|\bearly pregnancy\b|\bIUP\b|\bintra-?uterine pregnancy\b|\blochia\b"
    r"|\bpost[\s-]?(?:SVD|LSCS)\b|\bfo?etal heart\b"
    r"|(?<!\?)(?<!cannabis )(?<!cannabinoid )\bhyperemesis\b(?! syndrome)",
    re.IGNORECASE,
)
_GESTATION_WORDS = (
    "weeks", "wks", "gravida", "primip", "natal", "by scan", "by dates", "epau", "epu", "early pregnancy",
    "hyperemesis", "iup", "uterine pregnancy", "lochia", "svd", "lscs", "etal heart",
)  # fmt: skip
_WEEKS = re.compile(r"/\s?40")
_PREGNANCIES = re.compile(r"g[1-9]\s?p[0-9]")
_DAYS_OLD = re.compile(r"\b(\d{1,2})[\s-]?days?[\s-]old\b|\bday (\d{1,2}) of life\b", re.IGNORECASE)
_LAST_PERINATAL_DAY = 28
_FIRST_MENSTRUAL_YEARS, _LAST_MENSTRUAL_YEARS = 11, 56


def patient_facts(episode: Episode) -> frozenset[str]:
    """Those of `pregnant` (until six weeks after birth), `newborn`, `child` and `adult` that hold."""
    facts = set()
    if _is_newborn(episode):
        facts.add("newborn")
    elif _is_pregnant(episode):
        facts.add("pregnant")
    if episode.age is not None:
        facts.add("child" if episode.age < 16 else "adult")
    return frozenset(facts)


def _is_newborn(episode: Episode) -> bool:
    if episode.age:
        return False
    if episode.admission_method == "birth" or episode.treatment_function in _NEONATAL:
        return True
    return episode.age == 0 and any(_tells_newborn(document.text) for document in episode.documents)


def _tells_newborn(text: str) -> bool:
    """`9 day old`, `day 5 of life`: the perinatal period ends with the 28th day (ICD-10 volume 2)."""
    days = (int(found[1] or found[2]) for found in _DAYS_OLD.finditer(text))
    return any(day <= _LAST_PERINATAL_DAY for day in days)


def _is_pregnant(episode: Episode) -> bool:
    if episode.sex == "male":
        return False
    if episode.age is not None and not _FIRST_MENSTRUAL_YEARS <= episode.age <= _LAST_MENSTRUAL_YEARS:
        return False
    if episode.admission_method == "maternity" or episode.treatment_function in _MATERNITY:
        return True
    return any(
        _may_tell(document.text) and len(_GESTATION.findall(document.text)) > 1
        for document in episode.documents
    )


def _may_tell(text: str) -> bool:
    """Whether `_GESTATION` is worth a try; most notes lack all of its words."""
    if not text.isascii():
        return True
    lowered = text.lower()
    for word in _GESTATION_WORDS:  # a plain loop: every note is asked several times
        if word in lowered:
            return True
    in_weeks = "40" in lowered and _WEEKS.search(lowered) is not None
    return in_weeks or _PREGNANCIES.search(lowered) is not None
