"""The coder: an episode in, a prediction out."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from data.classifications import Classification
from data.episodes import Episode, NotCoded, NotCodedReason, Role
from data.language import SectionKind
from data.standards import StandardsEdition
from data.terms import LocalTerms
from models.beside import words_beside
from models.candidates import LEADING, Candidate, Origin, diagnosis_candidates, hint_candidates, left_out
from models.codes import code_table
from models.combinations import CombinationIndex, combine
from models.completing import Standing, complete_suggestions, facts_of, national_engine
from models.endoscopy import read_endoscopies_together
from models.external_causes import PlaceIndex, place_causes
from models.gate import Gate
from models.judged import EpisodeReader, Language, ReadEpisode
from models.leads import LeadIndex
from models.learned import Proposed, learned_candidates
from models.lexicon import NOTHING_LEARNED, Lexicon, LexiconReader
from models.mentions import CompiledTerm, TermTable
from models.operations import join_operations
from models.ordering import Ranked, order
from models.poisonings import PoisoningIndex, cause_poisonings
from models.prediction import ModelVersion, Prediction, StandardsVersion, SuggestedLine
from models.primary import PrimaryRanker, leading
from models.procedures import procedure_candidates
from models.ranking import EpisodeFacts, Ranker, candidate_features
from models.specificity import drop_explained
from models.standards import StandardsEngine
from models.tumour_sites import place_tumours

MOST_FURTHER_CANDIDATES = 30


class Coder(Protocol):
    @property
    def version(self) -> ModelVersion: ...
    @property
    def tables(self) -> Mapping[str, str]:
        """Edition of each classification."""
        ...

    def suggest(self, episode: Episode) -> Prediction: ...
    def with_local(self, local: LocalTerms) -> "Coder":
        """The same model with a provider's own terms and cues."""
        ...

    def with_standards(self, standards: StandardsEdition) -> "Coder":
        """The same model with a provider's own policy on top of the coding standards."""
        ...


@dataclass(frozen=True, slots=True)
class Proposals:
    """All candidates of an episode with their features, and what was left out."""

    candidates: tuple[Candidate, ...]
    not_coded: tuple[NotCoded, ...]
    facts: frozenset[str]
    """Of the patient."""


class LexiconCoder:
    """Finds terms, judges what is asserted, ranks. Immutable once made; threads may share it."""

    def __init__(
        self,
        version: ModelVersion,
        terms: Iterable[CompiledTerm],
        language: Language,
        ranker: Ranker,
        classifications: Mapping[Role, Classification],
        primary: PrimaryRanker | None = None,
    ) -> None:
        self.version = version
        self.tables: Mapping[str, str] = MappingProxyType(
            {table.name: table.edition for table in classifications.values()}
        )
        self._local_digest = ""
        self._codes = {role: code_table(table) for role, table in classifications.items()}
        names = {role: table.name for role, table in classifications.items()}
        self._standards = national_engine(names, self._codes)
        self._ranker = ranker
        self._primary = primary
        self._gate: Gate | None = None
        self._classifications = classifications
        self._lexicon: LexiconReader | None = None
        self._reader = EpisodeReader(TermTable.of(terms).of_roles(classifications), language)
        self._never_alone = {role: table.secondary for role, table in self._codes.items()}
        self._optional = {(one.role, one.code): one.note for one in language.optional}
        self._combinations = CombinationIndex(
            one for one in language.combinations if not one.becomes or self._knows(one.becomes)
        )
        self._specialties = language.specialties
        self._endoscopies = language.endoscopies
        self._operations = language.operations
        self._tumour_sites = language.tumour_sites
        self._places = PlaceIndex(language.places)
        self._poisonings = PoisoningIndex(language.poisonings, language.intents)
        self._leads = LeadIndex(language.leads)
        self._statuses = frozenset(status.status for status in language.statuses if status.status)

    def _knows(self, diagnosis: str) -> bool:
        table = self._codes.get(Role.DIAGNOSIS)
        return table is not None and table.valid_on(diagnosis, None)

    def with_ranker(self, ranker: Ranker, primary: PrimaryRanker | None = None) -> "LexiconCoder":
        """The same coder with another ranker; what reads the text is shared."""
        other = copy(self)
        other._ranker = ranker
        other._primary = primary
        return other

    def with_lexicon(self, lexicon: Lexicon) -> "LexiconCoder":
        """The same coder with another learned lexicon."""
        other = copy(self)
        other._lexicon = LexiconReader(lexicon, self._classifications) if lexicon else None
        return other

    def with_gate(self, gate: Gate | None) -> "LexiconCoder":
        """The same coder with a gate that says what could do without a person."""
        other = copy(self)
        other._gate = gate
        return other

    def with_local(self, local: LocalTerms) -> "LexiconCoder":
        """The same coder with a provider's own terms and cues; the rest is shared."""
        other = copy(self)
        other._reader = self._reader.with_local(local)
        other._local_digest = local.digest
        return other

    def with_standards(self, standards: StandardsEdition) -> "LexiconCoder":
        """The same coder with a provider's own policy; without effect where no standards apply."""
        other = copy(self)
        if self._standards is not None:
            other._standards = StandardsEngine(standards, self._codes)
        return other

    def candidates(self, episode: Episode) -> tuple[Candidate, ...]:
        """Every candidate with its features: what training fits the ranker on."""
        return self._propose(episode).candidates

    def suggest(self, episode: Episode) -> Prediction:
        """Codes with their evidence, and what the gate says of the whole."""
        prediction = self._suggest(episode)
        if self._gate is None:
            return prediction
        return replace(prediction, automation=self._gate.assess(episode, prediction))

    def _suggest(self, episode: Episode) -> Prediction:
        proposals = self._propose(episode)
        ranked = self._ranked(proposals.candidates)
        lines = [line for role in Role for line in self._lines(role, ranked[role])]
        further = [line for line in lines if not line.suggested]
        standing = self._by_standards(episode, proposals, lines)
        return Prediction(
            episode_id=episode.id,
            model=self.version,
            standards=self._standards.version if self._standards else StandardsVersion(),
            tables=self.tables,
            local_terms=self._local_digest,
            diagnoses=(*standing.of(Role.DIAGNOSIS), *_without(standing, Role.DIAGNOSIS, further)),
            procedures=(*standing.of(Role.PROCEDURE), *_without(standing, Role.PROCEDURE, further)),
            not_coded=(*proposals.not_coded, *standing.not_coded),
            findings=standing.findings,
        )

    def _by_standards(
        self, episode: Episode, proposals: Proposals, lines: Sequence[SuggestedLine]
    ) -> Standing:
        """The suggested lines as the standards complete and order them, where there are standards."""
        suggested = [line for line in lines if line.suggested]
        if self._standards is None:
            return Standing(tuple(suggested), (), ())
        further = [line for line in lines if not line.suggested]
        facts = facts_of(episode, proposals.candidates, proposals.facts)
        return complete_suggestions(self._standards, suggested, further, facts, self._codes)

    def _propose(self, episode: Episode) -> Proposals:
        read = self._reader.read(episode)
        diagnoses, explained = self._diagnoses(read)
        procedures = self._procedures(read)
        known, refused = self._allowed((*diagnoses, *procedures), read)
        coded = {role: frozenset(one.code for one in known if one.role is role) for role in Role}
        learned = self._lexicon.propose(read.readings) if self._lexicon else {}
        further, _ = self._allowed(learned_candidates(learned, coded, read), read)
        return Proposals(
            candidates=tuple(self._with_features(known, further, learned, read)),
            not_coded=(*left_out(read, coded, self._never_alone), *explained, *refused),
            facts=read.facts,
        )

    def _diagnoses(self, read: ReadEpisode) -> tuple[tuple[Candidate, ...], tuple[NotCoded, ...]]:
        table = self._codes.get(Role.DIAGNOSIS)
        if table is None:
            return (), ()
        found = diagnosis_candidates(read, self._reader.statuses)
        specific, explained = drop_explained(found, read, table, self._statuses)
        sited = place_tumours(specific, read, self._tumour_sites)
        combined, replaced = combine(sited, read, self._combinations)
        caused = cause_poisonings(combined, read, self._poisonings)
        placed = place_causes(caused, read, self._places)
        return (*placed, *hint_candidates(read, placed)), (*explained, *replaced)

    def _procedures(self, read: ReadEpisode) -> tuple[Candidate, ...]:
        table = self._codes.get(Role.PROCEDURE)
        if table is None:
            return ()
        found = procedure_candidates(read, table.secondary)
        joined = join_operations(found, read, self._operations)
        return read_endoscopies_together(joined, read, self._endoscopies)

    def _allowed(
        self, candidates: Iterable[Candidate], read: ReadEpisode
    ) -> tuple[list[Candidate], list[NotCoded]]:
        """A code that the edition lacks, or that is left to policy, is dropped, and said to be."""
        known: list[Candidate] = []
        refused: list[NotCoded] = []
        groups: set[int | None] = set()
        for one in candidates:
            refusal = self._refusal(one, read)
            if refusal is None:
                known.append(one)
                continue
            if one.origin in (Origin.MENTION, Origin.SITE):
                refused.append(refusal)
            if one.role is Role.PROCEDURE and one.code not in self._never_alone[one.role]:
                groups.add(one.group)
        return [one for one in known if one.role is Role.DIAGNOSIS or one.group not in groups], refused

    def _refusal(self, one: Candidate, read: ReadEpisode) -> NotCoded | None:
        table = self._codes[one.role]
        if not table.valid_on(one.code, read.episode.end):
            note = f"{one.code} is not in {table.label}"
            return NotCoded(one.evidence[0], NotCodedReason.NOT_IN_EDITION, note, one.code)
        optional = self._optional.get((one.role, one.code)) or self._optional.get((one.role, one.code[:3]))
        if optional is not None:
            return NotCoded(one.evidence[0], NotCodedReason.OPTIONAL_BY_POLICY, optional, one.code)
        return None

    def _with_features(
        self, known: Sequence[Candidate], further: Sequence[Candidate], learned: Proposed, read: ReadEpisode
    ) -> Iterable[Candidate]:
        """What is learned joins each candidate of its code; `further` are those that it alone proposes."""
        specialty = self._specialties.get(read.episode.treatment_function or "", ())
        facts = EpisodeFacts.of(read, known, self._codes, specialty, self._leads)
        for place, one in enumerate((*known, *further)):
            found = learned.get(one.role, {}).get(one.code)
            values = found.values if found else NOTHING_LEARNED
            may_lead = one.role is Role.DIAGNOSIS
            beside = words_beside(one.mentions, read.readings) if may_lead else frozenset[str]()
            yield one.with_features(tuple(candidate_features(one, place, facts, values)), beside)

    def _ranked(self, candidates: Sequence[Candidate]) -> dict[Role, list[Ranked]]:
        """The candidates of each role with their confidences, and how likely each diagnosis leads."""
        ranked: dict[Role, list[Ranked]] = {}
        for role in Role:
            of_role = [one for one in candidates if one.role is role]
            features = [one.features for one in of_role]
            confidences = self._ranker.confidences(role, features) if of_role else []
            ranked[role] = [Ranked(one, found) for one, found in zip(of_role, confidences, strict=True)]
        if self._primary is not None:
            diagnoses, procedures = ranked[Role.DIAGNOSIS], ranked[Role.PROCEDURE]
            chances = self._primary.chances(diagnoses, procedures)
            ranked[Role.DIAGNOSIS] = leading(diagnoses, chances)
        return ranked

    def _lines(self, role: Role, ranked: Sequence[Ranked]) -> tuple[SuggestedLine, ...]:
        if not ranked:
            return ()
        chosen, further = _choose(ranked, self._ranker.threshold(role))
        further.sort(key=lambda one: -one.confidence)
        return (
            *(self._line(one, suggested=True) for one in order(role, chosen)),
            *(self._line(one, suggested=False) for one in further[:MOST_FURTHER_CANDIDATES]),
        )

    def _line(self, one: Ranked, *, suggested: bool) -> SuggestedLine:
        candidate = one.candidate
        return SuggestedLine(
            role=candidate.role,
            code=candidate.code,
            title=self._codes[candidate.role].title(candidate.code),
            confidence=one.confidence,
            suggested=suggested,
            evidence=candidate.evidence,
            reason=_reason(candidate),
            group=candidate.group,
        )


def _without(standing: Standing, role: Role, further: Iterable[SuggestedLine]) -> Iterable[SuggestedLine]:
    """Further candidates, but for diagnoses that a rule has put into the coding."""
    taken = {line.code for line in standing.of(role)} if role is Role.DIAGNOSIS else set[str]()
    return (line for line in further if line.role is role and line.code not in taken)


def _choose(ranked: Sequence[Ranked], threshold: float) -> tuple[list[Ranked], list[Ranked]]:
    """Those to put before the coder, and the others; what accompanies a procedure needs its procedure."""
    confident = [one for one in ranked if one.confidence >= threshold]
    led = {one.candidate.group for one in confident if one.candidate.origin in LEADING}
    chosen: list[Ranked] = []
    further: list[Ranked] = []
    for one in ranked:
        belongs = one.candidate.group is None or one.candidate.group in led
        belongs = belongs and one.candidate.origin is not Origin.HINT
        (chosen if belongs and one.confidence >= threshold else further).append(one)
    return chosen, further


_SECTION_NAMES = {kind: kind.replace("_", " ").capitalize() for kind in SectionKind}


def _reason(candidate: Candidate) -> str:
    """What a coder is told: `'T2DM' in Past history`."""
    mention = candidate.mention
    quote = candidate.evidence[0].text
    if candidate.origin is Origin.COMPANION:
        return f"goes with {mention.term.code}: '{quote}'"
    if candidate.origin in {Origin.SIDE, Origin.SITE}:
        return f"'{quote}' beside the procedure"
    if candidate.origin is Origin.HINT:
        return f"'{quote}' is often given for it: look for the diagnosis"
    if candidate.origin is Origin.LEARNED:
        return f"'{quote}' has been coded so, or reads like it"
    words = [f"'{quote}'"]
    if mention.section is not SectionKind.OTHER:
        words.append(f"in {_SECTION_NAMES[mention.section]}")
    if candidate.origin is Origin.STATUS:
        words.append(f"({candidate.mentions[0].judgement.assertion.value.replace('_', ' ')})")
    elif candidate.probable:
        words.append(f"({candidate.mentions[0].judgement.because})")
    return " ".join(words)
