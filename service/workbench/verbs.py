"""What the buttons and keys of the episode page do: a verb and what it is about, as decisions.

`accept LINE`, `accept-from LEAST`, `reject LINE [REASON]`, `replace LINE CODE`, `primary LINE`,
`fifth LINE [DIGIT]`, `move LINE WHERE`, `remove LINE`, `reject-rest`, `finish`, `finalise`, `undo`, `claim`,
`release`.
"""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from service.coding.coding import STANDING
from service.episodes import schemas as s
from service.episodes.batches import accept_from, reject_rest, undo_last
from service.episodes.desk import Desk
from service.errors import IllegalState, Unprocessable
from service.workbench.decision_forms import made, moved

Decisions = Sequence[s.DecisionIn]
Deciding = Callable[[Session, Desk], Decisions]
Words = Callable[[], str]


def decisions_of(written: str, desk: Desk, least: Callable[[], float | None]) -> Decisions:
    """
    Args:
        written: the field `do` of a form.
        least: says from which confidence suggestions may be accepted together, None where they may not;
            asked only for that.

    Raises:
        Unprocessable, IllegalState: it makes no sense, or not now; the detail says why.
    """
    verb, *about = written[:400].split() or [""]
    if verb == "accept-from":
        return _accept_from(desk, least())
    wanted = _VERBS.get((verb, len(about)))
    if wanted is None:
        raise Unprocessable("The form was not complete.")
    return wanted(desk, *about)


def _accept_from(desk: Desk, least: float | None) -> Decisions:
    if least is None:
        raise IllegalState("Your manager has not allowed to accept suggestions together")
    decisions = accept_from(desk, least)
    if not decisions:
        raise IllegalState(f"No suggestion of {least:.0%} or more can be accepted without an error")
    return decisions


def _primary(desk: Desk, line_id: str) -> Decisions:
    """First of its role, accepted before where it does not stand yet."""
    line = desk.coding.line(line_id)
    if line is None or line.state in STANDING:
        return [moved(desk, line_id, "first")]
    role = line.role
    standing = [one.id for one in desk.coding.standing if one.role is role]
    order = made({"kind": "reorder", "role": role, "lines": [line_id, *standing]})
    return [made({"kind": "accept", "line": line_id}), order]


def _undo(desk: Desk) -> Decisions:
    decisions = undo_last(desk.decisions)
    if not decisions:
        raise IllegalState("There is nothing to undo")
    return decisions


def _simple(kind: str, *names: str) -> Callable[..., Decisions]:
    def decisions(_desk: Desk, *about: str) -> Decisions:
        return [made({"kind": kind, **dict(zip(names, about, strict=True))})]

    return decisions


_VERBS: Mapping[tuple[str, int], Callable[..., Decisions]] = {
    ("accept", 1): _simple("accept", "line"),
    ("reject", 1): _simple("reject", "line"),
    ("reject", 2): _simple("reject", "line", "reason"),
    ("replace", 2): _simple("replace", "line", "code"),
    ("remove", 1): _simple("remove", "line"),
    ("claim", 0): _simple("claim"),
    ("release", 0): _simple("release"),
    ("finalise", 0): _simple("finalise"),
    ("approve", 0): _simple("approve"),
    ("fifth", 1): lambda _desk, line: [s.SetFifth(kind="set_fifth", line=line, fifth=None)],
    ("fifth", 2): _simple("set_fifth", "line", "fifth"),
    ("move", 2): lambda desk, line, where: [moved(desk, line, where)],
    ("primary", 1): _primary,
    ("undo", 0): _undo,
    ("reject-rest", 0): reject_rest,
    ("finish", 0): lambda desk: [*reject_rest(desk), s.Finalise(kind="finalise")],
}
"""By verb and how many words follow."""
