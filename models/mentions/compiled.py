"""Terms as a model carries them: the curated phrases, and phrases derived from titles."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from data.classifications import Classification
from data.episodes import Role
from data.terms import WORDED, Need, Term
from models.mentions.titles import title_phrases
from models.text import normal_words

TITLE_KIND = "title"
_UNFOLDED_PLURAL = 2
"""Letters of an abbreviation whose plural is too short to be folded: `PEs`."""
_ARTICLES = frozenset({"the", "a", "an"})


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


def keys_of(term: CompiledTerm) -> Iterator[str]:
    """All the normalised words under which a term is looked for: its key, a plural, and without articles."""
    key = term.key
    yield key
    words = key.split(" ")
    if term.exact_case and len(words[-1]) == _UNFOLDED_PLURAL:
        yield f"{key}s"
    without_articles = " ".join(word for word in words[1:] if word not in _ARTICLES)
    if len(words) > 2 and f"{words[0]} {without_articles}" != key:
        yield f"{words[0]} {without_articles}".strip()


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
