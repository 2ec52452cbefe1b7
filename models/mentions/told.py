"""Sex, age and birth as the text tells them, where the episode itself does not say.

Terms ask for them (`sex=female`, `age<1`, `patient=pregnant`). Much text comes without them: pasted into a
form, or from a system that sends documents alone.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from data.episodes import Episode
from models.mentions.births import told_birth

_READ = 20_000
"""Characters of a document that are looked at: who the patient is stands near the beginning."""
_START = 40
"""Of these, the first in which `82F` is a patient; later it may be the size of a tube."""
_AGE = re.compile(
    r"\b(?:aged?|age:)\s*(?P<aged>\d{1,3})\b(?!\s*(?:months?|weeks?|days?))"
    r"|\b(?P<years>\d{1,3})[\s-]*(?:(?:years?|yrs?|y)[\s-]*(?:of\s+age|old|o\b)|y/o\b|y\.o\b)"
    r"|\b(?P<noun>\d{1,3})[\s-]*(?:years?|yrs?)\s+(?:man|woman|lady|gentleman|male|female|boy|girl)\b"
    r"|\b(?P<months>\d{1,2})[\s-]*(?:months?|mths?|/12)[\s-]*old\b"
    r"|\b(?P<young>\d{1,2}[\s-]*(?:weeks?|wks?|days?|hours?|/52|/7)[\s-]*old|aged?:? \d+ (?:weeks|days))\b",
    re.IGNORECASE,
)
_AGE_AND_SEX = re.compile(
    r"\b(?P<age>\d{1,3})\s?(?:yrs?|yo|y/o)?\s?(?P<sex>[MF])\b(?!\s*(?:chest|drain|catheter|tube|sheath))"
)
_SEX_FIELD = re.compile(r"\b(?:sex|gender)\s*[:=]\s*(?P<sex>female|male|f\b|m\b)", re.IGNORECASE)
_CHILD = re.compile(r"\bold\s+(?:(?P<female>girl)|boy)\b", re.IGNORECASE)
_SEX_WORD = re.compile(
    r"\b(?:(?P<female>she|her|hers|herself|woman|lady|female)|(?:he|his|him|himself|man|gentleman|male))\b",
    re.IGNORECASE,
)
_OLDEST = 120
_MOTHERS_YEARS = range(12, 57)
_MONTHS = 12


def as_told(episode: Episode) -> Episode:
    """The episode with what its text tells where it says nothing itself; sex and age may stay unknown."""
    known = episode.sex is not None and episode.age is not None
    told = episode if known else _sex_and_age(episode)
    if episode.admission_method is None and episode.treatment_function is None:
        return _with_birth(told, episode)
    return told


def _with_birth(told: Episode, said: Episode) -> Episode:
    """Who is said to be of another age or sex is neither mother nor newborn."""
    birth = told_birth(told)
    if birth == "birth":
        return replace(told, age=0, admission_method=birth) if not said.age else told
    if birth is None or told.age == 0 or said.sex == "male":
        return told
    if said.age is not None:
        return replace(told, sex="female", admission_method=birth) if said.age in _MOTHERS_YEARS else told
    age = told.age if told.age in _MOTHERS_YEARS else None  # of her child, or no age at all
    return replace(told, sex="female", age=age, admission_method=birth)


def _sex_and_age(episode: Episode) -> Episode:
    texts = [document.text[:_READ] for document in episode.documents]
    sex = episode.sex or next(filter(None, map(_sex, texts)), None)
    ages = (age for text in texts for age in _ages(text))
    age = episode.age if episode.age is not None else next(ages, None)
    return replace(episode, sex=sex, age=age)


def _sex(text: str) -> str | None:
    stated = _SEX_FIELD.search(text) or _AGE_AND_SEX.search(text, 0, _START)
    if stated:
        return "female" if stated["sex"][0] in "fF" else "male"
    child = _CHILD.search(text)
    if child:
        return "female" if child["female"] else "male"
    words = [bool(word["female"]) for word in _SEX_WORD.finditer(text)]
    if words.count(True) == words.count(False):
        return None
    return "female" if sum(words) * 2 > len(words) else "male"


def _ages(text: str) -> Iterator[int]:
    for found in _AGE.finditer(text):
        if found["months"] or found["young"]:
            yield int(found["months"] or 0) // _MONTHS
        elif (age := int(found["aged"] or found["years"] or found["noun"])) <= _OLDEST:
            yield age
    brief = _AGE_AND_SEX.search(text, 0, _START)
    if brief and int(brief["age"]) <= _OLDEST:
        yield int(brief["age"])
