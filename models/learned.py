"""What the learned lexicon proposes, as candidate lines with the words they rest on."""

from collections.abc import Container, Iterator, Mapping

from data.episodes import Role
from data.language import Assertion
from models.assertion import Judgement
from models.candidates import Candidate, Origin, gather_evidence, group_by_code
from models.judged import Judged, ReadEpisode
from models.lexicon import Proposal
from models.mentions import CompiledTerm, Mention
from models.ranking import LEARNED_KIND

Proposed = Mapping[Role, Mapping[str, Proposal]]


def learned_candidates(
    proposed: Proposed, taken: Mapping[Role, Container[str]], read: ReadEpisode
) -> Iterator[Candidate]:
    """Those of codes that nothing else proposes; in the order of their codes."""
    for role, of_role in proposed.items():
        against = group_by_code(judged for judged in read.judged.get(role, ()) if not judged.coded)
        for code in sorted(of_role):
            if code in taken[role] or of_role[code].only_spoken_against:
                continue
            mentions = tuple(_judged(span, role, code, read) for span in of_role[code].best_spans())
            evidence = gather_evidence(read, mentions)
            yield Candidate(
                role, code, Origin.LEARNED, mentions, against=len(against.get(code, ())), evidence=evidence
            )


def _judged(span: tuple[int, int, int], role: Role, code: str, read: ReadEpisode) -> Judged:
    """As asserted: whether words like these are coded when denied is for the ranker to learn."""
    document, first, last = span
    reading = read.readings[document]
    start, end = reading.span(first, last)
    mention = Mention(
        term=CompiledTerm(role, code, "", LEARNED_KIND),
        document=document,
        first=first,
        last=last,
        start=start,
        end=end,
        statement=reading.statement_of(first),
        section=reading.sections.kind_at(reading.starts[first]),
    )
    return Judged(mention, Judgement(Assertion.PRESENT, ""))
