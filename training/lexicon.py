"""Learns the mention lexicon: from spans that justify codes, or from the codes of whole documents alone.

Counts come from the same matching that serves, so a share learned here means there what it says. What a
training document is told must come from a lexicon that has not seen its patient (`cross_fitted`), or the
ranker learns to trust the lexicon more than it will deserve.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from data.classifications import Classification
from data.episodes import Role
from models.lexicon import Lexicon, Phrase, Reach, RoleLexicon
from models.lexicon.descriptions import Cognates, DescriptionIndex, index_descriptions
from models.lexicon.lexicon import ENDINGS
from models.lexicon.matching import PhraseMatcher
from models.lexicon.words import bag, statements_of
from training.config import LexiconConfig
from training.taught import Taught
from training.weak import find_evidence

Tables = Mapping[Role, Classification]
_STOP_SHARE, _STOP_LETTERS = 0.3, 3
"""A short word that so many documents hold carries no meaning."""
_MOST_WORDS = 8
"""Of a phrase; longer evidence is a passage in which the phrase is still to be found."""
_ROUNDS = 6
_NO_WORD = 0.1
_COGNATE_WEIGHT = 3.0
_LEAST_TRANSLATION = 0.01


def learn_lexicon(
    taught: Sequence[Mapping[Role, Taught]], tables: Tables, config: LexiconConfig, wide: Mapping[Role, bool]
) -> Lexicon:
    """`wide`: whether to look beyond the phrases as they were seen, for each role."""
    return Lexicon(
        {
            role: learn_role([episode[role] for episode in taught], role, table, config, wide[role])
            for role, table in tables.items()
        }
    )


def learn_role(
    taught: Sequence[Taught], role: Role, table: Classification, config: LexiconConfig, wide: bool
) -> RoleLexicon:
    stops = _stops(taught)
    given = Counter(code for episode in taught for code in episode.codes)
    described = index_descriptions(role, table, given) if wide or config.weak else None
    supported = _supported(taught, stops, described, config)
    codes_of: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for episode in supported:
        for support in episode.supports:
            words = bag(episode.words(support), stops)
            if 0 < len(words) <= _MOST_WORDS:
                codes_of[words].add(support.code)
    stood, inside = _word_counts(supported)
    start = RoleLexicon(
        documents=len(taught),
        phrases=tuple(_uncounted(words, codes_of[words]) for words in sorted(codes_of)),
        given=dict(sorted(given.items())),
        stops=stops,
        words={word: (stood[word], inside[word]) for word in sorted(stood)},
        endings=_ending_counts(stood, inside),
        translations=_translations(supported, stops, described) if wide and described else {},
        wide=wide,
    )
    return _counted(start, taught)


def _stops(taught: Sequence[Taught]) -> frozenset[str]:
    held = Counter(word for episode in taught for word in {w for words in episode.stems for w in words})
    return frozenset(
        word
        for word, count in held.items()
        if len(word) <= _STOP_LETTERS and not word.isdecimal() and count > _STOP_SHARE * len(taught)
    )


def _supported(
    taught: Sequence[Taught],
    stops: frozenset[str],
    described: DescriptionIndex | None,
    config: LexiconConfig,
) -> list[Taught]:
    """The episodes with the evidence that the settings allow, and what is made up for the rest."""
    plain = [episode if config.evidence else _unsupported(episode) for episode in taught]
    return find_evidence(plain, stops, described) if config.weak and described else plain


def _unsupported(episode: Taught) -> Taught:
    return Taught(episode.readings, episode.stems, episode.codes, ())


def _uncounted(words: tuple[str, ...], codes: Iterable[str]) -> Phrase:
    nothing = Reach(0, {})
    return Phrase(words, tuple(sorted(codes)), nothing, nothing, nothing)


def _word_counts(taught: Iterable[Taught]) -> tuple[Counter[str], Counter[str]]:
    stood: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for episode in taught:
        for words in episode.stems:
            stood.update(words)
        held = {(s.document, place) for s in episode.supports for place in s.places}
        inside.update(episode.stems[document][place] for document, place in held)
    return stood, inside


def _ending_counts(stood: Counter[str], inside: Counter[str]) -> dict[str, tuple[int, int]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for word, count in stood.items():
        for length in ENDINGS:
            if len(word) > length:
                counts[word[-length:]][0] += count
                counts[word[-length:]][1] += inside[word]
    return {ending: (found[0], found[1]) for ending, found in sorted(counts.items())}


def _counted(lexicon: RoleLexicon, taught: Sequence[Taught]) -> RoleLexicon:
    """The lexicon with what its phrases reach in the documents that it was learned from."""
    matcher = PhraseMatcher(lexicon)
    held: tuple[Counter[int], ...] = (Counter(), Counter(), Counter())
    both: tuple[Counter[tuple[int, str]], ...] = (Counter(), Counter(), Counter())
    for episode in taught:
        for place, found in enumerate(_found(matcher, lexicon, episode)):
            held[place].update(found)
            both[place].update(
                (phrase, code)
                for phrase in found
                for code in lexicon.phrases[phrase].codes
                if code in episode.codes
            )

    def reach(kind: int, phrase: int) -> Reach:
        codes = lexicon.phrases[phrase].codes
        return Reach(held[kind][phrase], {code: both[kind][phrase, code] for code in codes})

    phrases = tuple(
        Phrase(phrase.words, phrase.codes, reach(0, place), reach(1, place), reach(2, place))
        for place, phrase in enumerate(lexicon.phrases)
    )
    return RoleLexicon(
        lexicon.documents, phrases, lexicon.given, lexicon.stops, lexicon.words, lexicon.endings,
        lexicon.translations, lexicon.wide,
    )  # fmt: skip


def _found(
    matcher: PhraseMatcher, lexicon: RoleLexicon, episode: Taught
) -> tuple[set[int], set[int], set[int]]:
    """Phrases that an episode holds side by side, outside longer ones, and only with gaps."""
    tight: set[int] = set()
    longest: set[int] = set()
    loose: set[int] = set()
    for reading in episode.readings:
        for hit in matcher.find(statements_of(reading, lexicon.stops), similar=False):
            (tight if hit.tight else loose).add(hit.phrase)
            if hit.tight and hit.longest:
                longest.add(hit.phrase)
    return tight, longest, loose - tight


def _translations(
    taught: Sequence[Taught], stops: frozenset[str], described: DescriptionIndex
) -> dict[str, dict[str, float]]:
    """How words of evidence stand for words of titles: expectation maximisation over pairs (IBM model 1)."""
    titles = described.titles
    pairs = sorted(
        {
            (bag(episode.words(support), stops), tuple(sorted(titles[support.code])))
            for episode in taught
            for support in episode.supports
            if support.code in titles and len(support.places) <= 2 * _MOST_WORDS
        }
    )
    table = _first_guess(pairs, described.cognates)
    for _ in range(_ROUNDS):
        table = _better(table, pairs)
    return {
        word: {other: round(weight, 4) for other, weight in sorted(found.items())}
        for word, found in sorted(table.items())
        if found
    }


_Pairs = Sequence[tuple[tuple[str, ...], tuple[str, ...]]]
_Table = Mapping[str, Mapping[str, float]]


def _first_guess(pairs: _Pairs, cognates: Cognates) -> _Table:
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for words, title in pairs:
        for word in words:
            alike = cognates.of(word)
            table[word] |= {other: 0.05 + _COGNATE_WEIGHT * alike.get(other, 0.0) ** 2 for other in title}
    return table


def _better(table: _Table, pairs: _Pairs) -> _Table:
    counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for words, title in pairs:
        for other in title:
            total = sum(table[word].get(other, 0.0) for word in words) + _NO_WORD
            for word in words:
                counts[word][other] += table[word].get(other, 0.0) / total
    better: dict[str, dict[str, float]] = {}
    for word in table:
        whole = sum(counts[word].values()) + 0.5
        better[word] = {
            other: count / whole
            for other, count in counts[word].items()
            if count / whole > _LEAST_TRANSLATION
        }
    return better
