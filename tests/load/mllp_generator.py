"""Sends HL7 v2 over MLLP at a fixed rate over several connections: a process of its own.

Each connection plays one spell after the other: admitted, a summary, updated, discharged, the summary edited.
A message is due at its time whether or not the one before was answered late; its seconds count from then.

usage: python -m tests.load.mllp_generator PORT RATE CONNECTIONS SECONDS RESULT.json
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.hl7_messages import adt, mdm, pid, pv1
from tests.load.texts import texts

_START, _END = b"\x0b", b"\x1c\r"
_TEXTS = texts(200)


def messages(connection: int) -> Iterator[bytes]:
    """For ever."""
    spell = 0
    while True:
        spell += 1
        name = f"{connection}-{spell}"
        patient, ended = pid(f"H{name}"), "202603041500"
        words = _TEXTS[(connection * 37 + spell) % len(_TEXTS)].splitlines()
        document = f"D{name}"
        yield adt("A01", f"{name}-1", patient, pv1(f"V{name}"))
        yield mdm_for(name, f"{name}-2", words, "T02", document)
        yield adt("A08", f"{name}-3", patient, pv1(f"V{name}", function="430"))
        yield adt("A03", f"{name}-4", patient, pv1(f"V{name}", function="430", ended=ended))
        yield mdm_for(name, f"{name}-5", [*words, "Seen in clinic."], "T08", document)


def mdm_for(name: str, control_id: str, words: list[str], trigger: str, document: str) -> bytes:
    plain = mdm(control_id, *map(escaped, words), trigger=trigger, document=document).decode()
    return plain.replace(pid(), pid(f"H{name}")).replace(pv1(), pv1(f"V{name}")).encode()


def escaped(line: str) -> str:
    for mark, escape in (("\\", "\\E\\"), ("|", "\\F\\"), ("^", "\\S\\"), ("~", "\\R\\"), ("&", "\\T\\")):
        line = line.replace(mark, escape)
    return line


Taken = tuple[float, float]
"""When a message was due, by `time.perf_counter`, and the seconds until its answer."""


async def play(port: int, number: int, first: float, every: float, until: float) -> list[Taken]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken, due = [], first
    for message in messages(number):
        if due > until:
            break
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        writer.write(_START + message + _END)
        answer = await reader.readuntil(_END)
        assert b"|AA|" in answer, answer
        taken.append((due, time.perf_counter() - due))
        due += every
    writer.close()
    return taken


async def main(port: int, rate: float, connections: int, seconds: float) -> list[Taken]:
    started, every = time.perf_counter() + 0.5, connections / rate
    plays = (
        play(port, number, started + number * every / connections, every, started + seconds)
        for number in range(connections)
    )
    return [one for part in await asyncio.gather(*plays) for one in part]


if __name__ == "__main__":
    port, rate, connections, duration, result = sys.argv[1:]
    taken = asyncio.run(main(int(port), float(rate), int(connections), float(duration)))
    Path(result).write_text(json.dumps(taken))
