"""A training run as it is kept: the model in MLflow and as a folder, with figures, plots and provenance."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.bundle import open_bundle, read_manifest, write_bundle
from models.registry import (
    CHALLENGER,
    CHAMPION,
    ChildRun,
    DatasetRecord,
    Reference,
    Registry,
    RunRecord,
    Table,
    default_tracking_uri,
)
from training.calibration import judge
from training.config import TrainingConfig, settings
from training.confusions import as_table, most_false, most_missed
from training.corpus import Corpus, read_corpus, with_decisions
from training.decisions import DecisionSource
from training.display import Watch
from training.environment import environment, environment_tags, json_digest
from training.errors import TrainingError
from training.evaluate import Report
from training.learned_from import LearnedFrom
from training.model_card import Card, card_markdown, model_card
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications
from training.plots import write_plots
from training.promotion import champion_of, set_champion
from training.tracking import fold_figures, report_tables, run_metrics
from training.train import Tables, Trained, train
from training.versions import change_tags

_NOT_A_KEY = re.compile(r"[^\w.-]")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a model goes; checked before the work starts."""

    tracking_uri: str | None = None
    name: str | None = None
    alias: str | None = None
    output: Path | None = None

    def __post_init__(self) -> None:
        if self.alias and not self.name:
            raise TrainingError("--alias needs --register: only a registered model has aliases")
        if self.name:
            Reference.parse(f"{self.name}@{self.alias or CHAMPION}")
        if self.output and self.output.exists():
            raise TrainingError(f"{self.output} exists already: a model is written into a new folder")

    @property
    def registry(self) -> Registry:
        return Registry(self.tracking_uri or default_tracking_uri())


@dataclass(frozen=True, slots=True)
class Recorded:
    run_id: str
    registered: str | None
    """As `autocoder/3@champion`."""
    output: Path | None
    report: Report
    notes: tuple[str, ...]
    content_digest: str
    """The same for the same data, settings and seed on the same kind of processor."""


def train_and_record(
    paths: Sequence[Path],
    config: TrainingConfig,
    destination: Destination,
    watch: Watch,
    decisions: DecisionSource | None = None,
    classifications: Sequence[str] | None = None,
) -> Recorded:
    """
    Args:
        paths: corpora; with decisions there need be none.
    """
    created = datetime.now(UTC)
    corpus = with_decisions(paths, decisions, watch) if decisions else read_corpus(paths)
    tables = load_classifications(classifications or DEFAULT_CLASSIFICATIONS)
    trained = train(corpus, tables, config, created, watch)
    watch("Recording the run", 0, None)
    learned = LearnedFrom.of(corpus, datetime.now(UTC))
    with tempfile.TemporaryDirectory(prefix="autocoder-train-") as folder:
        bundle, artifacts = Path(folder) / "bundle", Path(folder) / "artifacts"
        write_bundle(bundle, learned.noted(trained.parts))
        made = Made(corpus, tables, config, trained, bundle, environment(), learned)
        run_id = destination.registry.record_run(made.record(f"{created:%Y-%m-%d %H.%M.%S}", artifacts))
        digest = str(read_manifest(bundle)["content_digest"])
        if destination.output:
            shutil.copytree(bundle, destination.output)
    registered = _register(destination, run_id, created)
    notes = (*trained.notes, *learned.notes)
    return Recorded(run_id, registered, destination.output, trained.report, notes, digest)


@dataclass(frozen=True, slots=True)
class Made:
    """What a training gave, and what it was given."""

    corpus: Corpus
    tables: Tables
    config: TrainingConfig
    trained: Trained
    bundle: Path
    environment: Mapping[str, Any]
    learned: LearnedFrom

    @property
    def prefix(self) -> str:
        return "synthetic_out_of_fold" if self.corpus.synthetic else "out_of_fold"

    def record(self, name: str, artifacts: Path) -> RunRecord:
        """Writes the artifacts into a folder and says all that MLflow keeps."""
        report = self.trained.report
        card = self.card()
        _write_artifacts(self, card, artifacts)
        return RunRecord(
            experiment=self.config.experiment,
            name=name,
            bundle=self.bundle,
            artifacts=artifacts,
            params=settings(self.config),
            metrics=run_metrics(report, self.prefix) | self.learned.metrics,
            tags=self.tags(),
            description=card_markdown(card),
            tables={**report_tables(report), **self._confusions()},
            datasets=tuple(
                DatasetRecord(name, sha, "training", {"text": self.corpus.label})
                for name, sha in self.corpus.digests.items()
            ),
            children=tuple(self._folds()),
        )

    def card(self) -> Card:
        manifest = read_manifest(self.bundle)
        return model_card(self.trained.report, manifest, self.environment, self.digests(), self.config.seed)

    def digests(self) -> dict[str, str]:
        """sha256 of all that the model depends on, one for each kind."""
        return {
            "data": json_digest(self.corpus.digests),
            "settings": json_digest(settings(self.config)),
            "tables": json_digest({table.name: table.digest for table in self.tables.values()}),
            "environment": json_digest(self.environment),
        }

    def tags(self) -> dict[str, str]:
        """The model is opened as it will be where it serves, before anyone can register it."""
        opened = open_bundle(self.bundle, name="recorded", version="0", classifications=self.tables)
        corpora = {
            f"corpus.{_NOT_A_KEY.sub('_', name)[:200]}": sha for name, sha in self.corpus.digests.items()
        }
        return {
            "model_digest": opened.version.digest,
            "content_digest": read_manifest(self.bundle)["content_digest"],
            "text": self.corpus.label,
            **corpora,
            **{f"table.{name}": edition for name, edition in opened.tables.items()},
            **{f"{name}_digest": sha for name, sha in self.digests().items()},
            **environment_tags(self.environment),
            **self.learned.tags,
        }

    def _confusions(self) -> dict[str, Table]:
        tables = tuple(self.tables.values())
        return {
            "tables/most_missed.json": as_table(most_missed(self.trained.unseen, tables)),
            "tables/most_false.json": as_table(most_false(self.trained.unseen, tables)),
        }

    def _folds(self) -> Iterator[ChildRun]:
        folds = fold_figures(self.trained.unseen, self.config.folds, self.config.seed)
        for fold, episodes, figures in folds:
            metrics = {f"{self.prefix}/overall/{name}": value for name, value in figures.items()}
            yield ChildRun(f"fold {fold}", {"fold": fold, "episodes": episodes}, metrics, {"fold": str(fold)})


def _register(destination: Destination, run_id: str, at: datetime) -> str | None:
    """Without a wish: what serves is never replaced, but a name gets its first champion."""
    if destination.name is None:
        return None
    registry, name = destination.registry, destination.name
    version = registry.register(name, run_id)
    alias = destination.alias or (CHALLENGER if champion_of(registry, name) else CHAMPION)
    if alias == CHAMPION:
        set_champion(registry, registry.resolve(f"{name}/{version}"), "trained and registered", at, {})
    else:
        registry.tag_version(name, version, change_tags(alias, "trained and registered", at))
        registry.set_alias(name, alias, version)
    return f"{name}/{version}@{alias}"


def _write_artifacts(made: Made, card: Card, folder: Path) -> None:
    folder.mkdir()
    trained = made.trained
    for name, content in {
        "report.json": trained.report,
        "model_card.json": card,
        "environment.json": made.environment,
        "settings.json": made.config.model_dump(),
    }.items():
        written = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
        (folder / name).write_text(f"{written}\n", encoding="utf-8")
    (folder / "model_card.md").write_text(card_markdown(card), encoding="utf-8")
    for role, ranker in trained.parts.ranker.roles.items():
        codings = [coding for episode in trained.unseen for coding in episode.codings if coding.role is role]
        note = f"{role.value} codes, out of fold, {len(trained.unseen)} episodes, {made.corpus.label}"
        judged = judge(codings, floor=0.0)
        write_plots(judged, ranker.threshold, note, folder / role.value, episodes=len(codings))
