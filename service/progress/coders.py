"""What one coder, or each, has finalised, how long it took, and what became of suggestions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from service.coding.status import CODING_KINDS, DecisionKind
from service.identity import ActorKind
from service.progress.hours import by_day, hour_of, start_of
from service.tables import DecisionRow

ON_SUGGESTIONS = (DecisionKind.ACCEPT, DecisionKind.REPLACE, DecisionKind.REJECT, DecisionKind.ADD)
"""What says how good suggestions were, the best first; an added code was missed."""


@dataclass(frozen=True, slots=True)
class Work:
    """Of one coder, over some days."""

    finalised: Mapping[date, int]
    """Episodes, by the day on which they were finalised last."""
    minutes: tuple[float, ...]
    """Of each of them: from the coder's first decision on a code to finalising."""

    @property
    def median_minutes(self) -> float | None:
        return median(self.minutes) if self.minutes else None

    def since(self, day: date) -> int:
        return sum(count for on, count in self.finalised.items() if on >= day)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What was done with suggestions; what was undone is not counted."""

    counts: Mapping[DecisionKind, int] = field(default_factory=dict)

    @property
    def suggested(self) -> int:
        """Suggestions that were decided on."""
        return sum(self.counts.get(kind, 0) for kind in ON_SUGGESTIONS if kind is not DecisionKind.ADD)

    @property
    def share(self) -> float | None:
        """Of the suggestions decided on, those accepted as they were."""
        return self.counts.get(DecisionKind.ACCEPT, 0) / self.suggested if self.suggested else None


def work_of(session: Session, provider_id: str, since: date, actor_id: str | None = None) -> dict[str, Work]:
    """Of each coder who finalised something since that day, by id; of one alone where it is given."""
    counted: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for coder, done, began in session.execute(_finalised(provider_id, since, actor_id)):
        counted[coder].append((done, began))
    return {coder: _work(times) for coder, times in counted.items()}


def acceptance_by_day(
    session: Session, provider_id: str, actor_id: str, since: date
) -> dict[DecisionKind, Mapping[date, int]]:
    """How often one coder decided how on suggestions, day by day."""
    hour = hour_of(DecisionRow.decided_at)
    query = (
        select(DecisionRow.kind, hour, func.count())
        .where(*_decided(provider_id, since, ON_SUGGESTIONS), DecisionRow.actor_id == actor_id)
        .where(DecisionRow.id.not_in(_undone(provider_id, since)))
        .group_by(DecisionRow.kind, hour)
    )
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for kind, at, count in session.execute(query):
        found[kind].append((at, count))
    return {kind: by_day(found[kind]) for kind in ON_SUGGESTIONS}


def acceptance_of_each(session: Session, provider_id: str, since: date) -> dict[str, Acceptance]:
    """By the coder's id."""
    decided = _counted(session, *_decided(provider_id, since, ON_SUGGESTIONS))
    undone = _counted(
        session,
        *_decided(provider_id, since, ON_SUGGESTIONS),
        DecisionRow.id.in_(_undone(provider_id, since)),
    )
    decided.subtract(undone)
    found: dict[str, dict[DecisionKind, int]] = defaultdict(dict)
    for (actor_id, kind), count in decided.items():
        found[actor_id][kind] = count
    return {actor_id: Acceptance(counts) for actor_id, counts in found.items()}


def _counted(session: Session, *which: ColumnElement[bool]) -> Counter[tuple[str, DecisionKind]]:
    """Decisions by coder and kind."""
    coder = func.coalesce(DecisionRow.actor_id, "")  # else SQLite goes through every decision, by coder
    query = select(coder, DecisionRow.kind, func.count()).where(*which).group_by(coder, DecisionRow.kind)
    return Counter({(who, DecisionKind(kind)): count for who, kind, count in session.execute(query)})


def _decided(provider_id: str, since: date, kinds: Iterable[DecisionKind]) -> tuple[ColumnElement[bool], ...]:
    return (
        DecisionRow.provider_id == provider_id,
        DecisionRow.kind.in_(tuple(kinds)),
        DecisionRow.decided_at >= start_of(since),
    )


def _undone(provider_id: str, since: date) -> Select[str]:
    undone = DecisionRow.content["decision"].as_string()
    return select(undone).where(*_decided(provider_id, since, [DecisionKind.UNDO]))


def _finalised(provider_id: str, since: date, actor_id: str | None) -> Select[str, datetime, datetime | None]:
    """Coder, when an episode was finalised last, and that coder's first decision on its codes."""
    first = aliased(DecisionRow)
    began = select(func.min(first.decided_at)).where(
        first.episode_id == DecisionRow.episode_id,
        first.actor_id == DecisionRow.actor_id,
        first.kind.in_(CODING_KINDS),
    )
    query = select(
        DecisionRow.actor_id, func.max(DecisionRow.decided_at), began.correlate(DecisionRow).scalar_subquery()
    ).where(*_decided(provider_id, since, [DecisionKind.FINALISE]), DecisionRow.actor_kind != ActorKind.GATE)
    if actor_id is not None:
        query = query.where(DecisionRow.actor_id == actor_id)
    return query.group_by(DecisionRow.actor_id, DecisionRow.episode_id)


def _work(times: Iterable[tuple[datetime, datetime | None]]) -> Work:
    times = list(times)
    days = by_day((f"{done:%Y-%m-%d %H}", 1) for done, _ in times)
    minutes = ((done - began).total_seconds() / 60 for done, began in times if began and began <= done)
    return Work(days, tuple(minutes))
