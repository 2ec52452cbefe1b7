"""Each call as a value: what is asked, how its answer is read, and whether it may be asked twice.

The two clients only send such values, so they cannot differ in what they ask.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypedDict, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel, ValidationError

from service.client import types as t
from service.client.decisions import Decision
from service.client.errors import Unexpected
from service.client.sent import Episode, Text

Answer = TypeVar("Answer")
Model = TypeVar("Model", bound=BaseModel)
_JSON = "application/json"
HL7_MEDIA_TYPE = "x-application/hl7-v2+er7"


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    method: str
    path: str
    read: Callable[[httpx.Response], Answer]
    params: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    is_repeatable: bool = True
    """To carry it out twice is the same as once; so it is made again after a failed connection."""
    answers: frozenset[int] = frozenset({200, 201})
    """Statuses that are answers; any other is a failure."""


class Versioned(Protocol):
    """An episode as it was read, or as it stood after a decision."""

    @property
    def episode(self) -> str: ...
    @property
    def version(self) -> int: ...


def suggest(text: Text) -> Call[t.Suggestions]:
    return Call("POST", "/v1/suggestions", _reader(t.Suggestions), **_body(text))


def submit(episode: Episode, key: str | None) -> Call[t.Episode]:
    """Args: key: an idempotency key of one's own; by default one is made, and kept over the retries."""
    return Call("POST", "/v1/episodes", _reader(t.Episode), **_body(episode, _idempotent(key)))


def read_episode(episode_id: str) -> Call[t.Episode]:
    return Call("GET", f"/v1/episodes/{_part(episode_id)}", _reader(t.Episode))


def list_episodes(filters: Mapping[str, str | int | None]) -> Call[t.EpisodePage]:
    params = {name: value for name, value in filters.items() if value is not None}
    return Call("GET", "/v1/episodes", _reader(t.EpisodePage), params)


def decide(on: Versioned, decision: Decision, key: str | None) -> Call[t.Decided]:
    headers = {**_idempotent(key), "If-Match": f'"{on.version}"'}
    path = f"/v1/episodes/{_part(on.episode)}/decisions"

    def read(response: httpx.Response) -> t.Decided:
        return _reader(t.Decided)(response).model_copy(update={"episode": on.episode})

    return Call("POST", path, read, **_body(decision, headers))


def suggest_again(on: Versioned) -> Call[t.Episode]:
    """Not made again after a failed connection: it may have been carried out, and the version be another."""
    headers = {"If-Match": f'"{on.version}"'}
    path = f"/v1/episodes/{_part(on.episode)}/suggestions"
    return Call("POST", path, _reader(t.Episode), headers=headers, is_repeatable=False)


def search_codes(classification: str, words: str, limit: int) -> Call[t.CodeSearch]:
    path = f"/v1/classifications/{_part(classification)}/codes"
    return Call("GET", path, _reader(t.CodeSearch), {"q": words, "limit": limit})


def send_hl7(message: bytes) -> Call[t.Acknowledgement]:
    """A message that comes twice is one, by its MSH-10."""
    headers = {"Content-Type": HL7_MEDIA_TYPE}
    answers = frozenset({200, 422})
    return Call("POST", "/hl7v2", _acknowledgement, headers=headers, content=message, answers=answers)


class _Body(TypedDict):
    headers: Mapping[str, str]
    content: bytes


def _body(model: BaseModel, headers: Mapping[str, str] | None = None) -> _Body:
    content = model.model_dump_json(exclude_none=True).encode()
    return {"headers": {**(headers or {}), "Content-Type": _JSON}, "content": content}


def _idempotent(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key or str(uuid4())}


def _part(text: str) -> str:
    return quote(text, safe="")


def _reader(model: type[Model]) -> Callable[[httpx.Response], Model]:
    def read(response: httpx.Response) -> Model:
        try:
            return model.model_validate_json(response.content)
        except ValidationError:
            raise Unexpected(f"the answer is no {model.__name__} that this client knows") from None

    return read


def _acknowledgement(response: httpx.Response) -> t.Acknowledgement:
    """MSA-1 says what became of the message."""
    for segment in response.text.split("\r"):
        fields = segment.split("|")
        if fields[0] == "MSA" and len(fields) > 1:
            return t.Acknowledgement(code=fields[1], text=response.text)
    raise Unexpected("the answer is no acknowledgement")
