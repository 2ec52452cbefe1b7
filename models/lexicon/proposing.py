"""What a lexicon says of an episode: codes that its words may mean, each with where and with how much.

No number names a code, so that what a ranker learns of one holds for all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, log1p

from data.classifications import Classification
from data.episodes import Role
from models.lexicon import weighing
from models.lexicon.competing import compete
from models.lexicon.descriptions import Descriptions, index_descriptions
from models.lexicon.lexicon import Lexicon, RoleLexicon
from models.lexicon.matching import Hit, PhraseMatcher
from models.lexicon.order import strengths_by_hand
from models.lexicon.proposal import Proposal
from models.lexicon.titles import TitleMatcher
from models.lexicon.weighing import Possible
from models.lexicon.words import Statement, statements_of, stems
from models.text import Reading

_TELLING_END, _TELLING_INSIDE = 0.2, 0.12
"""How telling the first and last word of a possible mention is at least, and the words between."""
_MOST_WORDS, _WIDEST = 5, 8
_MOST_DESCRIBED = 80
"""Codes of an episode that only descriptions speak for."""


class LexiconReader:
    """Immutable once made; threads may share it."""

    def __init__(self, lexicon: Lexicon, classifications: Mapping[Role, Classification]) -> None:
        self.lexicon = lexicon
        self._roles = {
            role: _RoleReader(found, role, classifications[role])
            for role, found in lexicon.roles.items()
            if role in classifications and found.phrases
        }

    def propose(self, readings: Sequence[Reading]) -> dict[Role, dict[str, Proposal]]:
        words = [stems(reading.words) for reading in readings]
        return {role: reader.propose(readings, words) for role, reader in self._roles.items()}

    def everything(self, role: Role, readings: Sequence[Reading]) -> dict[str, Proposal]:
        """All that the words may mean, before the likeliest are chosen: what the order is learned from."""
        reader = self._roles.get(role)
        return reader.everything(readings, [stems(one.words) for one in readings]) if reader else {}


class _RoleReader:
    def __init__(self, lexicon: RoleLexicon, role: Role, table: Classification) -> None:
        self._lexicon = lexicon
        self._matcher = PhraseMatcher(lexicon)
        index = index_descriptions(role, table, lexicon.given) if lexicon.wide else None
        self._descriptions = Descriptions(index, lexicon.translations) if index else None
        self._titles = TitleMatcher(index, self._descriptions) if index and self._descriptions else None
        self._parents = index.parents if index else frozenset[str]()
        self._telling: dict[str, float] = {}

    def propose(self, readings: Sequence[Reading], stemmed: Sequence[Sequence[str]]) -> dict[str, Proposal]:
        proposals = self.everything(readings, stemmed)
        order = self._lexicon.order
        if order is None:
            kept = _likeliest(proposals, {code: one.get("meaning_worth") for code, one in proposals.items()})
            strengths = strengths_by_hand(kept)
        else:
            strengths = order.likelihoods(proposals)
            kept = _likeliest(proposals, strengths)
        self._add_common(kept)
        if self._lexicon.wide:
            compete(kept, strengths)
        return kept

    def everything(
        self, readings: Sequence[Reading], stemmed: Sequence[Sequence[str]]
    ) -> dict[str, Proposal]:
        """All that the words may mean, with what is known of each code by itself."""
        proposals: dict[str, Proposal] = {}
        words = max(sum(len(reading.words) for reading in readings), 1)
        before = 0
        for document, reading in enumerate(readings):
            statements = statements_of(reading, self._lexicon.stops, stemmed[document])
            place = _Place(document, before, words)
            hits = self._matcher.find(statements)
            for hit in hits:
                self._add_hit(proposals, hit, document, (before + hit.first) / words)
            if self._descriptions is not None:
                explained = _explained(hits, self._lexicon)
                self._add_meanings(proposals, statements, explained, place)
                if self._lexicon.order is not None:
                    self._add_titles(proposals, statements, explained, place)
            before += len(reading.words)
        self._add_known(proposals)
        return proposals

    def _add_hit(self, proposals: dict[str, Proposal], hit: Hit, document: int, position: float) -> None:
        phrase = self._lexicon.phrases[hit.phrase]
        for code in phrase.codes:
            proposal = _proposal(proposals, code)
            weighing.count_hit(proposal, position)
            if self._lexicon.wide:
                weighing.add_vote(proposal, hit, phrase)
            if hit.tight:
                worth = weighing.tight(proposal, hit, phrase)
            elif hit.whole:
                worth = weighing.loose(proposal, hit, phrase)
            else:
                worth = weighing.partial(proposal, hit, phrase)
            proposal.spans.append((worth, (document, hit.first, hit.last)))

    def _add_meanings(
        self,
        proposals: dict[str, Proposal],
        statements: Iterable[Statement],
        explained: Mapping[int, float],
        place: "_Place",
    ) -> None:
        assert self._descriptions is not None  # noqa: S101 -- asked only where there are any
        for words_of, possible in self._possible_mentions(statements).items():
            conflict = _conflict(explained, possible.first, possible.last)
            for meaning in self._descriptions.meanings(words_of):
                proposal = _proposal(proposals, meaning.code)
                if not proposal.get("hits"):
                    proposal.set(position=place.share(possible.first))
                worth = weighing.meaning(proposal, meaning, possible, conflict)
                proposal.spans.append((0.5 * worth, (place.document, possible.first, possible.last)))

    def _add_titles(
        self,
        proposals: dict[str, Proposal],
        statements: Iterable[Statement],
        explained: Mapping[int, float],
        place: "_Place",
    ) -> None:
        assert self._titles is not None  # noqa: S101 -- asked only where there are any
        for statement in statements:
            for covered in self._titles.find(statement):
                proposal = _proposal(proposals, covered.code)
                first, last = statement.places[covered.places[0]], statement.places[covered.places[-1]]
                if not proposal.get("hits") and not proposal.get("meaning_count"):
                    proposal.set(position=place.share(first))
                telling = [self._how_telling(statement.words[place]) for place in covered.places]
                conflict = _conflict(explained, first, last)
                worth = weighing.title(proposal, covered, telling, last - first + 1 - len(telling), conflict)
                proposal.spans.append((0.4 * worth, (place.document, first, last)))

    def _possible_mentions(self, statements: Iterable[Statement]) -> dict[tuple[str, ...], Possible]:
        """Runs of words that begin and end with telling ones, by their words."""
        found: dict[tuple[str, ...], Possible] = {}
        for statement in statements:
            for words, possible in self._runs(statement):
                if words not in found or found[words].telling < possible.telling:
                    found[words] = possible
        return found

    def _runs(self, statement: Statement) -> Iterator[tuple[tuple[str, ...], Possible]]:
        places, telling = statement.places, [self._how_telling(word) for word in statement.words]
        for start, first in enumerate(places):
            if telling[start] < _TELLING_END or len(statement.words[start]) < 2:
                continue
            for stop in range(start, min(start + _MOST_WORDS, len(places))):
                if places[stop] - first > _WIDEST or telling[stop] < _TELLING_INSIDE:
                    break
                if telling[stop] >= _TELLING_END:
                    words = tuple(sorted(set(statement.words[start : stop + 1])))
                    yield words, Possible.of(places, telling, start, stop)

    def _how_telling(self, word: str) -> float:
        known = self._telling.get(word)
        if known is None:
            known = self._lexicon.telling(word)
            if len(self._telling) < 100_000:
                self._telling[word] = known
        return known

    def _add_known(self, proposals: Mapping[str, Proposal]) -> None:
        given, categories = self._lexicon.given, self._lexicon.categories
        documents = self._lexicon.documents + 1
        for code, proposal in proposals.items():
            proposal.set_from("known", float(code in given))
            prior = log((given.get(code, 0) + 0.1) / documents)
            category_prior = log((categories.get(code[:3], 0) + 0.3) / documents)
            proposal.set_from("prior", prior, category_prior)
            proposal.set_from("leaf", float(code not in self._parents), float(len(code)))

    def _add_common(self, proposals: Mapping[str, Proposal]) -> None:
        alike = Counter(code[:3] for code in proposals)
        surest: dict[str, float] = {}
        for code, proposal in proposals.items():
            surest[code[:3]] = max(surest.get(code[:3], 0.0), proposal.get("tight_share"))
        for code, proposal in proposals.items():
            proposal.set(
                others=log1p(len(proposals)),
                same_category=alike[code[:3]],
                category_behind=surest[code[:3]] - proposal.get("tight_share"),
            )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a document stands in its episode."""

    document: int
    before: int
    """Words of the documents before it."""
    words: int
    """Of the episode."""

    def share(self, word: int) -> float:
        return (self.before + word) / self.words


def _proposal(proposals: dict[str, Proposal], code: str) -> Proposal:
    found = proposals.get(code)
    if found is None:
        found = proposals[code] = Proposal(code)
    return found


def _likeliest(proposals: dict[str, Proposal], worth: Mapping[str, float]) -> dict[str, Proposal]:
    """All that phrases propose, and of what only descriptions do, the likeliest."""
    described = [one.code for one in proposals.values() if not one.get("hits")]
    if len(described) <= _MOST_DESCRIBED:
        return proposals
    described.sort(key=lambda code: (-worth[code], code))
    dropped = set(described[_MOST_DESCRIBED:])
    return {code: one for code, one in proposals.items() if code not in dropped}


def _explained(hits: Iterable[Hit], lexicon: RoleLexicon) -> dict[int, float]:
    """Words inside a known phrase, with how sure its surest code is."""
    explained: dict[int, float] = {}
    for hit in hits:
        if hit.tight and hit.longest:
            reach = lexicon.phrases[hit.phrase].tight
            surest = max(reach.share(code, 0.1, 0.5) for code in lexicon.phrases[hit.phrase].codes)
            for word in range(hit.first, hit.last + 1):
                explained[word] = max(surest, explained.get(word, 0.0))
    return explained


def _conflict(explained: Mapping[int, float], first: int, last: int) -> float:
    """How well the best known phrase explains a word of the place already."""
    return max(explained.get(word, 0.0) for word in range(first, last + 1))
