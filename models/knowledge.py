"""What a model starts from: the curated terms and the language of this installation."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from data.cache import cached, digest_of
from data.classifications import Classification
from data.episodes import Role
from data.language import (
    read_combinations,
    read_cues,
    read_endoscopies,
    read_headings,
    read_intents,
    read_leads,
    read_operations,
    read_optional,
    read_ordinary_words,
    read_places,
    read_poisonings,
    read_specialties,
    read_statuses,
    read_tumour_sites,
)
from data.terms import (
    TERMS_FOLDER,
    Term,
    TermKind,
    composed_terms,
    drug_terms,
    read_compositions,
    read_drugs,
    read_terms,
    terms_digest,
)
from models.bundle import BundleParts
from models.judged import Language
from models.mentions import TermTable, compile_terms, title_phrases
from models.ranking import Ranker, day_one_ranker

_SOURCES = tuple(Path(__file__).parent / name for name in (".", "mentions", "text"))
"""How terms are compiled."""


def shipped_language() -> Language:
    return Language(
        read_cues(),
        read_headings(),
        read_statuses(),
        read_optional(),
        read_combinations(),
        read_endoscopies(),
        read_specialties(),
        read_leads(),
        read_operations(),
        read_tumour_sites(),
        read_places(),
        read_ordinary_words(),
        read_poisonings(),
        read_intents(),
    )


def shipped_terms(classifications: Mapping[Role, Classification]) -> dict[Role, tuple[Term, ...]]:
    """The curated terms, and for ICD-10 those made from medicines and compositions."""
    return {role: _terms(table.name) for role, table in classifications.items()}


def _terms(name: str) -> tuple[Term, ...]:
    curated = read_terms(name)
    if name != "icd10":
        return curated
    return (*curated, *drug_terms(read_drugs(), curated), *composed_terms(read_compositions()))


def shipped_table(classifications: Mapping[Role, Classification]) -> TermTable:
    """What ships, compiled: kept on disk, because that takes seconds."""

    def compiled() -> dict[str, Any]:
        return TermTable.of(compile_terms(shipped_terms(classifications), classifications)).to_json()

    names = {role.value: (table.name, table.digest) for role, table in classifications.items()}
    own = [path for package in _SOURCES for path in package.glob("*.py")]
    facts = (str(sorted(names.items())), *(terms_digest(table.name) for table in classifications.values()))
    key = digest_of([*TERMS_FOLDER.glob("*.tsv"), *own], *facts)
    return TermTable.from_json(cached("terms-" + "-".join(sorted(names)), key, compiled))


def title_terms(classifications: Mapping[Role, Classification]) -> dict[Role, tuple[Term, ...]]:
    """The plain titles of the tables and nothing else: what the curated terms are measured against."""
    return {
        role: tuple(Term(code, phrase, TermKind.NAME) for phrase, code in title_phrases(table))
        for role, table in classifications.items()
    }


def make_parts(
    classifications: Mapping[Role, Classification],
    *,
    created: datetime,
    terms: Mapping[Role, Iterable[Term]] | None = None,
    language: Language | None = None,
    ranker: Ranker | None = None,
    training: Mapping[str, Any] | None = None,
) -> BundleParts:
    """The parts of a model; what is not given is what ships, ranked as on day one."""
    return BundleParts(
        terms=compile_terms(terms, classifications) if terms else shipped_table(classifications),
        language=language or shipped_language(),
        ranker=ranker or day_one_ranker(),
        created=created,
        training=training or {},
    )
