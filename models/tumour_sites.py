"""The site of a tumour from elsewhere in its document (data/language/tumour_sites.tsv).

`Excised from the scalp`, and some lines below `histology: squamous cell carcinoma`: one tumour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from data.episodes import Role
from data.language import TumourSite
from models.candidates import Candidate, Origin
from models.judged import Judged, ReadEpisode


def place_tumours(
    candidates: Sequence[Candidate], read: ReadEpisode, rules: Sequence[TumourSite]
) -> tuple[Candidate, ...]:
    """The candidates of diagnoses, a tumour without a site with the only one that its document names."""
    general = {rule.general for rule in rules}
    if not any(one.code in general for one in candidates):
        return tuple(candidates)
    categories = {one.code[:3] for one in candidates if one.code not in general}
    return tuple(
        one if one.code[:3] in categories else _placed(one, read, [r for r in rules if r.general == one.code])
        for one in candidates
    )


def _placed(one: Candidate, read: ReadEpisode, rules: Iterable[TumourSite]) -> Candidate:
    """With its site, where all sites that the document names mean the same."""
    named = [
        (rule.becomes, judged)
        for rule in rules
        for judged in _sites(read, one.mention.document)
        if judged.mention.term.code.startswith(rule.sites)
    ]
    if len({becomes for becomes, _ in named}) != 1:
        return one
    becomes, site = named[0]
    evidence = (*one.evidence, read.evidence_of(site.mention))
    return replace(one, code=becomes, origin=Origin.COMBINATION, evidence=tuple(dict.fromkeys(evidence)))


def _sites(read: ReadEpisode, document: int) -> list[Judged]:
    return [
        judged
        for judged in read.judged.get(Role.PROCEDURE, ())
        if judged.coded and judged.mention.document == document
    ]
