"""The words in which rules are written: severities, operators, and what each operator may be told."""

from dataclasses import dataclass, field
from enum import StrEnum

PATIENT_FLAGS = ("pregnant", "newborn", "child", "adult", "birth", "delivery", "delivered")
"""`birth`: a baby's birth record. `delivery`: a procedure of R17-R25 stands. `delivered`: Z37 stands."""
PROJECT = "project"
"""The basis of a rule that has no national id."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Kind(StrEnum):
    """What an argument is."""

    CODES = "codes"
    """Codes, categories, ranges."""
    CODE = "code"
    """One whole code, in stored form."""
    GROUPS = "groups"
    """A list of lists of codes."""
    LADDER = "ladder"
    """Lists of codes, the one that wins first."""
    NUMBER = "number"
    FLAG = "flag"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Argument:
    kind: Kind
    required: bool = False
    words: tuple[str, ...] = ()


_CODES = Argument(Kind.CODES, required=True)
_MORE = Argument(Kind.CODES)
_SCOPE = Argument(Kind.WORD, words=("coding", "group"))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """An operator as rules see it."""

    says: str
    arguments: dict[str, Argument] = field(default_factory=dict)


OPERATORS: dict[str, Vocabulary] = {
    "exists": Vocabulary("the edition in force on the episode end date has the code"),
    "once": Vocabulary("a code stands once", {"codes": _MORE}),
    "never_first": Vocabulary(
        "the code is never the first of the coding, or of its group", {"codes": _CODES, "scope": _SCOPE}
    ),
    "first": Vocabulary(
        "the code stands first, or among the first", {"codes": _CODES, "within": Argument(Kind.NUMBER)}
    ),
    "never": Vocabulary(
        "the code is not used; another may stand instead",
        {"codes": _CODES, "instead": Argument(Kind.CODE), "drop": Argument(Kind.FLAG)},
    ),
    "not_together": Vocabulary(
        "codes of the two lists do not stand in one coding",
        {
            "codes": _CODES,
            "with": _CODES,
            "drop": Argument(Kind.WORD, words=("codes", "with")),
            "adjacent": Argument(Kind.FLAG),
            "scope": _SCOPE,
            "excused_by": _MORE,
        },
    ),
    "combination": Vocabulary(
        "codes that stand together are one code",
        {
            "found": Argument(Kind.GROUPS, required=True),
            "becomes": Argument(Kind.CODE, required=True),
            "replaces": _CODES,
        },
    ),
    "explained": Vocabulary("a symptom is part of the diagnosis", {"codes": _CODES, "by": _CODES}),
    "needs": Vocabulary(
        "beside the code stands one of others",
        {"codes": _CODES, "any": _CODES, "scope": _SCOPE, "add": Argument(Kind.CODE), "excused_by": _MORE},
    ),
    "expected": Vocabulary("for such a patient one of the codes stands", {"codes": _CODES}),
    "documented": Vocabulary("what the text states is coded", {"codes": _CODES, "beside": _MORE}),
    "specific": Vocabulary("a more specific code of the category is documented", {"codes": _CODES}),
    "follows": Vocabulary("the code stands directly after one of others", {"codes": _CODES, "any": _CODES}),
    "before": Vocabulary("the code stands before others", {"codes": _CODES, "any": _CODES}),
    "one_of": Vocabulary("only one of a set stands", {"ladder": Argument(Kind.LADDER, required=True)}),
    "patient": Vocabulary(
        "the code fits the patient's sex and age",
        {
            "codes": _CODES,
            "sex": Argument(Kind.WORD, words=("female", "male")),
            "youngest": Argument(Kind.NUMBER),
            "oldest": Argument(Kind.NUMBER),
        },
    ),
    "fifth": Vocabulary(
        "the code has a fifth character",
        {
            "codes": _CODES,
            "digits": Argument(Kind.WORD, required=True),
            "assume": Argument(Kind.WORD),
            "doubt": Argument(Kind.WORD),
        },
    ),
    "sequence": Vocabulary(
        "the lines of a group of procedures stand in this order",
        {"codes": _CODES, "order": Argument(Kind.LADDER, required=True), "restart": _MORE},
    ),
    "laterality": Vocabulary(
        "the side is coded, or is not",
        {"codes": _CODES, "excepted": _MORE, "wanted": Argument(Kind.FLAG, required=True)},
    ),
    "furthest": Vocabulary(
        "of the sites of an examination the furthest stands",
        {"codes": _CODES, "sites": Argument(Kind.LADDER, required=True)},
    ),
    "asks": Vocabulary(
        "a question worth putting to the clinician", {"codes": _CODES, "ask": Argument(Kind.WORD)}
    ),
}
"""Every operator; `models/standards/operators` has a class for each."""
