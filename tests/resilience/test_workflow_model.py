"""Random sequences of decisions over HTTP, against a small model of what should come of each.

The model shares nothing with the service: it keeps snapshots where the service folds events.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from service.identity import UserRole
from tests.printed import Say
from tests.service_fixtures import Stage, build_stage, settings_for

SEQUENCES, STEPS = 100, 15
CODER, TRAINEE, AUDITOR, MANAGER = UserRole.CODER, UserRole.TRAINEE, UserRole.AUDITOR, UserRole.MANAGER
ROLES = st.sampled_from([CODER, CODER, TRAINEE, AUDITOR, MANAGER])
DIAGNOSES = ("J440", "E119", "I10X", "Z864", "Z602", "I269", "K219")
PICK = st.integers(min_value=0, max_value=12)

_OPEN = {"ready", "in_progress"}
_STANDS = {"accepted", "replaced", "added"}
_UNDECIDED = {"suggested", "candidate", "rejected"}


@dataclass
class Line:
    code: str
    state: str
    procedure: bool
    by_model: bool = True

    @property
    def refusal(self) -> int:
        """A line that was removed is no longer there to decide on."""
        return 422 if self.state == "removed" else 409

    @property
    def is_open(self) -> bool:
        return self.state in {"suggested", "candidate"}


@dataclass
class Expected:
    """An episode as it should be."""

    version: int
    lines: dict[str, Line]
    status: str = "ready"
    claimed_by: UserRole | None = None
    history: list[tuple[str, dict[str, Line]]] = field(default_factory=list)
    """Standing decisions on lines, with the lines as they were before."""
    submitted: int = 0
    """Of these, how many were made before a trainee handed the coding over."""

    def codes(self, states: set[str], *, procedure: bool) -> list[str]:
        found = [line for line in self.lines.values() if line.state in states]
        return sorted(line.code for line in found if line.procedure is procedure)

    def is_hidden(self, line: Line) -> bool:
        """An open diagnosis that stands already, by another line, is not asked."""
        return line.is_open and not line.procedure and self.stands(line.code)

    def asked(self) -> list[str]:
        lines = self.lines.values()
        return sorted(line.code for line in lines if line.state == "suggested" and not self.is_hidden(line))

    def stands(self, code: str) -> bool:
        return code in self.codes(_STANDS, procedure=False)


class Workflow(RuleBasedStateMachine):
    """One episode under the hands of several people."""

    stage: ClassVar[Stage]
    made: ClassVar[int] = 0
    _spells = count()

    @initialize()
    def receive(self) -> None:
        episode: Any = self.stage.post_episode(spell=f"model-{next(self._spells)}")
        self.path = f"/v1/episodes/{episode['id']}"
        lines = episode["suggestions"]["undecided"] + episode["suggestions"]["candidates"]
        self.expected = Expected(
            episode["version"],
            {line["id"]: Line(line["code"], line["state"], line["role"] == "procedure") for line in lines},
        )

    @rule(role=ROLES, pick=PICK)
    def accept(self, role: UserRole, pick: int) -> None:
        line_id, line = self._line(pick)
        answer = self._send(role, {"kind": "accept", "line": line_id})
        if not self._coding_allowed(answer, role):
            return
        if self.expected.is_hidden(line):
            assert answer.status_code == 422
        elif line.state not in _UNDECIDED:
            assert answer.status_code == line.refusal
        elif not line.procedure and self.expected.stands(line.code):
            assert answer.status_code == 409
        else:
            self._coded(answer)
            self.expected.lines[line_id].state = "accepted"

    @rule(role=ROLES, pick=PICK)
    def reject(self, role: UserRole, pick: int) -> None:
        line_id, line = self._line(pick)
        answer = self._send(role, {"kind": "reject", "line": line_id, "reason": "not_documented"})
        if not self._coding_allowed(answer, role):
            return
        if self.expected.is_hidden(line):
            assert answer.status_code == 422
        elif line.state not in {"suggested", "candidate", "accepted", "replaced"}:
            assert answer.status_code == line.refusal
        else:
            self._coded(answer)
            self.expected.lines[line_id].state = "rejected"

    @rule(role=ROLES, pick=PICK)
    def remove(self, role: UserRole, pick: int) -> None:
        line_id, line = self._line(pick)
        answer = self._send(role, {"kind": "remove", "line": line_id})
        if not self._coding_allowed(answer, role):
            return
        if self.expected.is_hidden(line):
            assert answer.status_code == 422
        elif line.state not in _STANDS:
            assert answer.status_code == line.refusal
        else:
            self._coded(answer)
            self.expected.lines[line_id].state = "removed"

    @rule(role=ROLES, pick=PICK, code=st.sampled_from(DIAGNOSES))
    def replace(self, role: UserRole, pick: int, code: str) -> None:
        line_id, line = self._line(pick)
        code = "G451" if line.procedure else code
        answer = self._send(role, {"kind": "replace", "line": line_id, "code": code})
        if not self._coding_allowed(answer, role):
            return
        if self.expected.is_hidden(line):
            assert answer.status_code == 422
        elif line.state not in _UNDECIDED | _STANDS:
            assert answer.status_code == line.refusal
        elif code == line.code:
            assert answer.status_code == 422
        elif not line.procedure and self.expected.stands(code):
            assert answer.status_code == 409
        else:
            self._coded(answer)
            changed = self.expected.lines[line_id]
            changed.code, changed.state = code, "replaced" if line.by_model else "added"

    @rule(role=ROLES, code=st.sampled_from((*DIAGNOSES, "E11", "nonsense")))
    def add(self, role: UserRole, code: str) -> None:
        answer = self._send(role, {"kind": "add", "role": "diagnosis", "code": code})
        if not self._coding_allowed(answer, role):
            return
        if code not in DIAGNOSES:
            assert answer.status_code == 422
        elif self.expected.stands(code):
            assert answer.status_code == 409
        else:
            self._coded(answer)
            line_id = answer.json()["decision"]["line"]
            self.expected.lines[line_id] = Line(code, "added", procedure=False, by_model=False)

    @rule(role=ROLES, back=st.integers(min_value=1, max_value=2))
    def undo(self, role: UserRole, back: int) -> None:
        """The last decision that stands, or the one before, which is refused."""
        history = self.expected.history
        decision = history[-back][0] if len(history) >= back else "none"
        answer = self._send(role, {"kind": "undo", "decision": decision})
        if not self._coding_allowed(answer, role):
            return
        checking = self.expected.status == "awaiting_check"
        if back != 1 or len(history) <= (self.expected.submitted if checking else 0):
            assert answer.status_code == 409
        else:
            self._moved(answer, "awaiting_check" if checking else "in_progress")
            self.expected.lines = history.pop()[1]

    @rule(role=ROLES)
    def claim(self, role: UserRole) -> None:
        answer = self._send(role, {"kind": "claim"})
        if self.expected.status not in _OPEN | {"on_hold"} or self._held_by_another(role):
            assert answer.status_code == 409
        else:
            self._moved(answer, "in_progress")
            self.expected.claimed_by = role

    @rule(role=ROLES)
    def release(self, role: UserRole) -> None:
        answer = self._send(role, {"kind": "release"})
        if self.expected.status not in _OPEN | {"on_hold"} or self._held_by_another(role):
            assert answer.status_code == 409
        else:
            self._moved(answer, "ready")
            self.expected.claimed_by = None

    @rule(role=ROLES)
    def hold(self, role: UserRole) -> None:
        answer = self._send(role, {"kind": "hold", "reason": "notes"})
        if self.expected.status not in _OPEN:
            assert answer.status_code == 409
        else:
            self._moved(answer, "on_hold")
            self.expected.claimed_by = None

    @rule(role=ROLES)
    def reject_the_rest_and_finalise(self, role: UserRole) -> None:
        """By chance alone few sequences would come to an end."""
        for line_id, line in list(self.expected.lines.items()):
            hidden = self.expected.is_hidden(line)
            if line.state == "suggested" and not hidden and self.expected.status in _OPEN:
                self._coded(self._send(role, {"kind": "reject", "line": line_id}))
                line.state = "rejected"
        self.finalise(role)

    @rule(role=ROLES)
    def finalise(self, role: UserRole) -> None:
        answer = self._send(role, {"kind": "finalise"})
        complete = not self.expected.asked() and self.expected.codes(_STANDS, procedure=False)
        if self.expected.status not in _OPEN or not complete:
            assert answer.status_code == 409
        else:
            self._moved(answer, "awaiting_check" if role is TRAINEE else "finalised")
            self.expected.claimed_by = None
            self.expected.submitted = len(self.expected.history)

    @rule(role=ROLES, kind=st.sampled_from(["approve", "return", "reopen"]))
    def check(self, role: UserRole, kind: str) -> None:
        answer = self._send(role, {"kind": kind} | ({} if kind == "approve" else {"reason": "a letter"}))
        if self.expected.status != ("finalised" if kind == "reopen" else "awaiting_check"):
            assert answer.status_code == 409
        elif role is TRAINEE:
            assert answer.status_code == 403
        elif kind == "approve" and not self.expected.codes(_STANDS, procedure=False):
            assert answer.status_code == 409
        else:
            self._moved(answer, "finalised" if kind == "approve" else "in_progress")

    @rule(role=ROLES)
    def decide_on_an_older_version(self, role: UserRole) -> None:
        answer = self._send(role, {"kind": "claim"}, version=self.expected.version - 1)
        assert (answer.status_code, answer.json()["version"]) == (412, self.expected.version)

    @rule()
    def receive_again(self) -> None:
        """The same documents change nothing."""
        row: Any = self._read()
        again: Any = self.stage.post_episode(spell=row["spell_number"])
        assert again["version"] == self.expected.version

    @invariant()
    def episode_is_as_expected(self) -> None:
        episode, expected = self._read(), self.expected
        assert (episode["status"], episode["version"]) == (expected.status, expected.version)
        for name, procedure in (("diagnoses", False), ("procedures", True)):
            standing = sorted(line["code"] for line in episode["coding"][name])
            assert standing == expected.codes(_STANDS, procedure=procedure)
        undecided = sorted(line["code"] for line in episode["suggestions"]["undecided"])
        assert undecided == expected.asked()

    def _send(self, role: UserRole, body: dict[str, Any], version: int | None = None) -> Any:
        Workflow.made += 1
        etag = f'"{self.expected.version if version is None else version}"'
        headers = self.stage.headers(role) | {"If-Match": etag}
        return self.stage.client.post(f"{self.path}/decisions", json=body, headers=headers)

    def _read(self) -> Any:
        return self.stage.client.get(self.path, headers=self.stage.headers()).json()

    def _line(self, pick: int) -> tuple[str, Line]:
        lines = list(self.expected.lines.items())
        return lines[pick % len(lines)]

    def _coding_allowed(self, answer: Any, role: UserRole) -> bool:
        """While it is open; what waits for a check is corrected by the qualified."""
        if self.expected.status in _OPEN:
            return True
        if self.expected.status == "awaiting_check" and role is not TRAINEE:
            return True
        assert answer.status_code == (403 if self.expected.status == "awaiting_check" else 409)
        return False

    def _held_by_another(self, role: UserRole) -> bool:
        return self.expected.claimed_by not in (None, role) and role is not MANAGER

    def _coded(self, answer: Any) -> None:
        checking = self.expected.status == "awaiting_check"
        self._moved(answer, "awaiting_check" if checking else "in_progress")
        self.expected.history.append((answer.json()["decision"]["id"], deepcopy(self.expected.lines)))

    def _moved(self, answer: Any, status: str) -> None:
        assert answer.status_code == 201, answer.text
        self.expected.version += 1
        self.expected.status = status
        assert (answer.json()["status"], answer.json()["version"]) == (status, self.expected.version)


@pytest.fixture
def seeded(tmp_path: Any) -> Iterator[Stage]:
    stage = build_stage(settings_for(tmp_path))
    yield stage
    stage.services.db.close()


def test_random_sequences_of_decisions_come_out_as_the_model_says(seeded: Stage, say: Say) -> None:
    wanted = settings(
        max_examples=SEQUENCES,
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    Workflow.stage = seeded
    run_state_machine_as_test(Workflow, settings=wanted)
    say(f"{SEQUENCES} sequences, {Workflow.made} decisions sent")
