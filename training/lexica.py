"""The lexicon of a training run, and those that have not seen a fold of its patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from data.classifications import Classification
from data.episodes import CodedEpisode, Role
from data.terms import read_terms
from models.bundle import BundleParts
from models.judged import Language
from models.lexicon import Lexicon
from models.lexicon.order import Order
from models.mentions.compiled import TITLE_KIND
from models.text import HeadingIndex
from training.config import LexiconConfig, TrainingConfig
from training.display import Watch
from training.folds import deal_folds
from training.lexicon import learn_lexicon
from training.order import learn_order
from training.taught import taught_episodes

Tables = Mapping[Role, Classification]


@dataclass(frozen=True, slots=True)
class Lexica:
    whole: Lexicon
    """Learned from all episodes: what serves."""
    of_folds: tuple[Lexicon, ...]
    """Each learned without one fold."""
    fold_of: tuple[int, ...]
    """Of each episode."""

    @classmethod
    def none(cls, episodes: int) -> "Lexica":
        return cls(Lexicon(), (Lexicon(),), (0,) * episodes)


def learn_lexica(
    episodes: Sequence[CodedEpisode], language: Language, tables: Tables, config: TrainingConfig, watch: Watch
) -> Lexica:
    wide = wide_roles(tables, config.lexicon)
    if not config.lexicon.enabled or not (any(wide.values()) or _is_enough(episodes, config.lexicon)):
        return Lexica.none(len(episodes))
    taught = taught_episodes(episodes, HeadingIndex(language.headings))
    patients = [gold.patient or gold.episode.id for gold in episodes]
    fold_of = deal_folds(patients, config.lexicon.folds, config.seed)
    of_folds = []
    count = len(set(fold_of))
    for fold in range(count):
        rest = [episode for episode, dealt in zip(taught, fold_of, strict=True) if dealt != fold]
        of_folds.append(learn_lexicon(rest, tables, config.lexicon, wide))
        watch("Learning the lexicon", fold + 1, count + 1)
    whole = learn_lexicon(taught, tables, config.lexicon, wide)
    watch("Learning the lexicon", count + 1, count + 1)
    orders = {
        role: learn_order(taught, of_folds, fold_of, role, table)
        for role, table in tables.items()
        if wide[role] and _has_titles(table)
    }
    return Lexica(_ordered(whole, orders), tuple(_ordered(one, orders) for one in of_folds), tuple(fold_of))


def _is_enough(episodes: Sequence[CodedEpisode], config: LexiconConfig) -> bool:
    """Beside curated terms: a few episodes teach phrases that hold for these alone."""
    return len(episodes) >= config.least_episodes


def _has_titles(table: Classification) -> bool:
    return any(entry.title for entry in table)


def _ordered(lexicon: Lexicon, orders: Mapping[Role, Order | None]) -> Lexicon:
    return Lexicon({role: replace(one, order=orders.get(role)) for role, one in lexicon.roles.items()})


def wide_roles(tables: Tables, config: LexiconConfig) -> dict[Role, bool]:
    """Where nobody has curated terms, the lexicon has to look further itself."""
    if config.reach == "auto":
        return {role: not read_terms(table.name) for role, table in tables.items()}
    return dict.fromkeys(tables, config.reach == "wide")


def without_titles(parts: BundleParts, tables: Tables, config: LexiconConfig) -> BundleParts:
    """Phrases derived from titles go where the lexicon itself reads the titles."""
    wide = wide_roles(tables, config) if config.enabled else {}
    kept = tuple(term for term in parts.terms if term.kind != TITLE_KIND or not wide.get(term.role))
    return replace(parts, terms=kept)
