"""Terms as a model carries them: the curated phrases, and phrases derived from titles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.classifications import Classification
from data.episodes import Role
from data.terms import WORDED, Need, NeedSubject, Term
from models.mentions.titles import title_phrases
from models.text import normal_words

TITLE_KIND = "title"
TermRow = list[object]


@dataclass(frozen=True, slots=True)
class CompiledTerm:
    role: Role
    code: str
    phrase: str
    kind: str
    """One of data.terms.TermKind, or `title`."""
    exact_case: bool = False
    needs: tuple[Need, ...] = ()
    companions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The normalised words under which the phrase is looked for."""
        return phrase_key(self.phrase)


def phrase_key(phrase: str) -> str:
    """A phrase as it is compared with text: its normalised words."""
    return " ".join(normal_words(phrase.lower()))


def compile_terms(
    terms: Mapping[Role, Iterable[Term]], classifications: Mapping[Role, Classification]
) -> tuple[CompiledTerm, ...]:
    """The curated terms, and for diagnoses the phrases of titles that no curated term uses."""
    curated = [compile_term(role, term) for role, of_role in terms.items() for term in of_role]
    taken = {term.key for term in curated if term.role is Role.DIAGNOSIS}
    derived = [
        CompiledTerm(Role.DIAGNOSIS, code, phrase, TITLE_KIND)
        for phrase, code in title_phrases(classifications[Role.DIAGNOSIS])
    ]
    return (*curated, *(term for term in derived if term.key not in taken))


def compile_term(role: Role, term: Term) -> CompiledTerm:
    needs = tuple(_with_normal_words(need) for need in term.needs)
    return CompiledTerm(
        role, term.code, term.phrase, term.kind.value, term.exact_case, needs, term.companions
    )


def _with_normal_words(need: Need) -> Need:
    if need.subject not in WORDED:
        return need
    return Need(need.subject, need.operator, tuple(" ".join(normal_words(word)) for word in need.values))


def term_row(term: CompiledTerm) -> TermRow:
    """A term as JSON."""
    needs = [[need.subject.value, need.operator, list(need.values)] for need in term.needs]
    return [
        term.role.value, term.code, term.phrase, term.kind, term.exact_case, needs, list(term.companions),
    ]  # fmt: skip


def term_from_row(row: TermRow) -> CompiledTerm:
    """Raises ValueError or TypeError where the row is not of `term_row`."""
    role, code, phrase, kind, exact_case, needs, companions = row
    if not (isinstance(code, str) and isinstance(phrase, str) and isinstance(kind, str)):
        raise TypeError("code, phrase and kind are text")
    if not (isinstance(needs, list) and isinstance(companions, list)):
        raise TypeError("needs and companions are lists")
    return CompiledTerm(
        Role(str(role)),
        code,
        phrase,
        kind,
        bool(exact_case),
        tuple(Need(NeedSubject(subject), operator, tuple(values)) for subject, operator, values in needs),
        tuple(str(companion) for companion in companions),
    )
