"""Features of a candidate. None of them names a code, so what is learned of one holds for all."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log1p
from typing import NamedTuple

from data.episodes import DocumentKind, Role
from data.language import BACKGROUND_SECTIONS, Assertion, SectionKind
from data.terms import TermKind
from models.assertion import Judgement
from models.candidates import Candidate, Origin
from models.codes import CodeTable
from models.judged import ReadEpisode
from models.leads import NO_LEADS, LeadIndex
from models.lexicon import LEARNED_FEATURES, NOTHING_LEARNED
from models.mentions import Mention
from models.mentions.compiled import TITLE_KIND
from models.ranking.standing import STANDING_NAMES, Standing
from models.text import Reading

LEARNED_KIND = "learned"
_TERM_KINDS = (*(kind.value for kind in TermKind), TITLE_KIND, LEARNED_KIND)
_PLAIN = (
    "usage", "mentions", "against", "probable", "present_cue", "position", "early", "first_line", "order",
    "words", "letters", "exact_case", "needs", "short_abbreviation", "statement_words", "statement_share",
    "starts_statement", "sections", "same_category", "candidates", "unspecified_code", "other_code",
    "functional", "symptom", "symptom_with_definite", "status_z", "other_z", "injury", "external_cause",
    "cause_without_injury",
    "organism", "pregnancy", "perinatal", "neoplasm", "mental", "imaging", "method", "site", "miscellaneous",
    "secondary", "distance", "far", "group_size", "other_documents", "child", "procedure_present",
    "primary_heading_elsewhere", "symptom_alone", "number_follows", "in_heading", "beside_specific",
    "specialty", "specialty_other", "emergency", "daycase", "beside_procedure",
    "first_of_kind",
)  # fmt: skip
FEATURE_NAMES: tuple[str, ...] = (
    *_PLAIN,
    *(f"section_{kind}" for kind in SectionKind),
    *(f"kind_{kind}" for kind in _TERM_KINDS),
    *(f"origin_{origin}" for origin in Origin),
    *(f"document_{kind}" for kind in DocumentKind),
    *(f"learned_{name}" for name in LEARNED_FEATURES),
    *STANDING_NAMES,
)
_PLACE = {name: place for place, name in enumerate(FEATURE_NAMES)}
_SECTION_PLACE = {kind: _PLACE[f"section_{kind}"] for kind in SectionKind}
_KIND_PLACE = {kind: _PLACE[f"kind_{kind}"] for kind in _TERM_KINDS}
_ORIGIN_PLACE = {origin: _PLACE[f"origin_{origin}"] for origin in Origin}
_DOCUMENT_PLACE = {kind: _PLACE[f"document_{kind}"] for kind in DocumentKind}
_NO_FLAGS = (0.0,) * (len(FEATURE_NAMES) - len(_PLAIN) - len(LEARNED_FEATURES) - len(STANDING_NAMES))
_NO_STANDING = (0.0,) * len(STANDING_NAMES)
_DIAGNOSIS_HEADINGS = frozenset({SectionKind.PRIMARY_DIAGNOSIS, SectionKind.DIAGNOSES})
_FUNCTIONAL = frozenset({"R13", "R15", "R18", "R26", "R29", "R32", "R33", "R47", "R54", "R57", "R64"})
"""Chapter R, but coded beside a diagnosis: dysphagia, incontinence, falls, retention, speech, frailty."""
_MONTHS = frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
_SECTION_START_WORDS = 25
_LONGEST_DOCUMENT = 10_000_000
_USAGE_SCALE = 16.0


@dataclass(frozen=True, slots=True)
class EpisodeFacts:
    """What all candidates of an episode share."""

    read: ReadEpisode
    codes: Mapping[Role, CodeTable]
    categories: Counter[tuple[Role, str]]
    totals: Counter[Role]
    group_sizes: Counter[int | None]
    has_definite: bool
    """A diagnosis that is no symptom, status or cause."""
    has_definite_now: bool
    """One of these outside the past and social history."""
    specific: frozenset[tuple[Role, str]]
    """Chapters of diagnoses, and categories of procedures, that have a code that is not unspecified."""
    has_injury: bool
    specialty: tuple[str, ...]
    """Beginnings of the codes that the specialty mostly treats."""
    has_specialty: bool
    """One of the candidates is of the specialty."""
    procedure_statements: frozenset[tuple[int, int]]
    first_definite: int
    """Place of the first diagnosis that is no symptom, status or cause."""
    has_diagnosis_heading: bool
    standing: Standing

    @classmethod
    def of(
        cls,
        read: ReadEpisode,
        candidates: Sequence[Candidate],
        codes: Mapping[Role, CodeTable],
        specialty: tuple[str, ...] = (),
        leads: LeadIndex = NO_LEADS,
    ) -> "EpisodeFacts":
        diagnoses = [one for one in candidates if one.role is Role.DIAGNOSIS]
        return cls(
            read=read,
            codes=codes,
            categories=Counter((one.role, one.code[:3]) for one in candidates),
            totals=Counter(one.role for one in candidates),
            group_sizes=Counter(one.group for one in candidates if one.group is not None),
            has_definite=any(map(_is_definite, diagnoses)),
            has_definite_now=any(_is_definite(one) and _is_now(one) for one in diagnoses),
            specific=frozenset(
                (one.role, _kind(one))
                for one in candidates
                if one.code not in codes[one.role].unspecified and one.origin is Origin.MENTION
            ),
            specialty=specialty,
            has_specialty=bool(specialty) and any(one.code.startswith(specialty) for one in diagnoses),
            procedure_statements=frozenset(
                (judged.mention.document, judged.mention.statement)
                for one in candidates
                if one.role is Role.PROCEDURE and one.origin is Origin.MENTION
                for judged in one.mentions
            ),
            first_definite=min(map(_earliest, filter(_is_definite, diagnoses)), default=-1),
            has_injury=any(one.code[0] in "ST" for one in diagnoses),
            has_diagnosis_heading=any(_under_diagnosis_heading(one) for one in diagnoses),
            standing=Standing.of(read, diagnoses, leads),
        )


def _kind(candidate: Candidate) -> str:
    return candidate.code[: 1 if candidate.role is Role.DIAGNOSIS else 3]


def _earliest(candidate: Candidate) -> int:
    """Where it is first mentioned; documents one after another."""
    return min(j.mention.document * _LONGEST_DOCUMENT + j.mention.start for j in candidate.mentions)


def _is_definite(candidate: Candidate) -> bool:
    return candidate.code[0] not in "RVWXYZ"


def _is_now(candidate: Candidate) -> bool:
    return any(judged.mention.section not in BACKGROUND_SECTIONS for judged in candidate.mentions)


def _under_diagnosis_heading(candidate: Candidate) -> bool:
    return not _DIAGNOSIS_HEADINGS.isdisjoint([judged.mention.section for judged in candidate.mentions])


def candidate_features(
    candidate: Candidate, order: int, facts: EpisodeFacts, learned: Sequence[float] = NOTHING_LEARNED
) -> list[float]:
    """The features of a candidate, in the order of FEATURE_NAMES.

    Args:
        candidate: a candidate of the episode.
        order: its place in the text.
        facts: of its episode.
        learned: what the learned lexicon says of its code.
    """
    values = [
        *_of_mention(candidate, order, facts),
        *_of_code(candidate, facts),
        *_of_neighbours(candidate, facts),
        *_NO_FLAGS,
        *learned,
        *_standing(candidate, facts),
    ]
    for place in _flags(candidate, facts):
        values[place] = 1.0
    return values


def _standing(candidate: Candidate, facts: EpisodeFacts) -> Sequence[float]:
    """How a diagnosis stands in the note; what only the lexicon proposes is not looked at."""
    if candidate.role is not Role.DIAGNOSIS or candidate.origin is Origin.LEARNED:
        return _NO_STANDING
    return facts.standing.features(candidate)


def _of_mention(candidate: Candidate, order: int, facts: EpisodeFacts) -> list[float]:
    mention, term = candidate.mention, candidate.mention.term
    reading = facts.read.readings[mention.document]
    first, end = reading.statement_words(mention.statement)
    earliest, sections = mention.first, 1
    if len(candidate.mentions) > 1:
        earliest = min(judged.mention.first for judged in candidate.mentions)
        sections = len({judged.mention.section for judged in candidate.mentions})
    words, length = candidate.words_and_letters
    return [
        log1p(facts.codes[candidate.role].usage.get(candidate.code, 0)) / _USAGE_SCALE,
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
        sections / 3,
    ]


def _asserted_by_cue(judgement: Judgement) -> bool:
    return judgement.assertion is Assertion.PRESENT and bool(judgement.because)


def _of_code(candidate: Candidate, facts: EpisodeFacts) -> list[float]:
    role, code = candidate.role, candidate.code
    kind = _kind_of_code(role, code)
    return [
        1 / max(facts.categories[role, code[:3]], 1),
        log1p(facts.totals[role]) / 4,
        *kind.first,
        float(kind.symptom and facts.has_definite),
        *kind.second,
        float(kind.needs_injury and not facts.has_injury),
        *kind.third,
        float(code in facts.codes[role].secondary),
    ]


class _CodeKind(NamedTuple):
    """What a code says by its letters, whatever the episode: features in three runs of their order."""

    first: tuple[float, ...]
    second: tuple[float, ...]
    third: tuple[float, ...]
    symptom: bool
    needs_injury: bool


@lru_cache(maxsize=50_000)
def _kind_of_code(role: Role, code: str) -> _CodeKind:
    diagnosis = role is Role.DIAGNOSIS
    letter, category = code[0], code[:3]
    functional = diagnosis and category in _FUNCTIONAL
    symptom = diagnosis and letter == "R" and not functional
    cause = diagnosis and letter in "VWXY"
    first = (code.endswith("9"), code.endswith("8"), functional, symptom)
    second = (
        diagnosis and "Z80" <= category <= "Z99",
        diagnosis and "Z00" <= category < "Z80",
        diagnosis and letter in "ST",
        cause,
    )
    third = (
        diagnosis and "B95" <= category <= "B98",
        diagnosis and letter == "O",
        diagnosis and letter == "P",
        diagnosis and "C00" <= category <= "D48",
        diagnosis and letter == "F",
        not diagnosis and letter == "U",
        not diagnosis and letter == "Y",
        not diagnosis and letter in "ZO",
        not diagnosis and letter == "X",
    )
    return _CodeKind(
        tuple(map(float, first)),
        tuple(map(float, second)),
        tuple(map(float, third)),
        symptom,
        needs_injury=cause and code < "Y40",
    )


def _of_neighbours(candidate: Candidate, facts: EpisodeFacts) -> list[float]:
    episode, mentions = facts.read.episode, candidate.mentions
    several = len(mentions) > 1 and len({judged.mention.document for judged in mentions}) > 1
    under_heading = _under_diagnosis_heading(candidate)
    return [
        min(candidate.distance, 20) / 20,
        float(candidate.distance > 8),
        log1p(facts.group_sizes[candidate.group]) if candidate.group is not None else 0.0,
        float(several),
        float(episode.age is not None and episode.age < 16),
        float(facts.totals[Role.PROCEDURE] > 0),
        float(facts.has_diagnosis_heading and not under_heading),
        float(candidate.role is Role.DIAGNOSIS and candidate.code[0] == "R" and not facts.has_definite_now),
        float(all(_number_follows(facts.read, judged.mention) for judged in candidate.mentions)),
        float(all(_in_heading(facts.read, judged.mention) for judged in candidate.mentions)),
        float(
            candidate.code in facts.codes[candidate.role].unspecified
            and (candidate.role, _kind(candidate)) in facts.specific
        ),
        *_of_episode(candidate, facts),
    ]


def _of_episode(candidate: Candidate, facts: EpisodeFacts) -> list[float]:
    diagnosis = candidate.role is Role.DIAGNOSIS
    code, method = candidate.code, facts.read.episode.admission_method
    fits = diagnosis and bool(facts.specialty) and code.startswith(facts.specialty)
    statements = {(j.mention.document, j.mention.statement) for j in candidate.mentions}
    return [
        float(fits),
        float(diagnosis and facts.has_specialty and not fits),
        float(method == "emergency"),
        float(method == "daycase"),
        float(diagnosis and not facts.procedure_statements.isdisjoint(statements)),
        float(diagnosis and _earliest(candidate) == facts.first_definite),
    ]


def _number_follows(read: ReadEpisode, mention: Mention) -> bool:
    """An abbreviation before a number is a measurement: `RCC 4`; before a year or a day it is not."""
    short = mention.term.kind == TermKind.ABBREVIATION and mention.end - mention.start <= 5
    reading, following = read.readings[mention.document], mention.last + 1
    if not short or following >= reading.statement_words(mention.statement)[1]:
        return False
    number = reading.words[following]
    return number.isdecimal() and len(number) < 4 and not _is_day(reading, following)


def _is_day(reading: Reading, number: int) -> bool:
    """`12/03`, `23 Feb`."""
    if number + 1 >= len(reading.words):
        return False
    return reading.gap(number + 1)[:1] in {"/", "."} or reading.words[number + 1][:3] in _MONTHS


def _in_heading(read: ReadEpisode, mention: Mention) -> bool:
    reading = read.readings[mention.document]
    return reading.sections.is_heading(reading.starts[mention.first], reading.ends[mention.last])


def _flags(candidate: Candidate, facts: EpisodeFacts) -> Iterable[int]:
    for judged in candidate.mentions:
        yield _SECTION_PLACE[judged.mention.section]
    yield _KIND_PLACE[candidate.mention.term.kind]
    yield _ORIGIN_PLACE[candidate.origin]
    yield _DOCUMENT_PLACE[facts.read.episode.documents[candidate.mention.document].kind]
