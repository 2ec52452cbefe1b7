"""Runs Schemathesis in process over the OpenAPI document, as one role, and counts what was answered."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis import BaseSchema, Case, HookContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from starlette.types import ASGIApp, Receive, Scope, Send

from service.identity import UserRole
from tests.contract.fuzz_guide import Guide
from tests.service_fixtures import Stage

EXAMPLES_VARIABLE = "AUTOCODER_FUZZ_EXAMPLES"
EXAMPLES = int(os.environ.get(EXAMPLES_VARIABLE, "3"))
"""Cases that are drawn for each operation and role, beside those that the coverage phase enumerates."""

# Beside Schemathesis' own lists: an If-Match that is no version of ours is stale, and to send none is 428.
_CHECKS = {
    "negative_data_rejection": {
        "expected-statuses": [400, 401, 403, 404, 405, 409, 412, 415, 422, 428, 429],
    },
    "missing_required_header": {"expected-statuses": [401, 403, 422, 428]},
}


# No schema of ours says which FHIR bodies can be taken: one that fits the schema may well be refused.
_FHIR = {"include-path-regex": "^/fhir", "checks": {"positive_data_acceptance": {"enabled": False}}}


@dataclass(slots=True)
class Outcome:
    """What one run met."""

    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """By operation, of documented methods only."""
    cases: Counter[str] = field(default_factory=Counter)
    """By phase."""
    failures: dict[str, str] = field(default_factory=dict)
    """One example of each kind of failure."""

    def add(self, other: "Outcome") -> None:
        for operation, statuses in other.statuses.items():
            self.statuses[operation] += statuses
        self.cases += other.cases
        self.failures |= other.failures

    def problems(self) -> dict[str, str]:
        """What broke, and each answer that the document does not announce."""
        broken = {
            f"{operation} answered {status}": str(count)
            for operation, statuses in self.statuses.items()
            for status, count in statuses.items()
            if status >= 500
        }
        return self.failures | broken

    def never_met(self) -> list[str]:
        """Operations that never succeeded."""
        return [
            operation
            for operation, statuses in self.statuses.items()
            if not any(200 <= status < 300 for status in statuses)
        ]

    def lets_in(self, operation: str) -> bool:
        """Whether it answered more than that this is not for the caller."""
        return not set(self.statuses[operation]) <= {400, 401, 403}

    def table(self) -> str:
        """Operation by status."""
        columns = sorted({status for statuses in self.statuses.values() for status in statuses})
        width = max(map(len, self.statuses))
        head = " " * width + "".join(f"{status:>7}" for status in columns)
        rows = [
            f"{operation:<{width}}" + "".join(f"{statuses[status] or '':>7}" for status in columns)
            for operation, statuses in sorted(self.statuses.items())
        ]
        phases = ", ".join(f"{phase} {count}" for phase, count in sorted(self.cases.items()))
        return "\n".join([head, *rows, f"{self.cases.total()} cases: {phases}"])


_EVERY_ROLE_ENUMERATED = EXAMPLES_VARIABLE in os.environ
"""Whether the coverage phase, some 3,500 cases, runs for each role, as in `make bench`."""
SENT = "^/(fhir.*|hl7v2|v1/episodes|v1/suggestions)$"
"""What an EPR sends: enumerated in every run. As another role nearly all of it is 403."""
WORK = "^/(fhir|hl7v2|v1/(episodes|suggestions|messages|queries|audits|outgoing))"
"""What comes in and goes out, and what people do with it; the other half is what they keep."""
_ENGINE_PHASES = ("examples", "coverage", "fuzzing", "stateful")


def fuzz(stage: Stage, role: UserRole, paths: str) -> Outcome:
    """Each operation whose path matches, then what its links lead to, as this role."""
    left_out = () if _EVERY_ROLE_ENUMERATED else ("coverage",)
    phases = [phase for phase in _ENGINE_PHASES if phase not in left_out]
    return _run(stage, role, paths, _only(*phases))


def enumerate_sent(stage: Stage) -> Outcome:
    """The coverage phase alone, over what an EPR sends."""
    return _run(stage, UserRole.EPR, SENT, _only("coverage"))


def fuzz_story(stage: Stage, role: UserRole) -> Outcome:
    """Only what links lead to: an EPR posts, this role reads and decides."""
    sender = {"include-name": "POST /v1/episodes", "headers": stage.headers(UserRole.EPR)}
    wanted = _only("stateful") | _drawn(5 * EXAMPLES) | {"operations": [sender]}
    return _run(stage, role, "^/v1/episodes", wanted)


def fuzz_on(stage: Stage, role: UserRole, operation: str) -> Outcome:
    """More drawn cases of one operation, for where the few of `fuzz` never met a success."""
    method, path = operation.split()
    return _run(stage, role, f"{re.escape(path)}$", _only("fuzzing") | _drawn(12 * EXAMPLES), method)


def _only(*phases: str) -> dict[str, Any]:
    return {"phases": {phase: {"enabled": phase in phases} for phase in _ENGINE_PHASES}}


def _drawn(examples: int) -> dict[str, Any]:
    return {"generation": {"max-examples": examples, "deterministic": True, "database": "none"}}


def _run(stage: Stage, role: UserRole, paths: str, wanted: dict[str, Any], method: str = "") -> Outcome:
    schema = _schema(stage, paths, {"headers": stage.headers(role)} | wanted, method)
    outcome = Outcome()
    with _guided(Guide(stage, role)):
        for event in from_schema(schema).execute():
            _note(outcome, role, event)
    return outcome


@contextmanager
def _guided(guide: Guide) -> Iterator[None]:
    """This kind of hook is global to Schemathesis."""

    @schemathesis.hook
    def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
        guide.complete(case)

    try:
        yield
    finally:
        schemathesis.hooks.unregister(before_call)


def _schema(stage: Stage, paths: str, wanted: dict[str, Any], method: str) -> BaseSchema:
    config = SchemathesisConfig.from_dict(
        {
            "seed": 20261122,
            "continue-on-failure": True,
            "checks": _CHECKS,
            **_drawn(EXAMPLES),
            **wanted,
            "operations": [_FHIR, *wanted.get("operations", ())],
        }
    )
    document = stage.client.get("/openapi.json").json()
    document["paths"] = {
        path: {method.lower(): item[method.lower()]} if method else item
        for path, item in document["paths"].items()
        if re.match(paths, path)
    }
    _shorten(document)
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = _served(stage)
    schema.hooks.register_hook_with_name(is_a_defect, "filter_failure")
    return schema


def _served(stage: Stage) -> ASGIApp:
    """The application without its lifespan: Schemathesis begins and ends one with every test."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await stage.app(scope, receive, send)
            return
        for moment in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{moment}.complete"})

    return served


def _shorten(part: Any) -> None:
    """Texts may have a million code points: drawing such takes minutes (test_hostile_bodies sends them)."""
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        if isinstance(value, dict) and value.get("maxLength", 0) > 10_000:
            del value["maxLength"]
        _shorten(value)


def is_a_defect(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """A well-formed request may be refused for what it means: a line, code, version or cursor that is not
    there. JSON Schema cannot say which are there; a refusal of form names fields in `errors`."""
    refused_for_meaning = response.status_code in (412, 422) and '"errors"' not in response.text
    return not (failure.code == "ST202" and refused_for_meaning)


def _note(outcome: Outcome, role: UserRole, event: events.EngineEvent) -> None:
    if isinstance(event, events.FatalError):
        raise event.exception
    if isinstance(event, events.NonFatalError):
        outcome.failures[f"{role} {event.label}"] = repr(event.value)
    if isinstance(event, events.ScenarioFinished) and event.is_test_scenario:
        _note_scenario(outcome, role, event)


def _note_scenario(outcome: Outcome, role: UserRole, event: events.ScenarioFinished) -> None:
    for case_id, interaction in event.recorder.interactions.items():
        case = event.recorder.cases[case_id].value
        outcome.cases[event.phase] += 1
        if interaction.response is not None and case.method == case.operation.method.upper():
            outcome.statuses[case.operation.label][interaction.response.status_code] += 1
    for failure, sample in _failures(event):
        outcome.failures.setdefault(
            f"{role} {failure.operation}: {failure.title}", f"{failure.message}\n{sample}"[:2000]
        )


def _failures(event: events.ScenarioFinished) -> Iterator[tuple[Failure, str]]:
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                yield check.failure_info.failure, check.failure_info.code_sample
