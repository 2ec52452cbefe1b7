"""One-click fixes: what mends a finding, carried out as decisions of the coder, all or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.episodes import Role
from models.standards import Line, edited
from service.coding.coding import Coding
from service.deps import CodeTables
from service.episodes import schemas as s
from service.episodes.deciding import decide
from service.episodes.store import coding_of, decisions_of, episode_of, suggestions_of
from service.errors import IllegalState
from service.identity import Actor
from service.standards.checking import Found, found_in, is_fixable, standing


@dataclass(slots=True)
class _Fixer:
    session: Session
    tables: CodeTables
    actor: Actor
    episode_id: str
    version: int
    """Of the episode, as decisions raise it."""
    at: datetime

    def coding(self) -> Coding:
        suggestions = suggestions_of(self.session, self.episode_id)
        return coding_of(self.session, suggestions, decisions_of(self.session, self.episode_id))

    def decide(self, decision: s.DecisionIn) -> None:
        decide(self.session, self.tables, self.actor, self.episode_id, self.version, decision, at=self.at)
        self.version += 1


def fix(  # noqa: PLR0913 (who mends what, on which state)
    session: Session,
    tables: CodeTables,
    actor: Actor,
    episode_id: str,
    version: int,
    *,
    rule: str,
    line_ids: Sequence[str],
    at: datetime,
) -> None:
    """Carries out what mends the finding of a rule on these lines.

    Raises:
        IllegalState: the standards do not say this of the coding (any more), or nothing mends it.
        NotFound, StaleVersion and what else a decision raises.
    """
    row = episode_of(session, actor, episode_id, lock=True)
    fixer = _Fixer(session, tables, actor, row.id, version, at)
    coding = fixer.coding()
    in_force = tables.standards.of(session, row.provider_id)
    every = found_in(in_force, row, coding, decisions_of(session, row.id))
    found = next((one for one in every if _is_meant(one, rule, line_ids)), None)
    if found is None or not is_fixable(found):
        raise IllegalState("the standards do not say this of the coding any more")
    wanted = edited(standing(coding), found.finding.fix)
    for decision in _changes(coding, wanted):
        fixer.decide(decision)
    for role in Role:
        order = _order(fixer.coding(), coding, wanted, role)
        if order is not None:
            fixer.decide(order)


def _is_meant(found: Found, rule: str, line_ids: Sequence[str]) -> bool:
    return found.finding.rule == rule and [line.id for line in found.lines] == list(line_ids)


def _changes(coding: Coding, wanted: Sequence[Line]) -> Iterator[s.DecisionIn]:
    """What is removed first: a diagnosis stands once."""
    codes = {line.key: line.code for line in wanted if line.key}
    for line in coding.standing:
        if line.id not in codes:
            yield s.Remove(kind="remove", line=line.id)
    for line in coding.standing:
        if codes.get(line.id, line.code) != line.code:
            yield s.Replace(kind="replace", line=line.id, code=codes[line.id])
    for added in wanted:
        if not added.key:
            group = added.group if added.role is Role.PROCEDURE else None
            yield s.Add(kind="add", role=added.role, code=added.code, group=group)


def _order(now: Coding, before: Coding, wanted: Sequence[Line], role: Role) -> s.Reorder | None:
    """The order wanted, where the lines of the role do not stand in it."""
    lines = now.diagnoses if role is Role.DIAGNOSIS else now.procedures
    known = {line.id for line in before.standing}
    new = {line.code: line.id for line in lines if line.id not in known}
    order = [line.key or new[line.code] for line in wanted if line.role is role]
    if order == [line.id for line in lines]:
        return None
    return s.Reorder(kind="reorder", role=role, lines=tuple(order))
