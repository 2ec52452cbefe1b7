"""Endoscopies as the national standard wants them (PGCS10): one examination or biopsy, at the right site.

A report tells in one place that there was a gastroscopy, in another what was biopsied, in a third how far the
instrument went; sentence by sentence they do not meet. Here they are read together, document by document.
"""

import re
from collections.abc import Container, Iterator, Sequence, Set
from dataclasses import replace

from data.episodes import Role
from data.language import Endoscopy
from models.candidates import LEADING, Candidate, Origin
from models.judged import Judged, ReadEpisode
from models.mentions import Mention
from models.text import Reading, normal_words

_TISSUE = frozenset(
    normal_words("biopsy biopsied bx bxs biopsie pipelle curettings clo urease sampled sample")
)
_NONE_TAKEN = frozenset({"nothing", "no", "not", "without", "nil", "never", "un"})
_NONE_TAKEN_AFTER = frozenset({"not", "nil", "none", "0"})
_AS_A_FIELD = re.compile(r" {2,}|\s*[:\t|-]")
"""Between a question of a form and its answer: `Biopsy  no   Diathermy  no`."""
_BACK = 4
"""Words before a word of tissue in which a `no` counts."""
_AHEAD = 3
"""Words after it: `CLO not done`, `a CLO test was not needed`."""


def read_endoscopies_together(
    candidates: Sequence[Candidate], read: ReadEpisode, families: Sequence[Endoscopy]
) -> tuple[Candidate, ...]:
    """The candidates of procedures, those of endoscopies brought in line with each other."""
    standing = list(candidates)
    every_look = frozenset(code for one in families for code in (one.examination, one.biopsy))
    for family in families:
        for document in range(len(read.readings)):
            standing = _Report(family, every_look, document, read, standing).settled()
    return tuple(standing)


class _Report:
    """What one document says of one family."""

    def __init__(
        self,
        family: Endoscopy,
        every_look: Set[str],
        document: int,
        read: ReadEpisode,
        candidates: list[Candidate],
    ) -> None:
        self._family = family
        self._every_look = every_look
        self._document = document
        self._read = read
        self._candidates = candidates
        leads = [one for one in candidates if one.origin in LEADING and self._is_here(one)]
        looks = (family.examination, family.biopsy)
        self._looks = [one for one in leads if one.code in looks]
        self._treatments = [one for one in leads if one.code.startswith(family.treatments)]

    def settled(self) -> list[Candidate]:
        if self._treatments:
            self._drop(self._looks)
        elif self._looks:
            self._settle_look()
        for lead in self._treatments:
            self._place(lead, self._sites())
        return self._candidates

    def _settle_look(self) -> None:
        """One look a document: with a biopsy where tissue was taken, and its site."""
        first, *others = sorted(self._looks, key=lambda one: one.code != self._family.biopsy)
        own = self._own_site(first) if first.code == self._family.biopsy else None
        self._drop(others)
        sites, taken = self._sites(), self._statements_with_tissue()
        biopsied = [site for site in sites if site.mention.statement in taken]
        if taken and first.code == self._family.examination:
            first = self._change(first, self._family.biopsy)
        elif first.code == self._family.biopsy and not biopsied:
            biopsied = [site for site in sites if self._same_statement(first, site)]
        if own is not None and all(self._depth(site) <= own for site in biopsied):
            return
        self._place(
            first, biopsied or (sites if not taken else _before(sites, taken) or sites), farthest=True
        )

    def _own_site(self, lead: Candidate) -> int | None:
        """How far in the site lies that the term of a biopsy brings along."""
        own = [one.code for one in self._candidates if one.group == lead.group]
        return max((self._family.sites[code] for code in own if code in self._family.sites), default=None)

    def _statements_with_tissue(self) -> frozenset[int]:
        """The statements that say that tissue was taken, and speak of this family's examination."""
        taken = _statements_with_tissue(self._read.readings[self._document])
        return frozenset(statement for statement in taken if self._is_mine(statement))

    def _is_mine(self, statement: int) -> bool:
        """Whether the last examination named so far is of this family, not another of the same report."""
        named = [
            (mention.statement, mention.first, mention.term.code)
            for mention in self._mentions()
            if mention.term.code in self._every_look and mention.statement <= statement
        ]
        return not named or max(named)[2] in (self._family.examination, self._family.biopsy)

    def _mentions(self) -> Iterator[Mention]:
        """Procedures that this document says were done."""
        for judged in self._read.judged.get(Role.PROCEDURE, ()):
            if judged.coded and judged.mention.document == self._document:
                yield judged.mention

    def _sites(self) -> list[Judged]:
        """Mentions of the family's sites in this document, in the order of the text."""
        return [
            judged
            for judged in self._read.judged.get(Role.PROCEDURE, ())
            if judged.coded
            and judged.mention.document == self._document
            and judged.mention.term.code in self._family.sites
        ]

    def _place(self, lead: Candidate, sites: Sequence[Judged], *, farthest: bool = False) -> None:
        """Gives a lead its site: the farthest of them, or the one nearest to its words."""
        own = [one for one in self._candidates if one.group == lead.group]
        kept = [one for one in own if one.code in self._family.sites]
        if not sites or (kept and not farthest):
            return
        self._candidates = [one for one in self._candidates if not any(one is other for other in kept)]
        chosen = max(sites, key=self._depth) if farthest else min(sites, key=lambda s: _gap(lead, s))
        place = max(i for i, one in enumerate(self._candidates) if one.group == lead.group) + 1
        self._candidates.insert(place, self._site(chosen, lead))

    def _depth(self, site: Judged) -> int:
        return self._family.sites[site.mention.term.code]

    def _site(self, site: Judged, lead: Candidate) -> Candidate:
        return Candidate(
            Role.PROCEDURE,
            site.mention.term.code,
            Origin.SITE,
            (site,),
            evidence=(self._read.evidence_of(site.mention),),
            group=lead.group,
        )

    def _change(self, lead: Candidate, code: str) -> Candidate:
        changed = replace(lead, code=code)
        self._candidates = [changed if one is lead else one for one in self._candidates]
        return changed

    def _drop(self, leads: Sequence[Candidate]) -> None:
        """With all that belongs to them, where nothing else leads their group."""
        for lead in leads:
            self._candidates = [one for one in self._candidates if one is not lead]
            led = any(one.group == lead.group and one.origin in LEADING for one in self._candidates)
            if not led:
                self._candidates = [one for one in self._candidates if one.group != lead.group]

    def _is_here(self, candidate: Candidate) -> bool:
        return candidate.role is Role.PROCEDURE and candidate.mention.document == self._document

    def _same_statement(self, lead: Candidate, site: Judged) -> bool:
        return any(judged.mention.statement == site.mention.statement for judged in lead.mentions)


def _statements_with_tissue(reading: Reading) -> frozenset[int]:
    """The statements that say that tissue was taken."""
    return frozenset(
        reading.statement_of(number)
        for number, word in enumerate(reading.words)
        if word in _TISSUE and not _denied(reading, number)
    )


def _denied(reading: Reading, number: int) -> bool:
    """`no biopsies`, `CLO not done`; words of other statements do not count."""
    first, end = reading.statement_words(reading.statement_of(number))
    before = reading.words[max(number - _BACK, first) : number]
    after = reading.words[number + 1 : min(number + 1 + _AHEAD, end)]
    if after[:1] == ["no"] and (_AS_A_FIELD.match(reading.gap(number + 1)) or len(after) == 1):
        return True
    return not (_NONE_TAKEN.isdisjoint(before) and _NONE_TAKEN_AFTER.isdisjoint(after))


def _before(sites: Sequence[Judged], taken: Container[int]) -> list[Judged]:
    """The sites of the statements just before those in which tissue was taken."""
    return [site for site in sites if site.mention.statement + 1 in taken]


def _gap(lead: Candidate, site: Judged) -> int:
    """Words between a site and the nearest mention of a procedure; what stands before it is nearer."""
    return min(abs(judged.mention.first - site.mention.first) for judged in lead.mentions)
