"""Facts of a person as the NHS Data Dictionary has them, whoever sent them in whichever words.

Sex: England 1 male, 2 female, 9 indeterminate, X or 0 not known; Wales M, F, U (not known), Z (not
specified); FHIR male, female, other, unknown. NHS number: ten digits, the last a check digit (modulus 11).
"""

from datetime import date

from nhs_number.validate import is_valid

_SEXES = {
    "1": "male", "m": "male", "male": "male",
    "2": "female", "f": "female", "female": "female",
    "9": "indeterminate", "i": "indeterminate", "indeterminate": "indeterminate",
    "o": "indeterminate", "other": "indeterminate", "a": "indeterminate",
    "0": "not known", "x": "not known", "u": "not known", "z": "not known", "n": "not known",
    "unknown": "not known", "not known": "not known", "not specified": "not known",
}  # fmt: skip
NHS_NUMBER_STATUSES = {
    "01": "present and verified",
    "02": "present but not traced",
    "03": "trace required",
    "04": "trace attempted, no match or several",
    "05": "trace needs to be resolved",
    "06": "trace in progress",
    "07": "not present, trace not required",
    "08": "trace postponed",
}
"""NHS NUMBER STATUS INDICATOR CODE."""


def sex_of(sent: str | None) -> str | None:
    """male, female, indeterminate or not known; None for a word that neither data dictionary has."""
    return _SEXES.get((sent or "not known").strip().lower())


def tidy_nhs_number(written: str) -> str:
    """Without the spaces and dashes that people put into it."""
    return written.replace(" ", "").replace("-", "")


def nhs_number_holds(written: str | None) -> bool:
    """Whether the check digit is right. Published samples often carry numbers where it is not: such a number
    is kept and shown with a warning, and never says that two records are of one person."""
    tidy = tidy_nhs_number(written or "")
    return tidy.isascii() and tidy.isdigit() and len(set(tidy)) > 1 and bool(is_valid(tidy))


def age_words(birth_date: date | None, on: date | None) -> str:
    """Completed years; of a baby days, as the Data Dictionary counts them. Empty where it is not known."""
    if birth_date is None or on is None or on < birth_date:
        return ""
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    number, unit = (years, "year") if years else ((on - birth_date).days, "day")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
