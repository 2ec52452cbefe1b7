"""What each kind of match says of a code, as numbers of its proposal."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from models.lexicon.descriptions import Meaning
from models.lexicon.lexicon import Phrase
from models.lexicon.matching import Hit
from models.lexicon.proposal import Proposal
from models.lexicon.titles import Covered

_NO_WORD = 9.0


@dataclass(frozen=True, slots=True)
class Possible:
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
    def of(cls, places: Sequence[int], telling: Sequence[float], start: int, stop: int) -> "Possible":
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


def count_hit(proposal: Proposal, position: float) -> None:
    hits = proposal.get("hits")
    proposal.set_from("hits", hits + 1, min(position, proposal.get("position")) if hits else position)


def add_vote(proposal: Proposal, hit: Hit, phrase: Phrase) -> None:
    """Several phrases that say the same, each in part, say more than the best of them."""
    nearness = 1.0 if hit.tight else 0.7 if hit.whole else 0.5 * hit.coverage**2
    proposal.set(votes=proposal.get("votes") + nearness * phrase.tight.share(proposal.code))


def tight(proposal: Proposal, hit: Hit, phrase: Phrase) -> float:
    """Its numbers in the order of LEARNED_FEATURES, from `tight_share` on."""
    share = phrase.tight.share(proposal.code)
    proposal.set_from("tight_count", proposal.get("tight_count") + 1)
    if (hit.longest, share) > (proposal.get("tight_longest") > 0, proposal.get("tight_share")):
        proposal.set_from(
            "tight_share",
            share,
            log1p(phrase.tight.held),
            phrase.tight.both.get(proposal.code, 0),
            hit.words,
            sum(map(len, phrase.words)),
            hit.longest,
            phrase.longest.share(proposal.code) if hit.longest else 0.0,
            log1p(phrase.longest.held),
            phrase.longest.both.get(proposal.code, 0),
        )
    return share + hit.longest + 0.1 * hit.words


def loose(proposal: Proposal, hit: Hit, phrase: Phrase) -> float:
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


def partial(proposal: Proposal, hit: Hit, phrase: Phrase) -> float:
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


def meaning(proposal: Proposal, meaning: Meaning, possible: Possible, conflict: float) -> float:
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


def title(proposal: Proposal, covered: Covered, telling: Sequence[float], gap: int, conflict: float) -> float:
    """Its numbers in the order of LEARNED_FEATURES, from `title_coverage` on."""
    best = max(telling)
    worth = covered.coverage**2 * (0.2 + best) / (1 + 0.2 * gap)
    count = proposal.get("title_count") + 1
    if worth <= proposal.get("title_worth"):
        proposal.set_from("title_count", count)
        return worth
    proposal.set_from(
        "title_coverage",
        covered.coverage,
        covered.told,
        covered.missing,
        covered.least_sure,
        len(telling),
        gap,
        best,
        min(telling),
        conflict,
        covered.rank,
        count,
        worth,
    )
    return worth
