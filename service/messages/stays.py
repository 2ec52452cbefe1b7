"""Episodes that a message tells one by one, each with its days: the parts of an Encounter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from service.messages.hl7v2 import Asked
from service.messages.hl7v2.patient import Facts
from service.messages.placing import number_of
from service.messages.spells import Desk, changes_hands, mark_spell_text, same_patient_everywhere
from service.tables import EpisodeRow

_OF_ONE_EPISODE = frozenset({"clinician", "treatment_function", "spell_start", "spell_end"})


@dataclass(frozen=True, slots=True)
class Stay:
    """One episode of a spell, as a message tells it."""

    number: str | None
    start: date | None
    end: date | None
    facts: Facts


def keep_stays(desk: Desk, asked: Asked, stays: Sequence[Stay]) -> list[EpisodeRow]:
    """Each stay as an episode of its own; one that is known by its number or its first day is brought up to
    date.

    What `asked.visit` says is said of the whole spell.

    Raises:
        Unusable: a fact cannot be taken.
    """
    same_patient_everywhere(desk, desk.spell(asked), asked)
    for stay in stays:
        _keep(desk, asked, stay)
    rows = desk.spell(asked)
    _end_each_before_the_next(desk, rows)
    mark_spell_text(desk, rows)
    return rows


def _keep(desk: Desk, asked: Asked, stay: Stay) -> None:
    rows = desk.spell(asked)
    row = _known(rows, stay)
    number = row.episode_number if row else stay.number or str(max(map(number_of, rows), default=0) + 1)
    of_spell = {name: value for name, value in asked.visit.items() if name not in _OF_ONE_EPISODE}
    days = {"spell_start": asked.visit.get("spell_start"), "spell_end": asked.visit.get("spell_end")}
    own: Facts = {**stay.facts, "episode_start": stay.start, "episode_end": stay.end}
    if row is not None and _is_move(row, stay):
        own = {**stay.facts, "episode_end": max(filter(None, (row.episode_end, stay.end)), default=None)}
        if stay.end is None and row.episode_end == stay.start:
            desk.correct(row, {"episode_end": None})  # it goes on elsewhere
            own["episode_end"] = None
    desk.put(replace(asked, documents=()), number or None, {**asked.patient, **of_spell, **days, **own})


def _is_move(row: EpisodeRow, stay: Stay) -> bool:
    """To another place, within the episode or from its last day on."""
    return row.episode_start is not None and stay.start is not None and stay.start > row.episode_start


def _known(rows: Sequence[EpisodeRow], stay: Stay) -> EpisodeRow | None:
    for row in rows:
        if stay.number is not None and row.episode_number == stay.number:
            return row
    for row in rows:
        if row.episode_start is None or stay.start is None or row.episode_start == stay.start:
            return row
    same = (row for row in reversed(rows) if _holds(row, stay) and not changes_hands(row, stay.facts))
    return next(same, None)


def _holds(row: EpisodeRow, stay: Stay) -> bool:
    if row.episode_start is None or stay.start is None or stay.start < row.episode_start:
        return False
    return row.episode_end is None or stay.start <= row.episode_end


def _end_each_before_the_next(desk: Desk, rows: Sequence[EpisodeRow]) -> None:
    dated = sorted((row for row in rows if row.episode_start), key=lambda row: row.episode_start or date.min)
    for row, following in pairwise(dated):
        begins = following.episode_start
        if begins and (row.episode_end is None or row.episode_end > begins):
            desk.correct(row, {"episode_end": begins})
