"""Codes a file line by line: one line out for each line in, in the same order, in bounded memory.

A line that cannot be coded becomes `{"id": …, "error": …}` and never stops the run. Messages name the field
that is wrong and never hold the text of a patient.
"""

import json
import os
import resource
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

from data.corpora.coded_documents import numbered_lines, read_coded_line
from data.errors import DataError
from models.coder import Coder
from models.predictions_json import prediction_json
from training.display import Watch, say
from training.errors import PredictError
from training.opening import ModelSource

CHUNK = 16
"""Lines that travel to a worker together."""
WAITING = 2
"""Chunks that wait for each worker: bounds memory whatever the size of the file."""

GOLD = {"diagnoses", "procedures", "not_coded"}

Line = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line of input."""

    number: int
    written: str
    """The line of output."""
    error: str | None = None


@dataclass(slots=True)
class Run:
    """What a run came to, counted as it goes."""

    workers: int
    started: float = field(default_factory=perf_counter)
    documents: int = 0
    failed: int = 0

    def count(self, outcome: Outcome) -> None:
        self.documents += 1
        self.failed += outcome.error is not None

    @property
    def summary(self) -> str:
        seconds = perf_counter() - self.started
        failed = f", {self.failed} of them failed" if self.failed else ""
        return (
            f"{self.documents} documents{failed} in {seconds:.1f} s: "
            f"{self.documents / seconds:.1f} documents per second, peak memory {self._peak_memory()}"
        )

    def _peak_memory(self) -> str:
        unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
        if self.workers == 1:
            return f"{own:.0f} MB"
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
        return f"{own:.0f} MB, {largest:.0f} MB in the largest worker"


def predict_file(source: ModelSource, input_path: Path, output_path: Path, workers: int, watch: Watch) -> Run:
    """The output appears whole, when all is done; each line that fails is named on standard error."""
    run = Run(workers)
    with _replacing(output_path) as output:
        for outcome in outcomes(source, input_path, workers):
            output.write(f"{outcome.written}\n".encode())
            run.count(outcome)
            watch("Coding", run.documents, None)
            if outcome.error is not None:
                say(f"error: {outcome.error}", style="red")
    return run


def outcomes(source: ModelSource, path: Path, workers: int = 1) -> Iterator[Outcome]:
    coder = source.open()  # a damaged model is found here, with its reason, whatever the number of workers
    if workers > 1:
        return _in_processes(source, path, workers)
    return (code_line(coder, path, number, line) for number, line in numbered_lines(path))


def code_line(coder: Coder, path: Path, number: int, line: bytes) -> Outcome:
    try:
        episode = read_coded_line(path, number, _without_gold(line)).episode
        prediction = prediction_json(coder.suggest(episode))
        return Outcome(number, json.dumps(prediction, ensure_ascii=False))
    except Exception as error:
        place = f"{path.name}, line {number}: the model failed"
        problem = str(error) if isinstance(error, DataError) else f"{place} with {type(error).__name__}"
        failure = {"id": _id(line), "error": problem}
        return Outcome(number, json.dumps(failure, ensure_ascii=False), problem)


def _without_gold(line: bytes) -> bytes:
    """A mistake in what coders gave is no reason not to code the text."""
    if not any(name.encode() in line for name in GOLD):
        return line
    fields = _object(line)
    kept = {name: value for name, value in fields.items() if name not in GOLD}
    return line if kept == fields else json.dumps(kept).encode()


def _object(line: bytes) -> dict[str, object]:
    """Empty where the line holds no JSON object; reading it says why."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _id(line: bytes) -> object:
    found = _object(line).get("id")
    return found if isinstance(found, str | int) else None


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file beside the one that it replaces once it is complete and on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _in_processes(source: ModelSource, path: Path, workers: int) -> Iterator[Outcome]:
    context, done = get_context("spawn"), 0
    with ProcessPoolExecutor(workers, context, _start_worker, (source, path)) as pool:
        try:
            for outcome in _in_order(pool, _chunks(numbered_lines(path)), workers * WAITING):
                done = outcome.number
                yield outcome
        except BrokenProcessPool as error:
            raise PredictError(f"a worker ended unexpectedly after line {done}: out of memory?") from error


def _in_order(pool: ProcessPoolExecutor, chunks: Iterable[list[Line]], limit: int) -> Iterator[Outcome]:
    waiting: deque[Future[list[Outcome]]] = deque()
    for chunk in chunks:
        waiting.append(pool.submit(_code_chunk, chunk))
        if len(waiting) >= limit:
            yield from waiting.popleft().result()
    for future in waiting:
        yield from future.result()


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    iterator = iter(lines)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


_worker: list[Callable[[int, bytes], Outcome]] = []
"""What this process does to a line: set once, when a worker starts."""


def _start_worker(source: ModelSource, path: Path) -> None:
    _worker.append(partial(code_line, source.open(), path))


def _code_chunk(chunk: list[Line]) -> list[Outcome]:
    return [_worker[0](number, line) for number, line in chunk]
