"""A training run as it is kept: the model in MLflow and as a folder, with figures, plots and provenance."""

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.bundle import open_bundle, write_bundle
from models.registry import (
    CHAMPION,
    NoSuchModel,
    Reference,
    Registry,
    RunRecord,
    default_tracking_uri,
)
from training.calibration import judge
from training.config import TrainingConfig, settings
from training.corpus import Corpus, read_corpus
from training.display import Watch
from training.errors import TrainingError
from training.evaluate import Report, flat_figures
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications
from training.plots import write_plots
from training.train import Tables, Trained, train

CHALLENGER = "challenger"
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


def train_and_record(
    paths: Sequence[Path], config: TrainingConfig, destination: Destination, watch: Watch
) -> Recorded:
    created, corpus = datetime.now(UTC), read_corpus(paths)
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    trained = train(corpus, tables, config, created, watch)
    watch("Recording the run", 0, None)
    with tempfile.TemporaryDirectory(prefix="autocoder-train-") as folder:
        bundle, artifacts = Path(folder) / "bundle", Path(folder) / "artifacts"
        write_bundle(bundle, trained.parts)
        _write_artifacts(trained, corpus, artifacts)
        run = RunRecord(
            experiment=config.experiment,
            name=f"{created:%Y-%m-%d %H.%M.%S}",
            bundle=bundle,
            artifacts=artifacts,
            params=settings(config),
            metrics=_metrics(trained.report, corpus),
            tags=_tags(bundle, corpus, tables),
        )
        run_id = destination.registry.record_run(run)
        if destination.output:
            shutil.copytree(bundle, destination.output)
    return Recorded(run_id, _register(destination, run_id), destination.output, trained.report, trained.notes)


def _register(destination: Destination, run_id: str) -> str | None:
    """Without a wish: what serves is never replaced, but a name gets its first champion."""
    if destination.name is None:
        return None
    registry, name = destination.registry, destination.name
    version = registry.register(name, run_id)
    alias = destination.alias or (CHALLENGER if _has_champion(registry, name) else CHAMPION)
    registry.set_alias(name, alias, version)
    return f"{name}/{version}@{alias}"


def _has_champion(registry: Registry, name: str) -> bool:
    try:
        registry.resolve(f"{name}@{CHAMPION}")
    except NoSuchModel:
        return False
    return True


def _write_artifacts(trained: Trained, corpus: Corpus, folder: Path) -> None:
    folder.mkdir()
    report = json.dumps(trained.report, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / "report.json").write_text(f"{report}\n", encoding="utf-8")
    for role, ranker in trained.parts.ranker.roles.items():
        codings = [coding for episode in trained.unseen for coding in episode.codings if coding.role is role]
        note = f"{role.value} codes, out of fold, {len(trained.unseen)} episodes, {corpus.label}"
        judged = judge(codings, floor=0.0)
        write_plots(judged, ranker.threshold, note, folder / role.value, episodes=len(codings))


def _metrics(report: Report, corpus: Corpus) -> dict[str, float]:
    prefix = "synthetic_out_of_fold" if corpus.synthetic else "out_of_fold"
    return {f"{prefix}.{name}": value for name, value in flat_figures(report).items()}


def _tags(bundle: Path, corpus: Corpus, tables: Tables) -> dict[str, str]:
    """The model is opened as it will be where it serves, before anyone can register it."""
    opened = open_bundle(bundle, name="recorded", version="0", classifications=tables)
    corpora = {f"corpus.{_NOT_A_KEY.sub('_', name)[:200]}": sha for name, sha in corpus.digests.items()}
    editions = {f"table.{name}": edition for name, edition in opened.tables.items()}
    return {"model_digest": opened.version.digest, "text": corpus.label, **corpora, **editions}
