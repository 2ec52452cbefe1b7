"""Gives three of four generated requests ids, versions and codes that are there, so that 2xx is reached.

Only parts that were generated as valid are touched: a request that is meant to be wrong stays wrong.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation as Place

from service.clinicians.importing import COLUMNS
from service.identity import AUDITING_ROLES, UserRole
from tests import fhir_messages as fhir
from tests.automation_fixtures import STRATUM, shown, support
from tests.clinician_fixtures import (
    CONSULTANT,
    SPECIALIST,
    as_manager,
    look,
    operated,
    post,
    record,
    record_people,
    specialist,
)
from tests.fakes import NOTE
from tests.hl7_messages import adt, pid, pv1
from tests.outgoing_fixtures import add_destination, parked_message
from tests.service_fixtures import Stage

_CODES = {"diagnosis": ("I10X", "e11.9", "J44.0", "Z602"), "procedure": ("G45.9", "G459")}
_QUERY: dict[str, JsonValue] = {
    "evidence": {"document": "ds", "start": 0, "end": 9, "text": NOTE[:9]},
    "question": "What do the words shown mean for this episode?",
}
_CLOSED = ("finalised", "awaiting_check", "on_hold")


_NUMBERS = itertools.count()
"""Of all guides together: a name that another has used is a repeated message, and refused."""


class Guide:
    def __init__(self, stage: Stage, role: UserRole) -> None:
        self._stage = stage
        self._role = role
        self._requests = itertools.count()
        self._numbers = _NUMBERS
        self._episode = self._new_episode()
        self._fill = {
            "POST /v1/episodes": self._fill_episode,
            "GET /v1/episodes": self._fill_worklist,
            "GET /v1/episodes/{episode_id}": self._fill_episode_id,
            "POST /v1/episodes/{episode_id}/decisions": self._fill_decision,
            "POST /hl7v2": self._fill_hl7,
            "POST /fhir": self._fill_fhir,
            "POST /fhir/Bundle": self._fill_fhir,
            "POST /fhir/$process-message": self._fill_fhir,
            "POST /fhir/DocumentReference": self._fill_fhir,
            "POST /fhir/Encounter": self._fill_fhir,
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
            "POST /v1/destinations": self._fill_destination,
            "PATCH /v1/destinations/{destination_id}": self._fill_destination_change,
            "POST /v1/destinations/{destination_id}/secret": self._fill_secret,
            "POST /v1/destinations/{destination_id}/retire-secret": self._fill_destination_id,
            "POST /v1/outgoing/{outgoing_id}/replay": self._fill_parked,
            "GET /v1/extracts": self._fill_days,
            "GET /v1/extracts/missing": self._fill_days,
            "GET /v1/standards/{rule_id}": self._fill_rule,
            "PUT /v1/standards-policy": self._fill_policy,
            "POST /v1/episodes/{episode_id}/queries": self._fill_query,
            "GET /v1/episodes/{episode_id}/queries": self._fill_episode_id,
            "GET /v1/queries/{query_id}": self._fill_query_id,
            "POST /v1/queries/{query_id}/answer": self._fill_answer,
            "POST /v1/queries/{query_id}/withdraw": self._fill_query_id,
            "GET /v1/episodes/{episode_id}/attributions": self._fill_episode_id,
            "GET /v1/clinicians/{register}/{number}": self._fill_clinician,
            "PUT /v1/clinicians/{register}/{number}": self._fill_entry,
            "POST /v1/clinicians/import": self._fill_register_file,
            "POST /v1/autonomy-policies": self._fill_autonomy_policy,
            "POST /v1/attributions/look": self._fill_period,
            "POST /v1/attributions/accept": self._fill_proposals,
            "POST /v1/attributions/{proposal_id}/accept": self._fill_proposal,
            "POST /v1/attributions/{proposal_id}/dismiss": self._fill_proposal,
            "POST /v1/attributions/{proposal_id}/take-back": self._fill_accepted_proposal,
            "POST /v1/declarations": self._fill_declaration,
            "GET /v1/classifications/{name}/codes": self._fill_name,
            "GET /v1/classifications/{name}/codes/{code}": self._fill_code,
            "GET /v1/classifications/{name}/codes/{code}/use": self._fill_code,
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

    def _fill_fhir(self, case: Case[Any]) -> None:
        """A stay of its own each time, and a document for it."""
        if not _valid(case, Place.BODY):
            return
        name = self._next_name()
        stay = fhir.encounter(name, location=[])
        letter = fhir.reference(b"Diagnosis: hypertension.", "text/plain", name)
        letter["context"]["encounter"][0]["identifier"]["value"] = name
        kinds = {"Encounter": stay, "DocumentReference": letter}
        body = kinds.get(case.operation.path.rpartition("/")[2]) or fhir.document(name, stay=stay)
        case.media_type, case.body = "application/fhir+json", body

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

    def _fill_destination(self, case: Case[Any]) -> None:
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = {"name": self._next_name(), "kind": "webhook", "address": "https://127.0.0.1/hook"}

    def _fill_destination_id(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"destination_id": self._destination()}

    def _fill_destination_change(self, case: Case[Any]) -> None:
        self._fill_destination_id(case)
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = {"state": "paused"}

    def _fill_secret(self, case: Case[Any]) -> None:
        self._fill_destination_id(case)
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = {}

    def _fill_parked(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"outgoing_id": parked_message(self._stage, self._destination())}

    def _fill_days(self, case: Case[Any]) -> None:
        if _valid(case, Place.QUERY) and case.query:
            case.query = {**case.query, "from": "2026-03-01", "to": "2026-03-31"}

    def _destination(self) -> str:
        name = f"d-{self._next_name()}"
        made = add_destination(self._stage, "webhook", "https://127.0.0.1/hook", name)
        return str(made["destination"]["id"])

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

    def _fill_query(self, case: Case[Any]) -> None:
        """Of an episode that is open."""
        self._fill_suggest_again(case)
        if _valid(case, Place.HEADER):
            case.headers["Idempotency-Key"] = f"q-{next(self._numbers)}"
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = _QUERY

    def _fill_query_id(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"query_id": self._query()}

    def _fill_answer(self, case: Case[Any]) -> None:
        self._fill_query_id(case)
        if _valid(case, Place.HEADER):
            case.headers["Idempotency-Key"] = f"w-{next(self._numbers)}"
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = {"text": "An infective one."}

    def _query(self) -> str:
        """One that is open, put to any clinician."""
        episode = self._new_episode()
        headers = self._stage.headers(UserRole.CODER) | {"If-Match": f'"{episode["version"]}"'}
        path = f"/v1/episodes/{episode['id']}/queries"
        return str(self._stage.client.post(path, json=_QUERY, headers=headers).json()["id"])

    def _fill_rule(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"rule_id": "copd-infection"}

    def _fill_policy(self, case: Case[Any]) -> None:
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            number = next(self._numbers)
            case.body = {"text": f'# {number}\nrole = "diagnosis"\n[[switch]]\nrule = "therapy-local"\n'}

    def _fill_clinician(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            record_people(self._stage)
            case.path_parameters = {"register": "gmc", "number": CONSULTANT}

    def _fill_entry(self, case: Case[Any]) -> None:
        self._fill_clinician(case)
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = specialist(name=f"Dr {next(self._numbers)}", main_specialty="100")

    def _fill_register_file(self, case: Case[Any]) -> None:
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            line = f"gmc,6000001,Dr {next(self._numbers)},consultant,100,none,,,,,2020-01-01,,,,"
            case.body = {"text": f"{','.join(COLUMNS)}\n{line}\n"}

    def _fill_autonomy_policy(self, case: Case[Any]) -> None:
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = {"version": f"fuzz-{next(self._numbers)}", "starts": "2026-01-01"}

    def _fill_period(self, case: Case[Any]) -> None:
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = {"starts": "2026-01-01", "ends": "2026-12-31"}

    def _fill_proposal(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"proposal_id": self._proposal()}

    def _fill_proposals(self, case: Case[Any]) -> None:
        if _valid(case, Place.BODY) and isinstance(case.body, dict):
            case.body = {"proposals": [self._proposal()]}

    def _fill_accepted_proposal(self, case: Case[Any]) -> None:
        if _valid(case, Place.PATH):
            case.path_parameters = {"proposal_id": self._proposal()}
            path = f"/v1/attributions/{case.path_parameters['proposal_id']}/accept"
            as_manager(self._stage, "POST", path)

    def _proposal(self) -> str:
        """One that waits."""
        record_people(self._stage)
        sent = operated("Dr Full Specialist")
        made = post(self._stage, f"proposal-{self._role}-{next(self._numbers)}", documents=[sent])
        look(self._stage)
        pages = as_manager(self._stage, "GET", "/v1/attributions?limit=200").json()["proposals"]
        return str(next(one["id"] for one in pages if one["episode"] == made["id"]))

    def _fill_declaration(self, case: Case[Any]) -> None:
        """A clinician declares their own work, a manager anybody's."""
        if not _valid(case, Place.BODY) or not isinstance(case.body, dict):
            return
        record_people(self._stage)
        own = record(self._stage, SPECIALIST, **specialist(account=UserRole.CLINICIAN))["clinician"]["id"]
        work: dict[str, Any] = {"treatment_function": "100", "activity": "daycase"}
        work |= {"autonomous": True, "episodes": 3}
        case.body = {"clinician": own, "starts": "2026-01-01", "ends": "2026-12-31", "lines": [work]}

    def _local_term(self) -> dict[str, Any]:
        phrase = f"wording {next(self._numbers)} of {self._role}"
        return {"use": "add", "classification": "icd10", "code": "J22X", "phrase": phrase}

    def _new_episode(self) -> Any:
        return self._stage.post_episode(spell=f"{self._role}-{next(self._numbers)}")

    def _read(self, path: str) -> Any:
        return self._stage.client.get(path, headers=self._stage.headers(UserRole.CODER)).json()


def _valid(case: Case[Any], place: Place) -> bool:
    return case.meta is None or not case.meta.is_negative_at(place)
