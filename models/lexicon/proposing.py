"""What a lexicon says of an episode: codes that its words may mean, each with where and with how much.

No number names a code, so that what a ranker learns of one holds for all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log, log1p

from data.classifications import Classification
from data.episodes import Role
from models.lexicon.descriptions import Descriptions, Meaning, index_descriptions
from models.lexicon.lexicon import Lexicon, Phrase, RoleLexicon
from models.lexicon.matching import Hit, PhraseMatcher
from models.lexicon.words import Statement, statements_of
from models.text import Reading

LEARNED_FEATURES: tuple[str, ...] = (
    "known", "hits", "position", "prior", "category_prior", "others", "same_category", "category_behind",
    "leaf", "code_length",
    "tight_share", "tight_held", "tight_both", "tight_words", "tight_letters", "tight_longest",
    "longest_share", "longest_held", "longest_both", "tight_count",
    "loose_share", "loose_held", "loose_gap", "loose_words", "loose_longest",
    "part_coverage", "part_share", "part_gap", "part_words", "part_held", "part_longest",
    "meaning_score", "meaning_title", "meaning_phrase", "meaning_rank", "meaning_behind", "meaning_telling",
    "meaning_least_telling", "meaning_before", "meaning_after", "meaning_gap_before", "meaning_gap_after",
    "meaning_words", "meaning_count", "meaning_conflict", "meaning_worth",
)  # fmt: skip
"""In the order of `Proposal.features`."""
_PLACE = {name: place for place, name in enumerate(LEARNED_FEATURES)}
_KNOWN = _PLACE["known"]
_HITS, _POSITION = _PLACE["hits"], _PLACE["position"]
_PRIORS = slice(_PLACE["prior"], _PLACE["others"])
_OTHERS = slice(_PLACE["others"], _PLACE["leaf"])
_LEAF = slice(_PLACE["leaf"], _PLACE["tight_share"])
_TIGHT = slice(_PLACE["tight_share"], _PLACE["tight_count"])
"""Features that are set together, side by side."""
_TIGHT_COUNT = _PLACE["tight_count"]
_OfCode = tuple[float, tuple[float, float], tuple[float, float]]
NOTHING_LEARNED = (0.0,) * len(LEARNED_FEATURES)
_MOST_SPANS = 3
_TELLING_END, _TELLING_INSIDE = 0.2, 0.12
"""How telling the first and last word of a possible mention is at least, and the words between."""
_MOST_WORDS, _WIDEST = 5, 8
_NO_WORD = 9.0
_MOST_DESCRIBED = 80
"""Codes of an episode that only descriptions speak for."""


@dataclass(slots=True)
class Proposal:
    """A code that the words of an episode may mean."""

    code: str
    values: list[float] = field(default_factory=lambda: list(NOTHING_LEARNED))
    spans: list[tuple[float, tuple[int, int, int]]] = field(default_factory=list)
    """How much each span of words speaks for it: document, first and last word."""

    def best_spans(self) -> tuple[tuple[int, int, int], ...]:
        """The most telling first, each once."""
        ordered = sorted(self.spans, key=lambda pair: (-pair[0], pair[1]))
        return tuple(dict.fromkeys(span for _, span in ordered))[:_MOST_SPANS]

    def set(self, **values: float) -> None:
        for name, value in values.items():
            self.values[_PLACE[name]] = float(value)

    def get(self, name: str) -> float:
        return self.values[_PLACE[name]]


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
        statements: dict[frozenset[str], list[tuple[Statement, ...]]] = {}
        for reader in self._roles.values():
            if reader.stops not in statements:
                statements[reader.stops] = [statements_of(reading, reader.stops) for reading in readings]
        return {
            role: reader.propose(readings, statements[reader.stops]) for role, reader in self._roles.items()
        }


class _RoleReader:
    def __init__(self, lexicon: RoleLexicon, role: Role, table: Classification) -> None:
        self._lexicon = lexicon
        self.stops = lexicon.stops
        self._matcher = PhraseMatcher(lexicon)
        index = index_descriptions(role, table, lexicon.given) if lexicon.wide else None
        self._descriptions = Descriptions(index, lexicon.translations) if index else None
        self._parents = index.parents if index else frozenset[str]()
        self._telling: dict[str, float] = {}
        self._common: dict[str, _OfCode] = {}

    def propose(
        self, readings: Sequence[Reading], statements_of_all: Sequence[Sequence[Statement]]
    ) -> dict[str, Proposal]:
        """
        Args:
            readings: the documents of an episode.
            statements_of_all: those of each document, without the words that carry no meaning (`stops`).
        """
        proposals: dict[str, Proposal] = {}
        words = max(sum(len(reading.words) for reading in readings), 1)
        before = 0
        for document, (reading, statements) in enumerate(zip(readings, statements_of_all, strict=True)):
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
        return kept

    def _add_hit(self, proposals: dict[str, Proposal], hit: Hit, document: int, position: float) -> None:
        phrase = self._lexicon.phrases[hit.phrase]
        for code in phrase.codes:
            proposal = _proposal(proposals, code)
            _count_hit(proposal, position)
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
        others = log1p(len(proposals))
        for code, proposal in proposals.items():
            values, category = proposal.values, code[:3]
            values[_KNOWN], values[_PRIORS], values[_LEAF] = self._of_code(code)
            values[_OTHERS] = (
                others,
                float(alike[category]),
                surest[category] - proposal.get("tight_share"),
            )

    def _of_code(self, code: str) -> _OfCode:
        """What holds of a code whatever the text."""
        found = self._common.get(code)
        if found is None:
            lexicon = self._lexicon
            prior = log((lexicon.given.get(code, 0) + 0.1) / (lexicon.documents + 1))
            category = log((lexicon.categories.get(code[:3], 0) + 0.3) / (lexicon.documents + 1))
            leaf = (float(code not in self._parents), float(len(code)))
            found = self._common[code] = (float(code in lexicon.given), (prior, category), leaf)
        return found


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
    values = proposal.values
    hits = values[_HITS]
    values[_HITS] = hits + 1
    values[_POSITION] = min(position, values[_POSITION]) if hits else position


def _tight(proposal: Proposal, hit: Hit, phrase: Phrase) -> float:
    share = phrase.tight.share(proposal.code)
    proposal.values[_TIGHT_COUNT] += 1
    if (hit.longest, share) > (proposal.get("tight_longest") > 0, proposal.get("tight_share")):
        longest = phrase.longest
        proposal.values[_TIGHT] = (
            share,
            log1p(phrase.tight.held),
            float(phrase.tight.both.get(proposal.code, 0)),
            float(hit.words),
            float(sum(map(len, phrase.words))),
            float(hit.longest),
            longest.share(proposal.code) if hit.longest else 0.0,
            log1p(longest.held),
            float(longest.both.get(proposal.code, 0)),
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
