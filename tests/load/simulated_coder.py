"""A coder who knows the gold coding, at work through the API: accepts, rejects, adds, orders, finalises."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import count
from typing import Any

from starlette.testclient import TestClient

from data.episodes import CodedEpisode, CodedLine, Role


class Habit(StrEnum):
    CAREFUL = "decided by gold"
    ERRING = "10 % of the decisions wrong"
    ONLY_SHOWN = "only what is shown"
    """Accepts and rejects what is put before them, and adds nothing."""


_WRONG = 0.1
_ANSWERED = (200, 201)
_REFUSED = (409, 422)
_REFUSABLE = ("add", "accept", "finalise")
"""The code stands already, the edition does not have it, or what a coder did wrong is against the standards:
a coder goes on without it."""
Keys = Mapping[str, str]
"""API keys: `epr` and `coder`."""


@dataclass(slots=True)
class SimulatedCoder:
    client: TestClient
    keys: Keys
    habit: Habit
    random: random.Random
    done: Counter[str] = field(default_factory=Counter)
    """Decisions by kind, and those refused."""
    coded: dict[str, CodedEpisode] = field(default_factory=dict)
    """Gold by the id that the service gave to the episode."""

    def code(self, gold: CodedEpisode) -> None:
        """Posts the episode and codes it; left open where nothing stands that could be finalised."""
        episode = self._send("/v1/episodes", posted(gold), "epr")
        self.coded[episode["id"]] = gold
        desk = _Desk(self, f"/v1/episodes/{episode['id']}", episode["version"])
        left = {Role.DIAGNOSIS: list(gold.diagnoses), Role.PROCEDURE: list(gold.procedures)}
        headed: set[int | None] = set()
        for line in (episode["suggestions"] or {}).get("undecided", ()):
            verdict = self._verdict(line, left[Role(line["role"])], headed)
            desk.decide(verdict, line=line["id"])
        if self.habit is not Habit.ONLY_SHOWN:
            for role, lines in left.items():
                self._add(desk, role, lines, gold)
        coding = desk.put_in_order(gold)
        if coding and coding["diagnoses"]:
            desk.decide("finalise")

    def _verdict(self, line: Mapping[str, Any], left: list[CodedLine], headed: set[int | None]) -> str:
        """
        Args:
            headed: groups whose procedure was accepted; a method or a site is nothing without it.
        """
        wanted = next((one for one in left if one.code == line["code"]), None)
        if is_subsidiary(line) and line["group"] not in headed:
            return "reject"
        if (wanted is not None) is self._errs():
            return "reject"
        if wanted is not None:
            left.remove(wanted)
        headed.add(line.get("group"))
        return "accept"

    def _add(self, desk: "_Desk", role: Role, lines: Sequence[CodedLine], gold: CodedEpisode) -> None:
        groups = standing_groups(desk.coding, gold) if role is Role.PROCEDURE else {}
        for line in lines:
            if not self._errs():
                desk.decide("add", role=role.value, **added(role, line, gold, groups))

    def _errs(self) -> bool:
        return self.habit is Habit.ERRING and self.random.random() < _WRONG

    def _send(self, path: str, body: Mapping[str, Any], key: str, version: int | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[key]}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = self.client.post(path, json=body, headers=headers)
        if answer.status_code in _REFUSED and body.get("kind") in _REFUSABLE:
            self.done["refused"] += 1
            return None
        assert answer.status_code in _ANSWERED, f"{body.get('kind', 'post')}: {answer.status_code}"
        self.done[str(body.get("kind", "posted"))] += 1
        return answer.json()


@dataclass(slots=True)
class _Desk:
    """One episode, always on its newest version."""

    coder: SimulatedCoder
    path: str
    version: int
    coding: Any = None

    def decide(self, kind: str, **fields: Any) -> None:
        answer = self.coder._send(f"{self.path}/decisions", {"kind": kind, **fields}, "coder", self.version)
        if answer is not None:
            self.version, self.coding = answer["version"], answer["coding"]
        elif kind == "accept":  # what cannot stand is turned down, or the coding cannot be finalised
            self.decide("reject", **fields)

    def put_in_order(self, gold: CodedEpisode) -> Any:
        """Diagnoses as gold has them; what gold does not have comes last."""
        if self.coding is None:
            return None
        order = [line.code for line in gold.diagnoses]
        now = [(line["id"], line["code"]) for line in self.coding["diagnoses"]]
        wanted = sorted(now, key=lambda line: order.index(line[1]) if line[1] in order else len(order))
        if wanted != now:
            self.decide("reorder", role="diagnosis", lines=[line_id for line_id, _ in wanted])
        return self.coding


def posted(gold: CodedEpisode) -> dict[str, Any]:
    """The episode as an EPR sends it."""
    episode = gold.episode
    facts = {
        "spell_number": episode.id,
        "episode_number": "1",
        "local_patient_id": gold.patient,
        "sex": episode.sex,
        "treatment_function": episode.treatment_function,
        "admission_method": episode.admission_method,
        "language": episode.language,
        **dict(_dates(gold)),
        "documents": [
            {"id": document.id, "kind": document.kind, "title": document.title, "text": document.text}
            for document in episode.documents
        ],
    }
    return {name: value for name, value in facts.items() if value is not None}


def _dates(gold: CodedEpisode) -> Iterator[tuple[str, str]]:
    """The stay, and a birth date that gives the age at its start."""
    episode = gold.episode
    if episode.end is None:
        return
    start = episode.end - timedelta(days=episode.length_of_stay_days or 0)
    yield "episode_end", episode.end.isoformat()
    if episode.length_of_stay_days is not None:
        yield "spell_start", start.isoformat()
        yield "spell_end", episode.end.isoformat()
    if episode.age is not None:
        day = 28 if (start.month, start.day) == (2, 29) else start.day
        yield "birth_date", date(start.year - episode.age, start.month, day).isoformat()


def is_subsidiary(line: Mapping[str, Any]) -> bool:
    """A method or a site, which belongs to the procedure of its group."""
    return line["role"] == Role.PROCEDURE and line["code"][0] in "YZ"


def standing_groups(coding: Any, gold: CodedEpisode) -> dict[int | None, int]:
    """Where lines of each group of gold belong: beside their procedure if it stands, else in a new group."""
    heads = {line.code: line.group for line in reversed(gold.procedures) if line.code[0] not in "YZ"}
    standing = coding["procedures"] if coding else []
    found = {heads[line["code"]]: line["group"] for line in standing if line["code"] in heads}
    free = count(1 + max((line["group"] or 0 for line in standing), default=0))
    return {line.group: found.get(line.group) or next(free) for line in gold.procedures} | found


def added(
    role: Role, line: CodedLine, gold: CodedEpisode, groups: Mapping[int | None, int]
) -> dict[str, Any]:
    """A line that is added by selecting the words that gold rests on."""
    documents = gold.episode.documents
    evidence = [
        {"document": documents[item.document].id, "start": item.start, "end": item.end}
        for item in line.evidence
    ]
    fields: dict[str, Any] = {"code": line.code, "evidence": evidence}
    if role is Role.PROCEDURE:
        fields |= {"group": groups[line.group], "date": line.date.isoformat() if line.date else None}
    return {name: value for name, value in fields.items() if value is not None}
