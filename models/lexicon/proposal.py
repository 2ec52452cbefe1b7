"""A code that the words of an episode may mean, with all that is known of it, as numbers."""

from dataclasses import dataclass, field

Span = tuple[int, int, int]
"""Document, first and last word."""
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
    "votes", "category_votes", "rivals", "rivals_better", "rival", "rival_behind", "rival_at_best_place",
    "rival_share", "rival_of_category", "rival_of_chapter",
    "title_coverage", "title_told", "title_missing", "title_least_sure", "title_words", "title_gap",
    "title_telling", "title_least_telling", "title_conflict", "title_rank", "title_count", "title_worth",
)  # fmt: skip
"""In the order of `Proposal.features`."""
_PLACE = {name: place for place, name in enumerate(LEARNED_FEATURES)}
NOTHING_LEARNED = (0.0,) * len(LEARNED_FEATURES)
_MOST_SPANS = 3
_LEAST_SHARE = 0.05


_OTHER_SIGNS = ("part_coverage", "meaning_count", "title_count")


@dataclass(slots=True)
class Proposal:
    """A code that the words of an episode may mean."""

    code: str
    values: list[float] = field(default_factory=lambda: list(NOTHING_LEARNED))
    spans: list[tuple[float, Span]] = field(default_factory=list)
    """How much each span of words speaks for it."""

    @property
    def only_spoken_against(self) -> bool:
        """Its phrases stood there, and hardly ever for this code; nothing else of the words is like it."""
        best = max(self.get("tight_share"), self.get("longest_share"), self.get("loose_share"))
        return best < _LEAST_SHARE and not any(self.get(name) for name in _OTHER_SIGNS)

    def best_spans(self) -> tuple[Span, ...]:
        """The most telling first, each once."""
        ordered = sorted(self.spans, key=lambda pair: (-pair[0], pair[1]))
        return tuple(dict.fromkeys(span for _, span in ordered))[:_MOST_SPANS]

    def set(self, **values: float) -> None:
        for name, value in values.items():
            self.values[_PLACE[name]] = float(value)

    def set_from(self, first: str, *values: float) -> None:
        """Those that stand one after another, from the first on: for what is set hundreds of times."""
        place = _PLACE[first]
        self.values[place : place + len(values)] = values

    def get(self, name: str) -> float:
        return self.values[_PLACE[name]]
