"""What a form of the episode page was to do, in words: told when somebody else was quicker."""

from data.episodes import Role
from service.workbench.decision_forms import Form
from service.workbench.desk import Desk

_WORDS = {
    "accept": "accept {line}",
    "reject": "reject {line}",
    "remove": "remove {line}",
    "replace": "replace {line} with {code}",
    "primary": "make {line} the first",
    "move": "move {line}",
    "set_date": "give {line} another date",
    "fifth": "give {line} another fifth character",
    "add": "add {code}",
    "finalise": "finalise the coding",
    "finish": "reject the rest and finalise the coding",
    "reject-rest": "reject the rest of the suggestions",
    "accept-from": "accept the likely suggestions together",
    "undo": "undo the last decision",
    "claim": "claim the episode",
    "release": "release the episode",
    "hold": "put the episode on hold",
}


def attempted(desk: Desk, form: Form) -> str:
    """`reject E11.9`; empty where the form cannot be told in words."""
    verb, *about = (form.get("do") or form.get("kind") or "").split() or [""]
    line = about[0] if about else form.get("line", "")
    code = about[1] if len(about) > 1 else form.get("code", "")
    words = _WORDS.get(verb, "")
    if form.get("query") and not verb:
        return "add the codes that you typed"
    return words.format(line=_line(desk, line), code=_code(desk, line, code, form))


def _line(desk: Desk, line_id: str) -> str:
    every = (*desk.standing, *desk.undecided, *desk.candidates, *desk.rejected)
    return next((line.display for line in every if line.id == line_id), "a line that is gone")


def _code(desk: Desk, line_id: str, code: str, form: Form) -> str:
    every = (*desk.standing, *desk.undecided, *desk.candidates, *desk.rejected)
    asked = Role.PROCEDURE if form.get("role") == Role.PROCEDURE else Role.DIAGNOSIS
    role = next((line.role for line in every if line.id == line_id), asked)
    table = desk.tables.by_role[role]
    return table.display(table.stored(code)) if code in table else "a code"
