"""One-click fixes: what mends a finding, carried out as decisions of the coder, all or none."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from data.episodes import Role
from models.standards import Line, edited
from service.accounts.directory import new_id
from service.coding.coding import Coding
from service.episodes import schemas as s
from service.episodes.deciding import decide_next
from service.episodes.desk import Desk, expect
from service.errors import IllegalState
from service.standards.checking import Found, is_fixable, standing


def fix(
    session: Session, desk: Desk, version: int, *, rule: str, line_ids: Sequence[str], at: datetime
) -> Desk:
    """Carries out what mends the finding of a rule on these lines.

    Raises:
        IllegalState: the standards do not say this of the coding (any more), or nothing mends it.
        StaleVersion and what else a decision raises.
    """
    expect(desk, version)
    found = next((one for one in desk.found if _is_meant(one, rule, line_ids)), None)
    if found is None or not is_fixable(found):
        raise IllegalState("the standards do not say this of the coding any more")
    before, batch = desk.coding, new_id()
    wanted = edited(standing(before), found.finding.fix)
    for decision in _changes(before, wanted):
        desk = decide_next(session, desk, decision, batch, at=at)
    for role in Role:
        order = _order(desk.coding, before, wanted, role)
        if order is not None:
            desk = decide_next(session, desk, order, batch, at=at)
    return desk


def _is_meant(found: Found, rule: str, line_ids: Sequence[str]) -> bool:
    return found.finding.rule == rule and [line.id for line in found.lines] == list(line_ids)


def _changes(coding: Coding, wanted: Sequence[Line]) -> Iterator[s.DecisionIn]:
    """What is removed first: a diagnosis stands once."""
    codes = {line.key: line.code for line in wanted if line.key}
    fifths = {line.key: line.fifth for line in wanted if line.key}
    for line in coding.standing:
        if line.id not in codes:
            yield s.Remove(kind="remove", line=line.id)
    for line in coding.standing:
        if codes.get(line.id, line.code) != line.code:
            yield s.Replace(kind="replace", line=line.id, code=codes[line.id])
        if line.fifth != (fifths.get(line.id) or "") and codes.get(line.id) == line.code:
            yield s.SetFifth(kind="set_fifth", line=line.id, fifth=fifths[line.id])
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
