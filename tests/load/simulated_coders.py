"""What decisions are worth: a model trained without some episodes, and again when coders decided on them.

A model serves that has not seen a share of the training split. Those episodes are posted to the service,
coded through its API by simulated coders (tests/load/simulated_coder.py), and `autocoder train --decisions`
learns from them; the new model is promoted, and the service answers with it. Each habit of coders starts from
the same first model.

usage: python -m tests.load.simulated_coders [--held 300] [--evaluate F.jsonl ...] [--write docs/learning.md]
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from typer.testing import CliRunner

from data.corpora import Split, read_coded_documents, shipped_corpus, write_coded_documents
from data.episodes import CodedEpisode
from models.registry import CHAMPION, Registry
from service.app import create_app
from service.clock import SystemClock
from service.identity import UserRole
from tests.load.figures import Figure
from tests.load.pages import write_part
from tests.load.simulated_coder import Habit, SimulatedCoder
from tests.service_fixtures import prepare, settings_for
from training.commands import app

HELD = 300
SEED = 20260401
AUDITED_SHARE = 0.2
HEADLINE = ("micro_f1", "diagnoses_micro_f1", "procedures_micro_f1", "primary_correct")
Headline = dict[str, tuple[float, tuple[float, float]]]
"""Value and 95 % interval by name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    finalised: int
    decisions: int
    headline: Headline
    seconds_to_model: float | None
    """From the latest decision to the model that learned from it."""


@dataclass(frozen=True, slots=True)
class Experiment:
    folder: Path
    held: tuple[CodedEpisode, ...]
    rest: tuple[CodedEpisode, ...]
    evaluated_on: tuple[Path, ...]

    @property
    def tracking_uri(self) -> str:
        return f"sqlite:///{self.folder / 'mlflow' / 'mlflow.db'}"

    @property
    def rest_path(self) -> Path:
        return self.folder / "rest.jsonl"

    def run(self, habits: Sequence[Habit]) -> Iterator[Outcome]:
        """Before, then after each habit, then with gold itself in place of decisions."""
        write_coded_documents(self.rest_path, self.rest)
        self.command("train", "--corpus", self.rest_path, "--register", "autocoder")
        yield Outcome("before", 0, 0, self.evaluate("autocoder/1"), None)
        for habit in habits:
            yield from self.learn_from(habit)
        gold = self.folder / "gold.jsonl"
        write_coded_documents(gold, (*self.rest, *self.held))
        self.command("train", "--corpus", gold, "--output", self.folder / "gold")
        yield Outcome("gold in their place", len(self.held), 0, self.evaluate(self.folder / "gold"), None)

    def learn_from(self, habit: Habit) -> Iterator[Outcome]:
        """Where coders see only what is shown: once more, with blind audits of a share of the episodes."""
        Registry(self.tracking_uri).set_alias("autocoder", CHAMPION, 1)
        folder = self.folder / habit.name.lower()
        folder.mkdir()
        with serving(folder, self.tracking_uri) as service:
            coder = SimulatedCoder(service.client, service.keys, habit, random.Random(SEED))
            for gold in self.held:
                coder.code(gold)
            yield self.retrain(habit.value, service, coder)
            if habit is Habit.ONLY_SHOWN:
                audit_blind(service, coder.coded.values())
                yield self.retrain(f"{habit.value}, {AUDITED_SHARE:.0%} audited blind", service, coder)

    def retrain(self, name: str, service: "Service", coder: SimulatedCoder) -> Outcome:
        """Learns from the decisions, promotes, and lets the service find the new champion."""
        before = service.model_after_refresh()
        beside = ("--corpus", self.rest_path) if self.rest else ()
        self.command(
            "train",
            *beside,
            "--decisions",
            service.database_url,
            "--register",
            "autocoder",
            "--alias",
            CHAMPION,
        )
        champion = Registry(self.tracking_uri).resolve(f"autocoder@{CHAMPION}")
        assert service.model_after_refresh() == str(champion.version) != before
        return Outcome(
            name,
            coder.done["finalise"],
            sum(coder.done[kind] for kind in ("accept", "reject", "add", "reorder", "finalise")),
            self.evaluate(f"autocoder/{champion.version}"),
            self.metric(champion.run_id, "decisions.seconds_to_model"),
        )

    def evaluate(self, model: object) -> Headline:
        if not self.evaluated_on:
            return {}
        report = self.folder / "report.json"
        corpora = [word for path in self.evaluated_on for word in ("--corpus", path)]
        self.command("evaluate", *corpora, "--model", model, "--json", report)
        found = json.loads(report.read_text(encoding="utf-8"))["headline"]
        return {name: (found[name]["value"], tuple(found[name]["interval_95"])) for name in HEADLINE}

    def metric(self, run_id: str, name: str) -> float:
        from mlflow import MlflowClient

        return float(MlflowClient(self.tracking_uri).get_run(run_id).data.metrics[name])

    def command(self, *words: object) -> None:
        answer = CliRunner().invoke(app, [*map(str, words), "--tracking-uri", self.tracking_uri])
        assert answer.exit_code == 0, answer.output


@dataclass(frozen=True, slots=True)
class Service:
    client: TestClient
    keys: dict[str, str]
    database_url: str

    def model_after_refresh(self) -> str:
        """The version that answers, once the service has looked for a new champion."""
        held: Any = self.client.app
        held.state.services.suggester.holder.refresh()
        headers = {"Authorization": f"Bearer {self.keys['epr']}"}
        answer = self.client.post("/v1/suggestions", json={"text": "Hypertension."}, headers=headers)
        return str(answer.json()["model"]["version"])

    def asked(self, method: str, path: str, body: object = None) -> Any:
        """By the auditor."""
        headers = {"Authorization": f"Bearer {self.keys['auditor']}"}
        answer = self.client.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code}"
        return answer.json()


@contextmanager
def serving(folder: Path, tracking_uri: str) -> Iterator[Service]:
    """The service in this process, on a database of its own, with the champion of the store."""
    changed = {"tracking_uri": tracking_uri, "audit_share": AUDITED_SHARE}
    settings = settings_for(folder).model_copy(update=changed)
    keys = prepare(settings)
    served = create_app(settings, clock=SystemClock())
    served.state.services.suggester.holder.refresh()
    client = TestClient(served, raise_server_exceptions=False)
    mine = {role.value: keys["A", role] for role in (UserRole.EPR, UserRole.CODER, UserRole.AUDITOR)}
    with redirect_stderr(StringIO()):  # a line for each request
        yield Service(client, mine, settings.database)
    served.state.services.db.close()


def audit_blind(service: Service, coded: Iterable[CodedEpisode]) -> None:
    """An auditor who knows gold does every second coding that the service drew."""
    by_text = {gold.episode.documents[0].text: gold for gold in coded}
    while drawn := service.asked("get", "/v1/audits")["audits"]:
        for audit in drawn:
            claimed = service.asked("post", f"/v1/audits/{audit['id']}/claim")
            gold = by_text[claimed["documents"][0]["text"]]
            codes = {
                "diagnoses": [line.code for line in gold.diagnoses],
                "procedures": [line.code for line in gold.procedures],
                "read": claimed["text_version"],
            }
            service.asked("post", f"/v1/audits/{audit['id']}/coding", codes)


def _quiet(_step: str, _done: int, _total: int | None) -> None:
    pass


def hold_out(corpus: Sequence[CodedEpisode], count: int, seed: int) -> tuple[list[CodedEpisode], ...]:
    """Whole patients at random until so many episodes are held out: (held out, rest)."""
    patients = sorted({episode.patient or episode.episode.id for episode in corpus})
    random.Random(seed).shuffle(patients)
    place = {patient: number for number, patient in enumerate(patients)}
    ordered = sorted(corpus, key=lambda episode: place[episode.patient or episode.episode.id])
    held = ordered[:count]
    cut = {episode.patient or episode.episode.id for episode in held}
    rest = [episode for episode in ordered[count:] if (episode.patient or episode.episode.id) not in cut]
    return held, rest


def measure(held: int = HELD, evaluated_on: Sequence[Path] = ()) -> list[Figure]:
    """For the bench."""
    return [
        Figure("simulated coders", f"{outcome.name}: micro-F1", f"{outcome.headline['micro_f1'][0]:.1%}")
        for outcome in outcomes(held, evaluated_on)
    ]


def outcomes(held: int, evaluated_on: Sequence[Path]) -> list[Outcome]:
    corpus = [episode for path in shipped_corpus() for episode in read_coded_documents(path)]
    out, rest = hold_out(corpus, held, SEED)
    with tempfile.TemporaryDirectory() as folder:
        gold = tuple(evaluated_on) or shipped_corpus(Split.VALIDATION)
        found = []
        for outcome in Experiment(Path(folder), tuple(out), tuple(rest), gold).run(tuple(Habit)):
            print(_row(outcome), file=sys.__stderr__, flush=True)
            found.append(outcome)
        return found


def table(found: Sequence[Outcome]) -> str:
    head = "| trained with | finalised | decisions | all codes: micro-F1 | diagnoses | procedures | primary |"
    return "\n".join([head, "| --- | ---: | ---: | ---: | ---: | ---: | ---: |", *map(_row, found)])


def _row(outcome: Outcome) -> str:
    value, (low, high) = outcome.headline["micro_f1"]
    others = " | ".join(f"{outcome.headline[name][0]:.1%}" for name in HEADLINE[1:])
    return (
        f"| {outcome.name} | {outcome.finalised} | {outcome.decisions} "
        f"| {value:.1%} ({low:.1%} to {high:.1%}) | {others} |"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--held", type=int, default=HELD)
    options.add_argument("--evaluate", type=Path, nargs="*", default=())
    options.add_argument("--write", type=Path, help="Page to write the table into.")
    given = options.parse_args()
    found = outcomes(given.held, given.evaluate)
    seconds = [item.seconds_to_model for item in found if item.seconds_to_model is not None]
    told = f"From the latest decision to the model that learned from it: {min(seconds):.0f} to "
    told += f"{max(seconds):.0f} seconds."
    content = f"{table(found)}\n\n{told}"
    print(content)
    if given.write:
        write_part(given.write, "simulated coders", content)


if __name__ == "__main__":
    main()
