"""Which codes of the learned lexicon are worth a line of their own."""

import pytest

from models.lexicon import Proposal


@pytest.mark.parametrize(
    ("known", "spoken_against"),
    [
        ({"tight_share": 0.01}, True),
        ({"tight_share": 0.01, "longest_share": 0.4}, False),
        ({"loose_share": 0.4}, False),
        ({"tight_share": 0.01, "part_coverage": 0.8}, False),
        ({"tight_share": 0.01, "meaning_count": 1.0}, False),
        ({"tight_share": 0.01, "title_count": 2.0}, False),
    ],
)
def test_a_code_whose_phrases_hardly_ever_meant_it_is_spoken_against(
    known: dict[str, float], spoken_against: bool
) -> None:
    proposal = Proposal("K922")
    proposal.set(**known)
    assert proposal.only_spoken_against is spoken_against
