"""A provider with something of every kind in it, in words that a test gives.

A new kind of content that people type or systems send belongs into `FURNISHERS`.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from service.accounts import directory
from service.identity import UserRole
from service.tables import Account
from tests.automation_fixtures import STRATUM, claim, code, waiting
from tests.fakes import NOTE
from tests.hl7_messages import adt, pid, pv1
from tests.page_client import PageClient
from tests.service_fixtures import Stage

_SOME = 20
"""Words for what is slow to make, or is shown by templates that others share."""

PLAIN = ("Seren Hughes", "Ward 4 West", "Dr Okafor", "known to the chest team")


class Words:
    """Gives out the words one after the other, again and again."""

    def __init__(self, words: Sequence[str]) -> None:
        self.every = tuple(words)
        self._next: Iterator[str] = itertools.cycle(self.every)

    def __call__(self, most: int = 200) -> str:
        """At most so many characters, never nothing."""
        return next(self._next)[:most].strip() or "x"


def furnish(stage: Stage, words: Sequence[str] = PLAIN) -> None:
    given = Words(words)
    for furnisher in FURNISHERS:
        furnisher(stage, given)


def posted(stage: Stage, body: dict[str, Any], provider: str = "A") -> Any:
    answer = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR, provider))
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def decided(stage: Stage, episode: Any, who: UserRole = UserRole.CODER, **decision: Any) -> Any:
    """The episode after a decision."""
    path = f"/v1/episodes/{episode['id']}"
    now = stage.client.get(path, headers=stage.headers()).json()
    headers = stage.headers(who) | {"If-Match": f'"{now["version"]}"'}
    answer = stage.client.post(f"{path}/decisions", json=decision, headers=headers)
    assert answer.status_code == 201, answer.text
    return stage.client.get(path, headers=stage.headers()).json()


def _episodes(stage: Stage, words: Words) -> None:
    """One for each of the words, which stand in every field of it that is text."""
    for number, word in enumerate(words.every):
        posted(stage, _episode(f"F{number}", word))


def _episode(spell: str, word: str) -> dict[str, Any]:
    text = f"{word}\n{NOTE}\nSeen by {word}."
    return {
        "spell_number": f"{spell}{word}"[:64],
        "episode_number": word[:16],
        "nhs_number": word[:20],
        "local_patient_id": word[:64],
        "family_name": word[:200],
        "given_name": word[:200],
        "sex": word[:20],
        "site": word[:12],
        "treatment_function": word[:64],
        "main_specialty": word[:64],
        "clinician": word[:64],
        "admission_method": word[:16],
        "documents": [
            {"id": word[:200], "title": word[:200], "author": word[:200], "text": text},
            {"id": "histology", "kind": "histology", "title": word[:200], "text": text},
        ],
    }


def _codings(stage: Stage, words: Words) -> None:
    """In every status, with every kind of decision, reasons among them."""
    first = _coded(stage, posted(stage, _episode("finalised", words())), words)
    decided(stage, first, kind="finalise")
    again = _coded(stage, posted(stage, _episode("reopened", words())), words)
    decided(stage, again, kind="finalise")
    decided(stage, again, kind="reopen", reason=words())
    held = posted(stage, _episode("held", words()))
    decided(stage, held, kind="hold", reason="histology", review_date="2026-03-20")
    checked = posted(stage, _episode("checked", words()))
    _coded(stage, checked, words, UserRole.TRAINEE)
    decided(stage, checked, UserRole.TRAINEE, kind="finalise")
    back = posted(stage, _episode("returned", words()))
    _coded(stage, back, words, UserRole.TRAINEE)
    decided(stage, back, UserRole.TRAINEE, kind="finalise")
    decided(stage, back, UserRole.AUDITOR, kind="return", reason=words())
    against = posted(stage, _episode("overridden", words()) | {"documents": []})
    for wrong in ("E109", "E119"):
        decided(stage, against, kind="add", role="diagnosis", code=wrong)
    now = stage.client.get(f"/v1/episodes/{against['id']}", headers=stage.headers()).json()
    rule = next(one["rule"] for one in now["findings"] if one["severity"] == "error")
    decided(stage, against, UserRole.AUDITOR, kind="override", rule=rule, reason=words())


def _coded(stage: Stage, episode: Any, words: Words, role: UserRole = UserRole.CODER) -> Any:
    """The first is accepted, a code is added beside the words, the rest is turned down."""
    accepted, *rest = [line["id"] for line in episode["suggestions"]["undecided"]]
    decided(stage, episode, role, kind="accept", line=accepted)
    document = episode["documents"][0]
    span = {"document": document["id"], "start": 0, "end": min(20, len(document["text"]))}
    decided(stage, episode, role, kind="add", role="diagnosis", code="M109", evidence=[span])
    for line in rest:
        decided(stage, episode, role, kind="reject", line=line, reason="not_documented")
    return episode


def _local_terms(stage: Stage, words: Words) -> None:
    """What is refused as a phrase stands as a note."""
    for number, word in enumerate(words.every):
        note = re.sub(r"\s", " ", word[:200])
        for phrase in (f"word{number} {note}"[:200], f"other word{number}"):
            term = {"use": "add", "classification": "icd10", "code": "J440", "phrase": phrase, "note": note}
            answer = stage.client.post("/v1/local-terms", json=term, headers=stage.headers())
            if answer.status_code == 201:
                break


def _messages(stage: Stage, words: Words) -> None:
    """That cannot be taken: they wait in quarantine, to be shown."""
    for number, word in enumerate(words.every):
        flat = re.sub(r"[\r\n|]", " ", word)
        whole = adt("A01", f"F{number}", pid().replace("EDITH", flat), pv1(f"V{number}"))
        broken = whole.replace(b"|PAS|", f"|{flat}|".encode()).replace(b"PV1|1", b"PV1|\r1")
        headers = stage.headers(UserRole.EPR) | {"Content-Type": "text/plain"}
        stage.client.post("/hl7v2", content=broken, headers=headers)


def _people(stage: Stage, words: Words) -> None:
    """Accounts and keys whose names are the words; nobody signs in with them."""
    with stage.services.db.write() as session:
        operator = directory.operator(directory.provider_by_code(session, "A").id)
        for number, word in enumerate(words.every):
            name = word[:190].strip() or "x"
            session.add(_account(operator.provider_id, number, name, stage))
            directory.add_key(session, operator, f"{number}{name}", UserRole.EPR, at=stage.clock.now())


def _account(provider_id: str, number: int, name: str, stage: Stage) -> Account:
    return Account(
        id=directory.new_id(),
        provider_id=provider_id,
        username=f"{number}{name}"[:100],
        name=name,
        role=UserRole.CODER,
        password_hash="none",
        session_epoch=0,
        demonstration=False,
        created_at=stage.clock.now(),
    )


def _standards(stage: Stage, words: Words) -> None:
    """A policy of one's own, with the words in its rules."""
    rules = [_rule(number, word) for number, word in enumerate(words.every)]
    text = 'role = "diagnosis"\n' + "\n".join(rules)
    answer = stage.client.put(
        "/v1/standards-policy", json={"text": text}, headers=stage.headers(UserRole.MANAGER)
    )
    assert answer.status_code == 200, answer.text


def _rule(number: int, word: str) -> str:
    said = json.dumps(
        "".join(character for character in word if character.isprintable()) or "x", ensure_ascii=False
    )
    return f"""
[[rule]]
id = "own-{number}"
standard = "project"
mark = "I"
severity = "information"
text = {said}
operator = "needs"
codes = ["J440"]
any = ["R54"]
passing = ["J440 R54X"]
failing = ["J440"]
"""


def _audits(stage: Stage, words: Words) -> None:
    """As far as any were drawn: one done, one claimed by the auditor who signs in, the others waiting; and a
    stratum that was closed for a reason."""
    auditor = PageClient(stage)
    auditor.sign_in("auditor-a")
    for address in re.findall(r'action="(/audits/[0-9a-f-]{36})/claim"', auditor.get("/audits").text)[:2]:
        auditor.post(f"{address}/claim", auditor.hidden_fields("/audits"))
    found = waiting(stage)
    if found:
        blind = claim(stage, found[0]).json()
        code(stage, found[0], {"diagnoses": ["I10", "E11.9"], "procedures": []}, blind["text_version"])
    headers = stage.headers(UserRole.MANAGER)
    stage.client.post(f"/v1/automation/{STRATUM}/close", json={"reason": words()}, headers=headers)


def _versions(stage: Stage, words: Words) -> None:
    """A document that was sent again with other text; of an episode due long ago, so first in the list."""
    sent = _episode("versions", words()) | {"episode_end": "2025-06-01"}
    posted(stage, sent)
    posted(
        stage, sent | {"documents": [one | {"text": f"Amended. {one['text']}"} for one in sent["documents"]]}
    )


def _queries(stage: Stage, words: Words) -> None:
    """The first is answered."""
    for number, word in enumerate(words.every[:_SOME]):
        episode = posted(stage, _episode(f"Q{number}", word))
        path, document = f"/v1/episodes/{episode['id']}/queries", episode["documents"][0]["id"]
        evidence = {"document": document, "start": 0, "end": 1}
        asked = {
            "evidence": evidence,
            "question": f"{word} What is meant?",
            "to": "anyone",
            "confirmed": True,
        }
        headers = stage.headers() | {"If-Match": f'"{episode["version"]}"'}
        answer = stage.client.post(path, json=asked | {"confirmed": True}, headers=headers)
        if number == 0 and answer.status_code == 201:
            stage.client.post(
                f"/v1/queries/{answer.json()['id']}/answer",
                json={"text": word},
                headers=stage.headers(UserRole.CLINICIAN),
            )


def _register(stage: Stage, words: Words) -> None:
    entry = {"grade": "consultant", "main_specialty": "100", "starts": "2020-01-01"}
    for number, word in enumerate(words.every[:_SOME]):
        stage.client.put(
            f"/v1/clinicians/gmc/{1000001 + number}",
            json=entry | {"name": word[:100].strip() or "x"},
            headers=stage.headers(UserRole.MANAGER),
        )


def _practice(stage: Stage, _words: Words) -> None:
    """One case that each who codes has handed in; of what they gave, codes alone are kept."""
    for name in ("coder-a", "trainee-a", "auditor-a", "manager-a"):
        pages = PageClient(stage)
        pages.sign_in(name)
        address = "/practice/cases/uk-a1-001"
        sent = {**pages.hidden_fields(address), "diagnoses": "K703", "procedures": "", "do": "finish"}
        assert pages.post(address, sent).status_code == 303


Furnisher = Callable[[Stage, Words], None]
FURNISHERS: tuple[Furnisher, ...] = (
    _standards, _local_terms, _episodes, _codings, _versions, _queries, _register, _practice, _messages,
    _people, _audits,
)  # fmt: skip
