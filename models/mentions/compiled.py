"""Terms as a model carries them: the curated phrases, and phrases derived from titles."""

from collections.abc import Iterable, Mapping, Sequence
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


def term_rows(terms: Iterable[CompiledTerm]) -> list[TermRow]:
    """Terms as JSON: in the first row the sets of conditions that occur, then a row for each term."""
    places: dict[tuple[Need, ...], int] = {}
    rows: list[TermRow] = [
        [
            term.role.value, term.code, term.phrase, term.kind, term.exact_case,
            places.setdefault(term.needs, len(places)), list(term.companions),
        ]
        for term in terms
    ]  # fmt: skip
    needs: TermRow = [[_need_row(need) for need in found] for found in places]
    return [needs, *rows]


def terms_from_rows(rows: object) -> tuple[CompiledTerm, ...]:
    """Raises ValueError, TypeError or IndexError where the rows are not of `term_rows`."""
    if not isinstance(rows, list) or not rows:
        raise TypeError("terms are a list")
    needs = [tuple(_need(*written) for written in found) for found in rows[0]]
    return tuple(_term(row, needs) for row in rows[1:])


def _need_row(need: Need) -> list[object]:
    return [need.subject.value, need.operator, list(need.values)]


def _need(subject: str, operator: str, values: list[str]) -> Need:
    return Need(NeedSubject(subject), operator, tuple(values))


def _term(row: TermRow, needs: Sequence[tuple[Need, ...]]) -> CompiledTerm:
    role, code, phrase, kind, exact_case, place, companions = row
    if not (isinstance(code, str) and isinstance(phrase, str) and isinstance(kind, str)):
        raise TypeError("code, phrase and kind are text")
    if not (isinstance(place, int) and 0 <= place < len(needs) and isinstance(companions, list)):
        raise TypeError("needs are a place in the first row, companions a list")
    return CompiledTerm(
        Role(str(role)),
        code,
        phrase,
        kind,
        bool(exact_case),
        needs[place],
        tuple(str(companion) for companion in companions),
    )
