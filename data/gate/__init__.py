"""What the automation gate goes by: its strata, and the words that keep an episode with a person."""

from data.gate.strata import Stratum, read_strata
from data.gate.wording import Wording, WordingKind, read_wording

__all__ = ["Stratum", "Wording", "WordingKind", "read_strata", "read_wording"]
