"""From decisions in the service to a model that serves: `tests/load/simulated_coders.py`, made small."""

import json
import random
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.corpora import read_coded_documents
from models.bundle import read_manifest, write_bundle
from models.registry import CHAMPION, RegisteredModel, Registry, RunRecord
from tests.corpus import small_corpus
from tests.load.simulated_coder import Habit, SimulatedCoder
from tests.load.simulated_coders import Experiment, Outcome, serving
from tests.unit.models.small_model import parts
from training.commands import app
from training.decided import Decided
from training.decisions import DecisionSource, read_decisions

HELD = 6


@dataclass(frozen=True)
class Learned:
    experiment: Experiment
    coder: SimulatedCoder
    outcome: Outcome
    decided: tuple[Decided, ...]
    database_url: str

    @property
    def champion(self) -> RegisteredModel:
        return Registry(self.experiment.tracking_uri).resolve("autocoder@champion")


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """A small model serves, coders work with it, and another learns from them: it serves by then."""
    folder = tmp_path_factory.mktemp("learning")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOCODER_VAR_DIR", str(folder / "no tables"))
        held = tuple(islice((gold for path in small_corpus() for gold in read_coded_documents(path)), HELD))
        experiment = Experiment(folder, held, rest=(), evaluated_on=())
        register_small_model(folder / "small", experiment.tracking_uri)
        with serving(folder, experiment.tracking_uri) as service:
            coder = SimulatedCoder(service.client, service.keys, Habit.CAREFUL, random.Random(1))
            for gold in held:
                coder.code(gold)
            outcome = experiment.retrain(Habit.CAREFUL.value, service, coder)
            found = read_decisions(DecisionSource(service.database_url), lambda *_: None)
        return Learned(experiment, coder, outcome, found.decided, service.database_url)


def register_small_model(folder: Path, tracking_uri: str) -> None:
    registry = Registry(tracking_uri)
    write_bundle(folder, parts())
    run_id = registry.record_run(RunRecord("autocoder", "small", folder))
    registry.set_alias("autocoder", CHAMPION, registry.register("autocoder", run_id))


def test_what_is_decided_by_gold_comes_back_as_gold(learned: Learned) -> None:
    """Through suggestion, decision, database and view: the same codes, the primary diagnosis first."""
    assert len(learned.decided) == HELD
    for one in learned.decided:
        gold = learned.coder.coded[one.gold.episode.id]
        assert [line.code for line in one.gold.diagnoses] == [line.code for line in gold.diagnoses]
        assert sorted(line.code for line in one.gold.procedures) == sorted(
            line.code for line in gold.procedures
        )
        assert [document.text for document in one.gold.episode.documents] == [
            document.text for document in gold.episode.documents
        ]
        assert (one.gold.episode.age, one.gold.episode.sex) == (gold.episode.age, gold.episode.sex)


def test_every_span_holds_the_words_that_it_names(learned: Learned) -> None:
    for one in learned.decided:
        texts = [document.text for document in one.gold.episode.documents]
        spans = [item for line in (*one.gold.diagnoses, *one.gold.procedures) for item in line.evidence]
        spans += [item.evidence for item in one.gold.not_coded]
        assert spans
        assert all(texts[item.document][item.start : item.end] == item.text for item in spans)


def test_the_model_that_learned_serves_and_says_what_it_learned_from(learned: Learned) -> None:
    """`retrain` has asserted that the service answers with the new version."""
    tags = learned.champion.tags
    assert learned.champion.version == 2
    assert tags["decisions.episodes"] == str(HELD)
    assert tags["corpus.decisions"] == tags["decisions.digest"]
    assert learned.outcome.seconds_to_model is not None
    assert 0 < learned.outcome.seconds_to_model < 600
    folder = learned.experiment.folder / "fetched"
    Registry(learned.experiment.tracking_uri).fetch("autocoder@champion", folder)
    training = read_manifest(folder)["training"]
    assert training["decisions"]["episodes"] == HELD
    assert training["decisions"]["latest"] == max(one.finalised_at for one in learned.decided).isoformat()
    assert training["corpora"].keys() == {"decisions"}


def test_no_patient_text_stands_in_manifest_or_tags(learned: Learned, tmp_path: Path) -> None:
    Registry(learned.experiment.tracking_uri).fetch("autocoder@champion", tmp_path / "model")
    told = json.dumps([dict(learned.champion.tags), read_manifest(tmp_path / "model")])
    lines = {
        line
        for one in learned.decided
        for document in one.gold.episode.documents
        for line in document.text.splitlines()
    }
    assert not [line for line in lines if len(line) > 20 and line in told]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--provider", "A"), "need --decisions"),
        (("--decisions", "sqlite:////nowhere/at/all.db"), "there is no database at /nowhere/at/all.db"),
        (("--decisions", "not a url"), "is no database URL"),
        (("--decisions", "postgresql://me:geheim@127.0.0.1:1/x"), "does not answer"),
        (("--decisions", "sqlite:////nowhere.db", "--as-of", "yesterday"), "'yesterday' is no instant"),
    ],
)
def test_what_cannot_be_read_is_told_without_a_password(words: tuple[str, ...], says: str) -> None:
    answer = CliRunner().invoke(app, ["train", *words, "--tracking-uri", "sqlite:////nowhere/mlflow.db"])
    assert answer.exit_code == 2
    assert says in answer.output
    assert "geheim" not in answer.output


def test_decisions_of_which_none_is_finalised_teach_nothing(learned: Learned) -> None:
    words = ["train", "--decisions", learned.database_url, "--provider", "nobody"]
    answer = CliRunner().invoke(app, [*words, "--tracking-uri", learned.experiment.tracking_uri])
    assert answer.exit_code == 2
    assert "no coding was finalised" in answer.output
