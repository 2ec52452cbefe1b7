"""Hands a message to a receiver and waits until it says that it has it.

Unreachable: nobody knows whether it came; the destination as a whole is tried again later. Refused: this
message was read and not taken. Redirects are not followed, and proxies of the environment are not used.
"""

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult

import httpx

from service.messages.errors import MessageError
from service.messages.hl7v2 import read_message
from service.outgoing import fhir, hl7v2, webhook
from service.outgoing.addresses import Kind
from service.outgoing.hl7v2 import control_id

_START, _END = b"\x0b", b"\x1c\r"
_LONGEST_ANSWER = 1_000_000
_TAKEN = frozenset({"AA", "CA"})
_TRY_LATER = frozenset({401, 403, 404, 408, 425, 429})
"""Of the receiver as a whole, not of one message: a wrong token or path concerns every message alike."""


class Unreachable(Exception):
    """The receiver did not answer, or not as one that works."""


class Refused(Exception):
    """The receiver read the message and did not take it."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message that is ready to be sent."""

    id: str
    body: bytes
    secrets: Sequence[str] = ()


class Sender(Protocol):
    async def send(self, parcel: Parcel) -> None:
        """Returns when the receiver has it.

        Raises:
            Unreachable, Refused
        """
        ...


@asynccontextmanager
async def opened(kind: Kind, address: SplitResult, timeout_seconds: float) -> AsyncIterator[Sender]:
    """A sender that keeps its connection while it is used."""
    if kind is Kind.HL7_MLLP:
        sender = MllpSender(address, timeout_seconds)
        try:
            yield sender
        finally:
            sender.close()
        return
    async with httpx.AsyncClient(timeout=timeout_seconds, trust_env=False, follow_redirects=False) as client:
        yield HttpSender(client, kind, address.geturl(), timeout_seconds)


class MllpSender:
    """One connection; each message waits for the answer to the one before."""

    def __init__(self, address: SplitResult, timeout_seconds: float) -> None:
        self._host, self._port = address.hostname or "", address.port or 0
        self._tls = ssl.create_default_context() if address.scheme == "mllps" else None
        self._timeout_seconds = timeout_seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, parcel: Parcel) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._exchange(parcel.body)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Unreachable(_plainly(error)) from None
        except asyncio.CancelledError:
            self.close()
            raise
        check_acknowledgement(answer, parcel.id)

    async def _exchange(self, message: bytes) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                self._host, self._port, ssl=self._tls, limit=_LONGEST_ANSWER
            )
        reader, writer = self._streams
        writer.write(_START + message + _END)
        await writer.drain()
        frame = await reader.readuntil(_END)
        return frame.split(_START, 1)[-1].removesuffix(_END)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class HttpSender:
    def __init__(self, client: httpx.AsyncClient, kind: Kind, url: str, timeout_seconds: float) -> None:
        self._client, self._kind, self._url = client, kind, url
        self._timeout_seconds = timeout_seconds

    async def send(self, parcel: Parcel) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status, answer = await self._post(parcel)
        except (TimeoutError, OSError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(_plainly(error)) from None
        if status >= 500 or status in _TRY_LATER or 300 <= status < 400:
            raise Unreachable(f"HTTP {status}")
        if self._kind is Kind.HL7_HTTP and (status < 300 or answer.startswith(b"MSH")):
            check_acknowledgement(answer, parcel.id)
        elif not 200 <= status < 300:
            raise Refused(f"HTTP {status}")

    async def _post(self, parcel: Parcel) -> tuple[int, bytes]:
        async with self._client.stream(
            "POST", self._url, content=parcel.body, headers=self._headers(parcel)
        ) as response:
            answer = b""
            async for part in response.aiter_bytes():
                answer += part
                if len(answer) > _LONGEST_ANSWER:
                    break
            return response.status_code, answer

    def _headers(self, parcel: Parcel) -> dict[str, str]:
        if self._kind is Kind.WEBHOOK:
            signed = webhook.signature_headers(parcel.id, int(time.time()), parcel.body, parcel.secrets)
            return {"content-type": webhook.MEDIA_TYPE, **signed}
        media_type = fhir.MEDIA_TYPE if self._kind is Kind.FHIR else hl7v2.MEDIA_TYPE
        bearer = {"authorization": f"Bearer {parcel.secrets[0]}"} if parcel.secrets else {}
        return {"content-type": media_type, "x-request-id": parcel.id, **bearer}


def check_acknowledgement(answer: bytes, message_id: str) -> None:
    """
    Raises:
        Unreachable: it is no answer to this message.
        Refused: AE or AR, with the code and the words of the receiver.
    """
    try:
        msa = read_message(answer).first("MSA")
    except MessageError:
        raise Unreachable("the answer is not an HL7 message") from None
    if msa is None or msa.value(2) != control_id(message_id):
        raise Unreachable("the answer is to another message")
    if msa.value(1) not in _TAKEN:
        raise Refused(f"{msa.value(1)}: {_reason(answer) or msa.value(3) or 'without a reason'}")


def _reason(answer: bytes) -> str:
    """ERR-3 and ERR-2: which rule, at which field; ERR-8 says it in words."""
    err = read_message(answer).first("ERR")
    if err is None:
        return ""
    where = ".".join(filter(None, (err.value(2, part) for part in (1, 2, 3, 4))))
    return " ".join(filter(None, (err.value(3), err.value(3, 2), where, err.value(8) or err.value(7))))


def without_patient(reason: str, facts: Sequence[str]) -> str:
    """A receiver's words, in which it may quote what it was sent: no fact of the patient, no long number."""
    for fact in sorted(filter(lambda one: len(one) > 1, facts), key=len, reverse=True):
        reason = re.sub(re.escape(fact), "…", reason, flags=re.IGNORECASE)
    reason = re.sub(r"\d[\d -]{5,}\d", "…", reason)
    return "".join(one if one.isprintable() else " " for one in reason)[:300]


def _plainly(error: BaseException) -> str:
    """The kind of failure: a message of the library may quote an address or what was sent."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, asyncio.IncompleteReadError | ConnectionError):
        return "the connection was closed before the answer"
    return type(error).__name__
