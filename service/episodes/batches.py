"""Several decisions at once: accepted from a confidence on, turned down together, taken back together."""

from collections.abc import Iterable, Sequence

from data.episodes import Role
from service.coding.coding import Coding, Decision, Line
from service.coding.status import CODING_KINDS, DecisionKind
from service.episodes import schemas as s
from service.episodes.deciding import BATCH
from service.episodes.desk import Desk
from service.episodes.store import folded
from service.standards.checking import Found, found_in
from service.tables import DecisionRow


def accept_from(desk: Desk, least: float) -> tuple[s.Accept, ...]:
    """Accepts of what is suggested with at least this confidence; never one that leads to an error.

    Lines that an error of the standards would name stay for a person to decide; so does everything, where
    the error would name none of them.
    """
    wanted = [line for line in desk.coding.undecided if (line.confidence or 0) >= least]
    wanted = list(_possible(desk, wanted))
    known = _errors(desk, desk.coding)
    while wanted:
        after = folded(desk.lines, desk.decisions, [_accepted(desk, line) for line in wanted])
        named = {line_id for rule in _errors(desk, after) - known for line_id in rule[1:]}
        if not _errors(desk, after) - known:
            break
        left = [line for line in wanted if line.id not in named]
        wanted = left if len(left) < len(wanted) else []
    return tuple(s.Accept(kind="accept", line=line.id) for line in wanted)


def reject_rest(desk: Desk) -> tuple[s.Reject, ...]:
    """Rejects of every suggestion that is still undecided."""
    return tuple(s.Reject(kind="reject", line=line.id) for line in desk.coding.undecided)


def undo_last(decisions: Sequence[DecisionRow]) -> tuple[s.Undo, ...]:
    """What takes back the last decision on lines, with all that were made at once with it."""
    undone = {row.content["decision"] for row in decisions if row.kind == DecisionKind.UNDO}
    standing = [row for row in decisions if row.kind in CODING_KINDS and row.id not in undone]
    return tuple(s.Undo(kind="undo", decision=row.id) for row in _last_batch(standing))


def _last_batch(standing: Sequence[DecisionRow]) -> Iterable[DecisionRow]:
    """The latest first."""
    last = standing[-1] if standing else None
    for row in reversed(standing):
        if row is not last and (BATCH not in row.content or row.content[BATCH] != _batch(last)):
            return
        yield row


def _batch(row: DecisionRow | None) -> str | None:
    return row.content.get(BATCH) if row else None


def _possible(desk: Desk, lines: Iterable[Line]) -> Iterable[Line]:
    """Without what the edition in force lacks, and without diagnoses that stand."""
    standing = {line.code for line in desk.coding.diagnoses}
    for line in lines:
        table = desk.tables.by_role[line.role]
        is_known = line.code in table and table.valid_on(line.code, desk.row.episode_end)
        if is_known and not (line.role is Role.DIAGNOSIS and line.code in standing):
            standing |= {line.code} if line.role is Role.DIAGNOSIS else set()
            yield line


def _errors(desk: Desk, coding: Coding) -> set[tuple[str, ...]]:
    """Rule and lines of each error that nobody has overridden."""
    found = found_in(desk.in_force, desk.row, coding, desk.history, desk.decisions)
    return {_key(one) for one in found if one.blocks}


def _key(found: Found) -> tuple[str, ...]:
    return (found.finding.rule, *(line.id for line in found.lines))


def _accepted(desk: Desk, line: Line) -> Decision:
    return Decision(
        id=f"supposed-{line.id}",
        number=len(desk.decisions) + 1,
        kind=DecisionKind.ACCEPT,
        line_id=line.id,
        content={"code": line.code},
        actor_name=desk.actor.name,
        at=desk.row.updated_at,
    )
