"""Medicines by UK name: what each is taken for, and what an allergy to it or a harm by it is coded as.

From one line come terms for what notes say: X among the allergies (Z88), harm `due to X` or `X-induced`
(Y40-Y59), and the name itself as a hint at the condition that X is taken for. Coders do not infer: a hint is
shown, never coded.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data.curated import Row, read_rows
from data.terms.folding import fold_phrase
from data.terms.needs import Need, NeedSubject
from data.terms.reading import TERMS_FOLDER, Term, TermKind, refuse_conflicts

DRUGS_FILE = TERMS_FOLDER / "drugs.tsv"
_COLUMNS = ("drug", "also", "class", "implies", "allergy", "adverse", "note")
_CODE = re.compile(r"[A-Z]\d\d[\dX]")
_ALLERGY = re.compile(r"Z88\d|Z910")
_ADVERSE = re.compile(r"Y[45]\d\d")
_BEFORE_AN_ALLERGEN = (
    "allergic to", "allergy to", "allergies to", "anaphylaxis to", "anaphylaxis with", "hypersensitivity to",
)  # fmt: skip
_REACTIONS = (
    "allergy", "allergic", "allergies", "anaphylaxis", "hypersensitivity", "rash", "hives", "urticaria",
    "wheals", "angioedema",
)  # fmt: skip
_BRINGS = ("gives", "gave", "makes", "made", "brings", "brought", "causes", "caused")
_OF_ALLERGY = (
    (Need(NeedSubject.SECTION, "=", ("allergies",)),),
    (Need(NeedSubject.BEFORE, "=", _BEFORE_AN_ALLERGEN),),
    (Need(NeedSubject.AFTER, "=", _REACTIONS),),
    (Need(NeedSubject.AFTER, "=", _BRINGS), Need(NeedSubject.NEAR, "=", _REACTIONS)),
)
_BEFORE_A_CAUSE = (
    "due to", "secondary to", "caused by", "induced by", "related to", "attributed to", "side effect of",
    "side effects of", "reaction to", "toxicity from", "precipitated by", "driven by", "consequence of",
    "result of", "put down to", "blamed on", "attributable to", "adverse effect of", "adverse effects of",
    "effect of",
)  # fmt: skip
_BLAME = (
    "attributed", "attribute", "attributes", "attributable", "put down to", "blamed", "blames", "implicated",
)  # fmt: skip
"""Words may stand between these and the medicine: `attributed by the team to naproxen`."""
_NO_BLAME = ("no", "not", "never")
_MOVING = (
    "switched", "switch", "changed", "change", "converted", "swapped", "moved", "weaned", "stepped",
    "transition", "prescription", "pharmacy", "room", "recovery",
)  # fmt: skip
"""`from` a medicine to another."""
_HARMS = (
    "induced", "related", "toxicity", "associated", "side effect", "side effects", "hyperglycaemia",
    "constipation", "mucositis", "pneumonitis", "neuropathy", "gastritis", "effect", "the cause", "to blame",
)  # fmt: skip
_OF_HARM = (
    (Need(NeedSubject.BEFORE, "=", _BEFORE_A_CAUSE),),
    (Need(NeedSubject.AFTER, "=", _HARMS),),
    (Need(NeedSubject.CLOSE, "=", _BLAME), Need(NeedSubject.NOT_NEAR, "=", _NO_BLAME)),
    (Need(NeedSubject.BEFORE, "=", ("from",)), Need(NeedSubject.NOT_NEAR, "=", _MOVING)),
)


@dataclass(frozen=True, slots=True)
class Drug:
    names: tuple[str, ...]
    """Generic name first, then brands and spellings."""
    implies: str
    """Code of the condition that it is taken for, where that is nearly always one; or empty."""
    allergy: str
    """Z88.-, or empty."""
    adverse: str
    """Y40-Y59 of harm by it in therapeutic use (ICD-10 table of drugs), or empty."""
    path: Path
    line: int


def read_drugs(path: Path = DRUGS_FILE) -> tuple[Drug, ...]:
    """
    Raises:
        CuratedFileError: a line is wrong, or two drugs share a name.
    """
    drugs: list[Drug] = []
    seen: dict[str, int] = {}
    for row in read_rows(path, _COLUMNS):
        drug = _drug(row)
        for name in drug.names:
            if fold_phrase(name) in seen:
                raise row.problem("drug", f"{name!r} stands already on line {seen[fold_phrase(name)]}")
            seen[fold_phrase(name)] = row.line
        drugs.append(drug)
    return tuple(drugs)


def drug_terms(drugs: Iterable[Drug], curated: Iterable[Term]) -> tuple[Term, ...]:
    """The phrases that drugs lead to; where a curated term has the words already, that one stands."""
    taken = {(fold_phrase(term.phrase), frozenset(term.needs)) for term in curated}
    made = [term for drug in drugs for term in _terms(drug)]
    refuse_conflicts(term for term in made if term.kind is not TermKind.HINT)
    return tuple(
        term
        for term in made
        if term.kind is TermKind.HINT or (fold_phrase(term.phrase), frozenset(term.needs)) not in taken
    )


def _drug(row: Row) -> Drug:
    also = tuple(row["also"].split("|")) if row["also"] else ()
    names = (row.required("drug"), *also)
    if not all(fold_phrase(name) for name in names):
        raise row.problem("also", "has an empty name")
    for field, shape in (("implies", _CODE), ("allergy", _ALLERGY), ("adverse", _ADVERSE)):
        if row[field] and not shape.fullmatch(row[field]):
            raise row.problem(field, f"{row[field]!r} is not such a code")
    return Drug(names, row["implies"], row["allergy"], row["adverse"], row.path, row.line)


def _terms(drug: Drug) -> Iterator[Term]:
    for name in drug.names:
        if drug.allergy:
            yield from (_term(drug, drug.allergy, name, needs=needs) for needs in _OF_ALLERGY)
        if drug.adverse:
            yield from (_term(drug, drug.adverse, name, needs=needs) for needs in _OF_HARM)
        if drug.implies:
            yield _term(drug, drug.implies, name, TermKind.HINT)


def _term(
    drug: Drug, code: str, phrase: str, kind: TermKind = TermKind.SYNONYM, needs: tuple[Need, ...] = ()
) -> Term:
    return Term(code, phrase, kind, needs=needs, path=drug.path, line=drug.line)
