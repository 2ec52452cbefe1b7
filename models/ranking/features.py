"""Features of a candidate. None of them names a code, so what is learned of one holds for all."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log1p

from data.episodes import DocumentKind, Role
from data.language import Assertion, SectionKind
from data.terms import TermKind
from models.assertion import Judgement
from models.candidates import Candidate, Origin
from models.judged import ReadEpisode
from models.mentions.compiled import TITLE_KIND
from models.procedures import is_secondary

_TERM_KINDS = (*(kind.value for kind in TermKind), TITLE_KIND)
_PLAIN = (
    "usage", "mentions", "against", "probable", "present_cue", "position", "early", "first_line", "order",
    "words", "letters", "exact_case", "needs", "short_abbreviation", "statement_words", "statement_share",
    "starts_statement", "sections", "same_category", "candidates", "unspecified_code", "other_code",
    "symptom", "symptom_with_definite", "status_z", "other_z", "injury", "external_cause", "cause_without_injury",
    "organism", "pregnancy", "perinatal", "neoplasm", "mental", "imaging", "method", "site", "miscellaneous",
    "secondary", "distance", "far", "group_size", "other_documents", "child", "procedure_present",
    "primary_heading_elsewhere",
)  # fmt: skip
FEATURE_NAMES: tuple[str, ...] = (
    *_PLAIN,
    *(f"section_{kind}" for kind in SectionKind),
    *(f"kind_{kind}" for kind in _TERM_KINDS),
    *(f"origin_{origin}" for origin in Origin),
    *(f"document_{kind}" for kind in DocumentKind),
)
_PLACE = {name: place for place, name in enumerate(FEATURE_NAMES)}
_SECTION_PLACE = {kind: _PLACE[f"section_{kind}"] for kind in SectionKind}
_KIND_PLACE = {kind: _PLACE[f"kind_{kind}"] for kind in _TERM_KINDS}
_ORIGIN_PLACE = {origin: _PLACE[f"origin_{origin}"] for origin in Origin}
_DOCUMENT_PLACE = {kind: _PLACE[f"document_{kind}"] for kind in DocumentKind}
_DIAGNOSIS_HEADINGS = frozenset({SectionKind.PRIMARY_DIAGNOSIS, SectionKind.DIAGNOSES})
_SECTION_START_WORDS = 25
_USAGE_SCALE = 16.0


@dataclass(frozen=True, slots=True)
class EpisodeFacts:
    """What all candidates of an episode share."""

    read: ReadEpisode
    usage: Mapping[Role, Mapping[str, int]]
    """National count of each code."""
    categories: Counter[tuple[Role, str]]
    totals: Counter[Role]
    group_sizes: Counter[int | None]
    has_definite: bool
    """A diagnosis that is no symptom, status or cause."""
    has_injury: bool
    has_diagnosis_heading: bool

    @classmethod
    def of(
        cls, read: ReadEpisode, candidates: Sequence[Candidate], usage: Mapping[Role, Mapping[str, int]]
    ) -> "EpisodeFacts":
        diagnoses = [one for one in candidates if one.role is Role.DIAGNOSIS]
        return cls(
            read=read,
            usage=usage,
            categories=Counter((one.role, one.code[:3]) for one in candidates),
            totals=Counter(one.role for one in candidates),
            group_sizes=Counter(one.group for one in candidates if one.group is not None),
            has_definite=any(one.code[0] not in "RVWXYZ" for one in diagnoses),
            has_injury=any(one.code[0] in "ST" for one in diagnoses),
            has_diagnosis_heading=any(_under_diagnosis_heading(one) for one in diagnoses),
        )


def _under_diagnosis_heading(candidate: Candidate) -> bool:
    return any(judged.mention.section in _DIAGNOSIS_HEADINGS for judged in candidate.mentions)


def candidate_features(candidate: Candidate, order: int, facts: EpisodeFacts) -> list[float]:
    """The features of a candidate, in the order of FEATURE_NAMES; `order` is its place in the text."""
    values = _of_mention(candidate, order, facts)
    values += _of_code(candidate, facts)
    values += _of_neighbours(candidate, facts)
    values += [0.0] * (len(FEATURE_NAMES) - len(values))
    for place in _flags(candidate, facts):
        values[place] = 1.0
    return values


def _of_mention(candidate: Candidate, order: int, facts: EpisodeFacts) -> list[float]:
    mention, term = candidate.mention, candidate.mention.term
    reading = facts.read.readings[mention.document]
    first, end = reading.statement_words(mention.statement)
    earliest = min(judged.mention.first for judged in candidate.mentions)
    length = mention.end - mention.start
    words = mention.last - mention.first + 1
    return [
        log1p(facts.usage[candidate.role].get(candidate.code, 0)) / _USAGE_SCALE,
        log1p(len(candidate.mentions)),
        log1p(candidate.against),
        float(candidate.probable),
        float(any(_asserted_by_cue(judged.judgement) for judged in candidate.mentions)),
        earliest / max(len(reading.words), 1),
        float(earliest < _SECTION_START_WORDS),
        float(mention.statement == 0),
        log1p(order),
        min(words, 6) / 6,
        min(length, 40) / 40,
        float(term.exact_case),
        float(bool(term.needs)),
        float(length <= 3),
        log1p(end - first) / 4,
        words / max(end - first, 1),
        float(mention.first == first),
        len({judged.mention.section for judged in candidate.mentions}) / 3,
    ]


def _asserted_by_cue(judgement: Judgement) -> bool:
    return judgement.assertion is Assertion.PRESENT and bool(judgement.because)


def _of_code(candidate: Candidate, facts: EpisodeFacts) -> list[float]:
    code, diagnosis = candidate.code, candidate.role is Role.DIAGNOSIS
    letter, category = code[0], code[:3]
    symptom = diagnosis and letter == "R"
    cause = diagnosis and letter in "VWXY"
    return [
        1 / max(facts.categories[candidate.role, category], 1),
        log1p(facts.totals[candidate.role]) / 4,
        float(code.endswith("9")),
        float(code.endswith("8")),
        float(symptom),
        float(symptom and facts.has_definite),
        float(diagnosis and "Z80" <= category <= "Z99"),
        float(diagnosis and "Z00" <= category < "Z80"),
        float(diagnosis and letter in "ST"),
        float(cause),
        float(cause and not facts.has_injury),
        float(diagnosis and "B95" <= category <= "B98"),
        float(diagnosis and letter == "O"),
        float(diagnosis and letter == "P"),
        float(diagnosis and "C00" <= category <= "D48"),
        float(diagnosis and letter == "F"),
        float(not diagnosis and letter == "U"),
        float(not diagnosis and letter == "Y"),
        float(not diagnosis and letter in "ZO"),
        float(not diagnosis and letter == "X"),
        float(not diagnosis and is_secondary(code)),
    ]


def _of_neighbours(candidate: Candidate, facts: EpisodeFacts) -> list[float]:
    episode = facts.read.episode
    documents = {judged.mention.document for judged in candidate.mentions}
    under_heading = _under_diagnosis_heading(candidate)
    return [
        min(candidate.distance, 20) / 20,
        float(candidate.distance > 8),
        log1p(facts.group_sizes[candidate.group]) if candidate.group is not None else 0.0,
        float(len(documents) > 1),
        float(episode.age is not None and episode.age < 16),
        float(facts.totals[Role.PROCEDURE] > 0),
        float(facts.has_diagnosis_heading and not under_heading),
    ]


def _flags(candidate: Candidate, facts: EpisodeFacts) -> Iterable[int]:
    for judged in candidate.mentions:
        yield _SECTION_PLACE[judged.mention.section]
    yield _KIND_PLACE[candidate.mention.term.kind]
    yield _ORIGIN_PLACE[candidate.origin]
    yield _DOCUMENT_PLACE[facts.read.episode.documents[candidate.mention.document].kind]
