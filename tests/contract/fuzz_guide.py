"""Gives three of four generated requests ids, versions and codes that are there, so that 2xx is reached.

Only parts that were generated as valid are touched: a request that is meant to be wrong stays wrong.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation as Place

from service.identity import AUDITING_ROLES, UserRole
from tests.automation_fixtures import STRATUM, shown, support
from tests.fakes import NOTE
from tests.hl7_messages import adt, pid, pv1
from tests.service_fixtures import Stage

_CODES = {"diagnosis": ("I10X", "e11.9", "J44.0", "Z602"), "procedure": ("G45.9", "G459")}
_CLOSED = ("finalised", "awaiting_check", "on_hold")


class Guide:
    def __init__(self, stage: Stage, role: UserRole) -> None:
        self._stage = stage
        self._role = role
        self._requests = itertools.count()
        self._numbers = itertools.count()
        self._episode = self._new_episode()
        self._fill = {
            "POST /v1/episodes": self._fill_episode,
            "GET /v1/episodes": self._fill_worklist,
            "GET /v1/episodes/{episode_id}": self._fill_episode_id,
            "POST /v1/episodes/{episode_id}/decisions": self._fill_decision,
            "POST /hl7v2": self._fill_hl7,
            "GET /v1/messages/{message_id}": self._fill_waiting_message,
            "POST /v1/messages/{message_id}/mend": self._fill_mended_message,
            "POST /v1/messages/{message_id}/discard": self._fill_waiting_message,
            "POST /v1/messages/{message_id}/take-back": self._fill_merge,
            "POST /v1/episodes/{episode_id}/suggestions": self._fill_suggest_again,
            "GET /v1/challenger/disagreements": self._fill_disagreements,
            "POST /v1/local-terms": self._fill_local_term,
            "DELETE /v1/local-terms/{term_id}": self._fill_local_term_id,
            "GET /v1/audits/{audit_id}": self._fill_audit_id,
            "POST /v1/audits/{audit_id}/claim": self._fill_audit_id,
            "POST /v1/audits/{audit_id}/coding": self._fill_second_coding,
            "POST /v1/automation/{stratum}/open": self._fill_opening,
            "POST /v1/automation/{stratum}/close": self._fill_closing,
            "GET /v1/standards/{rule_id}": self._fill_rule,
            "PUT /v1/standards-policy": self._fill_policy,
            "GET /v1/classifications/{name}/codes": self._fill_name,
            "GET /v1/classifications/{name}/codes/{code}": self._fill_code,
        }

    def complete(self, case: Case[Any]) -> None:
        """Called before each request."""
        fill = self._fill.get(case.operation.label)
        if fill is not None and next(self._requests) % 4:
            fill(case)

    def _fill_episode(self, case: Case[Any]) -> None:
        """A scenario of a coder begins with what an EPR posts."""
        if _valid(case, Place.HEADER):
            case.headers["Idempotency-Key"] = f"fuzz-{next(self._numbers)}"

    def _fill_worklist(self, case: Case[Any]) -> None:
        if _valid(case, Place.QUERY) and case.query and "cursor" in case.query:
            page = self._read("/v1/episodes?limit=1")
            case.query = {**case.query, "cursor": page["next_cursor"] or ""}

    def _fill_episode_id(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"episode_id": self._episode["id"]}

    def _fill_decision(self, case: Case[Any]) -> None:
        self._episode = self._read(f"/v1/episodes/{self._episode['id']}")
        if self._episode["status"] in _CLOSED and next(self._numbers) % 2:
            self._episode = self._new_episode()
        self._fill_episode_id(case)
        if _valid(case, Place.HEADER):
            case.headers["If-Match"] = f'"{self._episode["version"]}"'
            case.headers["Idempotency-Key"] = f"d-{next(self._numbers)}"
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = dict(self._decision(case.body))

    def _fill_suggest_again(self, case: Case[Any]) -> None:
        self._episode = self._new_episode()
        self._fill_episode_id(case)
        if _valid(case, Place.HEADER):
            case.headers["If-Match"] = f'"{self._episode["version"]}"'

    def _fill_disagreements(self, case: Case[Any]) -> None:
        """No cursor but one that the service gave; without a challenger there is none."""
        if _valid(case, Place.QUERY) and case.query:
            case.query = {name: value for name, value in case.query.items() if name != "cursor"}

    def _decision(self, body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """The decision with lines, codes and spans of the episode."""
        for name, value in body.items():
            if name == "line":
                yield name, self._line(body)
            elif name == "lines":
                yield name, [line["id"] for line in self._standing(body.get("role", ""))] or value
            elif name == "code":
                codes = _CODES.get(body.get("role", "diagnosis"), ())
                yield name, codes[next(self._numbers) % len(codes)]
            elif name == "decision":
                yield name, next((item["id"] for item in self._episode["decisions"][::-1]), value)
            elif name == "evidence":
                yield name, [{"document": "ds", "start": 0, "end": 9, "text": NOTE[:9]}]
            else:
                yield name, value

    def _line(self, body: dict[str, Any]) -> str:
        open_lines = (self._episode["suggestions"] or {}).get("undecided", [])
        standing = [line for lines in self._episode["coding"].values() for line in lines]
        wanted = standing if body.get("kind") in ("remove", "set_date") else open_lines
        lines = wanted or open_lines or standing
        return str(lines[-1]["id"]) if lines else "none"

    def _standing(self, role: str) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self._episode["coding"].get(
            {"diagnosis": "diagnoses", "procedure": "procedures"}.get(role, ""), []
        )
        return lines

    def _fill_name(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"name": ("icd10", "opcs4")[next(self._numbers) % 2]}

    def _fill_code(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            place = next(self._numbers) % 2
            code = _CODES[("diagnosis", "procedure")[place]][0]
            case.path_parameters = {"name": ("icd10", "opcs4")[place], "code": code}

    def _fill_hl7(self, case: Case[Any]) -> None:
        if _valid(case, Place.BODY):
            case.body = self._admission()

    def _fill_waiting_message(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            self._send_hl7(f"unreadable {next(self._numbers)}".encode())
            case.path_parameters = {"message_id": self._newest_message("quarantined")}

    def _fill_mended_message(self, case: Case[Any]) -> None:
        self._fill_waiting_message(case)
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = {"text": self._admission().decode()}

    def _fill_merge(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            self._send_hl7(adt("A40", self._next_name(), pid("H2"), "MRG|H1^^^RXX^PI"))
            case.path_parameters = {"message_id": self._newest_message("taken")}

    def _admission(self) -> bytes:
        return adt("A01", self._next_name(), pid(), pv1(self._next_name()))

    def _next_name(self) -> str:
        return f"{self._role}-{next(self._numbers)}"

    def _send_hl7(self, message: bytes) -> None:
        headers = self._stage.headers(UserRole.EPR) | {"Content-Type": "text/plain"}
        self._stage.client.post("/hl7v2", content=message, headers=headers)

    def _newest_message(self, state: str) -> str:
        headers = self._stage.headers(UserRole.MANAGER)
        path = f"/v1/messages?state={state}&limit=200"
        messages = self._stage.client.get(path, headers=headers).json()["messages"]
        wanted = [one for one in messages if state == "quarantined" or one["kind"] == "ADT^A40"]
        return str(wanted[0]["id"])

    def _fill_local_term(self, case: Case[Any]) -> None:
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = dict(self._local_term())

    def _fill_local_term_id(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            headers = self._stage.headers(UserRole.CODER)
            made = self._stage.client.post("/v1/local-terms", json=self._local_term(), headers=headers)
            case.path_parameters = {"term_id": made.json()["id"]}

    def _fill_audit_id(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"audit_id": self._audit()["id"]}

    def _fill_second_coding(self, case: Case[Any]) -> None:
        """Of an audit that its coder has claimed, on the text that stands."""
        claimed = self._audit()
        path = f"/v1/audits/{claimed['id']}/claim"
        blind = self._stage.client.post(path, headers=self._stage.headers(self._auditor)).json()
        if _valid(case, Place.PATH):
            case.path_parameters = {"audit_id": claimed["id"]}
        if _valid(case, Place.HEADER):
            case.headers["Idempotency-Key"] = f"a-{next(self._numbers)}"
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            read = blind.get("text_version", "none")
            case.body = {"diagnoses": ["I10X", "e11.9"], "procedures": ["G45.9"], "read": read}

    @property
    def _auditor(self) -> UserRole:
        return self._role if self._role in AUDITING_ROLES else UserRole.AUDITOR

    def _audit(self) -> Any:
        """One that waits; every episode is drawn."""
        self._new_episode()
        headers = self._stage.headers(self._auditor)
        return self._stage.client.get("/v1/audits", headers=headers).json()["audits"][0]

    def _fill_opening(self, case: Case[Any]) -> None:
        """Of a stratum that is closed, with audits that support it."""
        self._be_open(wanted=False)
        self._fill_stratum(case)

    def _fill_closing(self, case: Case[Any]) -> None:
        self._be_open(wanted=True)
        self._fill_stratum(case)

    def _fill_stratum(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"stratum": STRATUM}

    def _forget_local_terms(self) -> None:
        """What other roles let words mean would change what is right."""
        headers = self._stage.headers(UserRole.MANAGER)
        terms = self._stage.client.get("/v1/local-terms", headers=headers).json()["local_terms"]
        for term in terms:
            self._stage.client.delete(f"/v1/local-terms/{term['id']}", headers=headers)

    def _be_open(self, *, wanted: bool) -> None:
        """Only who may change it is helped along."""
        if self._role is not UserRole.MANAGER:
            return
        now = shown(self._stage)
        if not (now["is_open"] or now["can_open"]):
            self._forget_local_terms()
            self._stage.clock.advance(minutes=1)  # the versions in force are those of the newest suggestion
            support(self._stage, f"support-{next(self._numbers)}")
        if now["is_open"] != wanted:
            path = f"/v1/automation/{STRATUM}/{'open' if wanted else 'close'}"
            headers = self._stage.headers(UserRole.MANAGER)
            self._stage.client.post(path, json={"reason": "fuzz"}, headers=headers)

    def _fill_rule(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"rule_id": "copd-infection"}

    def _fill_policy(self, case: Case[Any]) -> None:
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            number = next(self._numbers)
            case.body = {"text": f'# {number}\nrole = "diagnosis"\n[[switch]]\nrule = "therapy-local"\n'}

    def _local_term(self) -> dict[str, Any]:
        phrase = f"wording {next(self._numbers)} of {self._role}"
        return {"use": "add", "classification": "icd10", "code": "J22X", "phrase": phrase}

    def _new_episode(self) -> Any:
        return self._stage.post_episode(spell=f"{self._role}-{next(self._numbers)}")

    def _read(self, path: str) -> Any:
        return self._stage.client.get(path, headers=self._stage.headers(UserRole.CODER)).json()


def _valid(case: Case[Any], place: Place) -> bool:
    return case.meta is None or not case.meta.is_negative_at(place)
