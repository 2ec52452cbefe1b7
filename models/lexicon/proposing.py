"""What a lexicon says of an episode: codes that its words may mean, each with where and with how much.

No number names a code, so that what a ranker learns of one holds for all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, log1p

from data.classifications import Classification
from data.episodes import Role
from models.lexicon.competing import compete
from models.lexicon.descriptions import Descriptions, Meaning, index_descriptions
from models.lexicon.lexicon import Lexicon, Phrase, RoleLexicon
from models.lexicon.matching import Hit, PhraseMatcher
from models.lexicon.proposal import Proposal
from models.lexicon.words import Statement, statements_of, stems
from models.text import Reading

_TELLING_END, _TELLING_INSIDE = 0.2, 0.12
"""How telling the first and last word of a possible mention is at least, and the words between."""
_MOST_WORDS, _WIDEST = 5, 8
_NO_WORD = 9.0
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


class _RoleReader:
    def __init__(self, lexicon: RoleLexicon, role: Role, table: Classification) -> None:
        self._lexicon = lexicon
        self._matcher = PhraseMatcher(lexicon)
        index = index_descriptions(role, table, lexicon.given) if lexicon.wide else None
        self._descriptions = Descriptions(index, lexicon.translations) if index else None
        self._parents = index.parents if index else frozenset[str]()
        self._telling: dict[str, float] = {}

    def propose(self, readings: Sequence[Reading], stemmed: Sequence[Sequence[str]]) -> dict[str, Proposal]:
        proposals: dict[str, Proposal] = {}
        words = max(sum(len(reading.words) for reading in readings), 1)
        before = 0
        for document, reading in enumerate(readings):
            statements = statements_of(reading, self._lexicon.stops, stemmed[document])
            hits = self._matcher.find(statements)
            for hit in hits:
                self._add_hit(proposals, hit, document, (before + hit.first) / words)
            if self._descriptions is not None:
                self._add_meanings(
                    proposals, statements, _explained(hits, self._lexicon), document, before, words
                )
            before += len(reading.words)
        kept = _likeliest(proposals)
        self._add_common(kept)
        if self._lexicon.wide:
            compete(kept)
        return kept

    def _add_hit(self, proposals: dict[str, Proposal], hit: Hit, document: int, position: float) -> None:
        phrase = self._lexicon.phrases[hit.phrase]
        for code in phrase.codes:
            proposal = _proposal(proposals, code)
            _count_hit(proposal, position)
            if self._lexicon.wide:
                _add_vote(proposal, hit, phrase)
            if hit.tight:
                worth = _tight(proposal, hit, phrase)
            elif hit.whole:
                worth = _loose(proposal, hit, phrase)
            else:
                worth = _partial(proposal, hit, phrase)
            proposal.spans.append((worth, (document, hit.first, hit.last)))

    def _add_meanings(
        self,
        proposals: dict[str, Proposal],
        statements: Iterable[Statement],
        explained: Mapping[int, float],
        document: int,
        before: int,
        words: int,
    ) -> None:
        assert self._descriptions is not None  # noqa: S101 -- asked only where there are any
        for words_of, possible in self._possible_mentions(statements).items():
            conflict = max(explained.get(word, 0.0) for word in range(possible.first, possible.last + 1))
            for meaning in self._descriptions.meanings(words_of):
                proposal = _proposal(proposals, meaning.code)
                if not proposal.get("hits"):
                    proposal.set(position=(before + possible.first) / words)
                worth = _meaning(proposal, meaning, possible, conflict)
                proposal.spans.append((0.5 * worth, (document, possible.first, possible.last)))

    def _possible_mentions(self, statements: Iterable[Statement]) -> dict[tuple[str, ...], "_Possible"]:
        """Runs of words that begin and end with telling ones, by their words."""
        found: dict[tuple[str, ...], _Possible] = {}
        for statement in statements:
            for words, possible in self._runs(statement):
                if words not in found or found[words].telling < possible.telling:
                    found[words] = possible
        return found

    def _runs(self, statement: Statement) -> Iterator[tuple[tuple[str, ...], "_Possible"]]:
        places, telling = statement.places, [self._how_telling(word) for word in statement.words]
        for start, first in enumerate(places):
            if telling[start] < _TELLING_END or len(statement.words[start]) < 2:
                continue
            for stop in range(start, min(start + _MOST_WORDS, len(places))):
                if places[stop] - first > _WIDEST or telling[stop] < _TELLING_INSIDE:
                    break
                if telling[stop] >= _TELLING_END:
                    words = tuple(sorted(set(statement.words[start : stop + 1])))
                    yield words, _Possible.of(places, telling, start, stop)

    def _how_telling(self, word: str) -> float:
        known = self._telling.get(word)
        if known is None:
            known = self._lexicon.telling(word)
            if len(self._telling) < 100_000:
                self._telling[word] = known
        return known

    def _add_common(self, proposals: Mapping[str, Proposal]) -> None:
        alike = Counter(code[:3] for code in proposals)
        surest: dict[str, float] = {}
        for code, proposal in proposals.items():
            surest[code[:3]] = max(surest.get(code[:3], 0.0), proposal.get("tight_share"))
        for code, proposal in proposals.items():
            proposal.set(
                known=code in self._lexicon.given,
                prior=log((self._lexicon.given.get(code, 0) + 0.1) / (self._lexicon.documents + 1)),
                category_prior=log(
                    (self._lexicon.categories.get(code[:3], 0) + 0.3) / (self._lexicon.documents + 1)
                ),
                others=log1p(len(proposals)),
                same_category=alike[code[:3]],
                category_behind=surest[code[:3]] - proposal.get("tight_share"),
                leaf=code not in self._parents,
                code_length=len(code),
            )


@dataclass(frozen=True, slots=True)
class _Possible:
    """Words that look like a mention, by how often each stood inside evidence."""

    first: int
    last: int
    words: int
    telling: float
    """On average."""
    least: float
    before: float
    """How telling the neighbours are: a mention that goes on means something else."""
    after: float
    gap_before: float
    gap_after: float

    @classmethod
    def of(cls, places: Sequence[int], telling: Sequence[float], start: int, stop: int) -> "_Possible":
        inside = telling[start : stop + 1]
        follows = stop + 1 < len(places)
        return cls(
            first=places[start],
            last=places[stop],
            words=stop + 1 - start,
            telling=sum(inside) / len(inside),
            least=min(inside),
            before=telling[start - 1] if start else 0.0,
            after=telling[stop + 1] if follows else 0.0,
            gap_before=places[start] - places[start - 1] - 1 if start else _NO_WORD,
            gap_after=places[stop + 1] - places[stop] - 1 if follows else _NO_WORD,
        )


def _proposal(proposals: dict[str, Proposal], code: str) -> Proposal:
    found = proposals.get(code)
    if found is None:
        found = proposals[code] = Proposal(code)
    return found


def _count_hit(proposal: Proposal, position: float) -> None:
    hits = proposal.get("hits")
    proposal.set(hits=hits + 1, position=min(position, proposal.get("position")) if hits else position)


def _add_vote(proposal: Proposal, hit: Hit, phrase: Phrase) -> None:
    """Several phrases that say the same, each in part, say more than the best of them."""
    nearness = 1.0 if hit.tight else 0.7 if hit.whole else 0.5 * hit.coverage**2
    proposal.set(votes=proposal.get("votes") + nearness * phrase.tight.share(proposal.code))


def _tight(proposal: Proposal, hit: Hit, phrase: Phrase) -> float:
    share = phrase.tight.share(proposal.code)
    proposal.set(tight_count=proposal.get("tight_count") + 1)
    if (hit.longest, share) > (proposal.get("tight_longest") > 0, proposal.get("tight_share")):
        proposal.set(
            tight_share=share,
            tight_held=log1p(phrase.tight.held),
            tight_both=phrase.tight.both.get(proposal.code, 0),
            tight_words=hit.words,
            tight_letters=sum(map(len, phrase.words)),
            tight_longest=hit.longest,
            longest_share=phrase.longest.share(proposal.code) if hit.longest else 0.0,
            longest_held=log1p(phrase.longest.held),
            longest_both=phrase.longest.both.get(proposal.code, 0),
        )
    return share + hit.longest + 0.1 * hit.words


def _loose(proposal: Proposal, hit: Hit, phrase: Phrase) -> float:
    share = phrase.loose.share(proposal.code)
    if (hit.longest, share) > (proposal.get("loose_longest") > 0, proposal.get("loose_share")):
        proposal.set(
            loose_share=share,
            loose_held=log1p(phrase.loose.held),
            loose_gap=hit.gap,
            loose_words=hit.words,
            loose_longest=hit.longest,
        )
    return 0.7 * (share + hit.longest)


def _partial(proposal: Proposal, hit: Hit, phrase: Phrase) -> float:
    share = phrase.tight.share(proposal.code)
    best = proposal.get("part_coverage") * proposal.get("part_share") * (1 + proposal.get("part_longest"))
    worth = hit.coverage * share * (1 + hit.longest)
    if worth > best:
        proposal.set(
            part_coverage=hit.coverage,
            part_share=share,
            part_gap=hit.gap,
            part_words=hit.words,
            part_held=log1p(phrase.tight.held),
            part_longest=hit.longest,
        )
    return 0.5 * worth


def _meaning(proposal: Proposal, meaning: Meaning, possible: _Possible, conflict: float) -> float:
    proposal.set(meaning_count=proposal.get("meaning_count") + 1)
    worth = meaning.score * (0.3 + possible.telling) * (0.3 + meaning.phrase_share)
    if worth > proposal.get("meaning_worth"):
        proposal.set(
            meaning_score=meaning.score,
            meaning_title=meaning.title_share,
            meaning_phrase=meaning.phrase_share,
            meaning_rank=meaning.rank,
            meaning_behind=meaning.behind,
            meaning_telling=possible.telling,
            meaning_least_telling=possible.least,
            meaning_before=possible.before,
            meaning_after=possible.after,
            meaning_gap_before=possible.gap_before,
            meaning_gap_after=possible.gap_after,
            meaning_words=possible.words,
            meaning_conflict=conflict,
            meaning_worth=worth,
        )
    return worth


def _likeliest(proposals: dict[str, Proposal]) -> dict[str, Proposal]:
    """All that phrases propose, and of what only descriptions do, the likeliest."""
    described = [one for one in proposals.values() if not one.get("hits")]
    if len(described) <= _MOST_DESCRIBED:
        return proposals
    described.sort(key=lambda one: (-one.get("meaning_worth"), one.code))
    dropped = {one.code for one in described[_MOST_DESCRIBED:]}
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
