"""Simulated coders before the pages of the workbench: the load generator, a process of its own.

Each of them does one action about every four seconds, as the page before them allows: looks at the
worklist, opens an episode, accepts, rejects, searches and adds a code, takes back, finalises, goes to the
next. The time of an action counts from when it was due: an answer that waits its turn counts as slow.

usage: python -m tests.load.workbench_coder PORT CODERS SECONDS    prints one JSON object
"""

import json
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from html import unescape
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from typing import ClassVar
from urllib.parse import urlencode

from tests.service_fixtures import PASSWORD

EVERY_SECONDS = 4.0
_BY_HTMX = {"HX-Request": "true", "HX-Target": "div#desk"}
_FIELD = re.compile(r'name="(csrf_token|version|decisions|documents)" value="([^"]*)"')
_EPISODE = re.compile(r'href="/episodes/([0-9a-f-]{36})"')
_UNDECIDED = re.compile(r'data-line="([0-9a-f-]+)"[^>]* data-undecided')
_UNDOABLE = re.compile(r'name="decision" value="([0-9a-f-]+)"')
_HIT = re.compile(r'name="code" value="(\w+)"(?![^>]*disabled)')
_WORDS = (
    "copd",
    "type 2 dia",
    "hypertension",
    "I10",
    "J44",
    "fall",
    "pneumonia",
    "af",
    "ckd 3",
    "uti",
    "gout",
    "asthma",
)


_CODES = ("J440", "I10X", "E119", "N390", "R296", "J189", "I48X", "Z864")


class Action(StrEnum):
    WORKLIST = "worklist"
    NEXT = "next episode"
    OPEN = "open episode"
    ACCEPT = "accept"
    REJECT = "reject"
    REJECT_REST = "reject the rest"
    SEARCH = "search a code"
    ADD = "add"
    UNDO = "undo"
    FINALISE = "finalise"
    BOOK = "page of a code"


_WISHES = {
    Action.ACCEPT: 40, Action.REJECT: 14, Action.SEARCH: 12, Action.ADD: 8, Action.UNDO: 3,
    Action.REJECT_REST: 4, Action.WORKLIST: 6, Action.NEXT: 4, Action.BOOK: 3,
}  # fmt: skip
"""How often each is wished for, of a hundred, while an episode is open and something is left to decide."""
_BY_NEXT = 0.3
"""How often the next episode is asked for, instead of looking for one on the worklist."""


_CODES = ("J440", "I10X", "E119", "N390", "R296", "J189", "I48X", "Z864")


@dataclass(frozen=True, slots=True)
class Sample:
    action: Action
    seconds: float
    status: int


@dataclass(slots=True)
class Answer:
    status: int
    text: str
    location: str


class Browser:
    """One kept-alive connection with its cookie, from an address of its own: tries to sign in are counted
    by address."""

    def __init__(self, port: int, place: int) -> None:
        self._port = port
        address = f"127.0.{1 + place // 200}.{1 + place % 200}"
        self._http = HTTPConnection("127.0.0.1", port, timeout=60, source_address=(address, 0))
        self._cookie = ""

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None, {})

    def post(self, path: str, fields: dict[str, str], headers: dict[str, str]) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", path, urlencode(fields), form | headers)

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        sent = headers | {"Cookie": self._cookie, "Accept": "text/html"}
        try:
            answer, text = self._asked(method, path, body, sent)
        except (OSError, HTTPException):
            self._http.close()
            return Answer(599, "", "")
        given = answer.headers.get("set-cookie")
        if given:
            self._cookie = given.split(";")[0]
        return Answer(answer.status, text, answer.headers.get("location", ""))

    def _asked(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[HTTPResponse, str]:
        """Once more where the server had closed the connection meanwhile, as browsers do."""
        try:
            self._http.request(method, path, body, headers)
            answer = self._http.getresponse()
        except (RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._http.close()
            self._http.request(method, path, body, headers)
            answer = self._http.getresponse()
        return answer, answer.read().decode()


@dataclass(slots=True)
class Coder:
    """Someone at work; what lies before them is read from the page, as a browser shows it."""

    name: str
    browser: Browser
    random: random.Random
    samples: list[Sample] = field(default_factory=list)
    episode: str = ""
    page: str = ""
    hits: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    """Episodes of the worklist that was last looked at."""
    token: str = ""
    """What every form of the session carries."""

    def sign_in(self) -> None:
        answer = self.browser.post("/sign-in", {"username": self.name, "password": PASSWORD}, {})
        assert answer.status == 303, answer.status
        self.token = dict(_FIELD.findall(self.browser.get("/worklist").text))["csrf_token"]

    def act(self) -> tuple[Action, int]:
        """The next action, with the status of its answer."""
        action = self._wish()
        answer = self._DO[action](self)
        return action, answer.status

    def _wish(self) -> Action:
        if not self.page:
            otherwise = Action.NEXT if self.random.random() < _BY_NEXT else Action.WORKLIST
            return Action.OPEN if self.episode else otherwise
        if not _UNDECIDED.search(self.page):
            return Action.FINALISE if 'id="finalise"' in self.page else Action.NEXT
        wish = self.random.choices(list(_WISHES), list(_WISHES.values()))[0]
        if wish is Action.ADD and not self.hits:
            return Action.SEARCH
        if wish is Action.UNDO and 'id="undo"' not in self.page:
            return Action.ACCEPT
        return wish

    def _worklist(self) -> Answer:
        wanted = self.random.choice(
            ("", "", "?status=ready", "?site=NORTH", "?status=in_progress", "?mine=1")
        )
        answer = self.browser.get(f"/worklist{wanted}")
        self.chosen = _EPISODE.findall(answer.text)
        self._turn_to(self.random.choice(self.chosen) if self.chosen else "")
        return answer

    def _next(self) -> Answer:
        answer = self.browser.post("/worklist/next", {"csrf_token": self.token}, {})
        self._turn_to(answer.location.rpartition("/")[2] if "/episodes/" in answer.location else "")
        return answer

    def _turn_to(self, episode: str) -> None:
        self.episode, self.page, self.hits = episode, "", []

    def _open(self) -> Answer:
        answer = self.browser.get(f"/episodes/{self.episode}")
        self.page = answer.text
        if answer.status != 200:
            self._turn_to("")
        return answer

    def _decide(self, kind: str, path: str = "decisions", **more: str) -> Answer:
        sent = {**self._fields(), **({"kind": kind} if kind else {}), **more}
        answer = self.browser.post(f"/episodes/{self.episode}/{path}", sent, _BY_HTMX)
        if 'id="desk"' in answer.text:
            self.page = answer.text
        if answer.status == 422 and kind == "finalise":  # the standards are against it: someone else's turn
            self._turn_to("")
        return answer

    def _fields(self) -> dict[str, str]:
        return {name: unescape(value) for name, value in _FIELD.findall(self.page)}

    def _first(self) -> str:
        found = _UNDECIDED.search(self.page)
        return found[1] if found else ""

    def _search(self) -> Answer:
        words = self.random.choice(_WORDS)
        sent = {**self._fields(), "role": "diagnosis", "query": words}
        headers = {"HX-Request": "true", "HX-Target": "div#hits"}
        answer = self.browser.post(f"/episodes/{self.episode}/search", sent, headers)
        self.hits = _HIT.findall(answer.text)
        return answer

    def _add(self) -> Answer:
        code, self.hits = self.random.choice(self.hits), []
        return self._decide("add", role="diagnosis", code=code)

    def _undo(self) -> Answer:
        found = _UNDOABLE.search(self.page)
        return self._decide("undo", decision=found[1]) if found else self._decide("", do="undo")

    def _finalise(self) -> Answer:
        answer = self._decide("finalise")
        if answer.status == 409:  # no diagnosis stands
            self._turn_to("")
        return answer

    _DO: ClassVar[dict[Action, Callable[["Coder"], Answer]]] = {
        Action.WORKLIST: _worklist,
        Action.NEXT: _next,
        Action.OPEN: _open,
        Action.ACCEPT: lambda self: self._decide("accept", line=self._first()),
        Action.REJECT: lambda self: self._decide("reject", line=self._first(), reason=""),
        Action.REJECT_REST: lambda self: self._decide("", path="reject-remaining"),
        Action.SEARCH: _search,
        Action.ADD: _add,
        Action.UNDO: _undo,
        Action.FINALISE: _finalise,
        Action.BOOK: lambda self: self.browser.get(f"/codes/icd10/{self.random.choice(_CODES)}"),
    }


def work(coder: Coder, began: float, seconds: float) -> None:
    """Acts about every four seconds until the time is over."""
    due = began + coder.random.random() * EVERY_SECONDS
    while due < began + seconds:
        time.sleep(max(0.0, due - time.perf_counter()))
        action, status = coder.act()
        coder.samples.append(Sample(action, time.perf_counter() - due, status))
        due += coder.random.uniform(0.5, 1.5) * EVERY_SECONDS


def main(port: int, count: int, seconds: float) -> None:
    coders = [Coder(f"coder-{n}", Browser(port, n), random.Random(n)) for n in range(count)]
    for coder in coders:
        coder.sign_in()
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(coder, began, seconds)) for coder in coders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    samples = [sample for coder in coders for sample in coder.samples]
    by_action: dict[str, list[float]] = {}
    for sample in samples:
        by_action.setdefault(sample.action, []).append(sample.seconds)
    statuses = Counter(f"{sample.action} {sample.status}" for sample in samples)
    took = time.perf_counter() - began
    print(json.dumps({"seconds": took, "by_action": by_action, "statuses": statuses}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
