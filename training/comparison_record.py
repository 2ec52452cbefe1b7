"""A comparison as it is kept in MLflow: a run of its own with figures, tables, plots and data."""

import json
import tempfile
from datetime import datetime
from pathlib import Path

from models.registry import DatasetRecord, Registry, RunRecord
from training.comparing import comparison_metrics, comparison_table
from training.config import TrainingConfig, settings
from training.evaluate import Report
from training.plots import write_differences
from training.tracking import clean_name


def record_comparison(
    registry: Registry, report: Report, config: TrainingConfig, at: datetime, tags: dict[str, str]
) -> str:
    """Returns the id of the run; it stands beside the trainings, in an experiment of comparisons."""
    with tempfile.TemporaryDirectory(prefix="autocoder-compare-") as folder:
        artifacts = Path(folder) / "artifacts"
        artifacts.mkdir()
        _write(report, artifacts)
        run = RunRecord(
            experiment=f"{config.experiment} comparisons",
            name=f"{report['title']}, {at:%Y-%m-%d %H.%M.%S}",
            artifacts=artifacts,
            params=settings(config.promotion, "promotion."),
            metrics={clean_name(name): value for name, value in comparison_metrics(report).items()},
            tags={
                "kind": "comparison",
                **{
                    f"{side}_{part}": str(report[side][part])
                    for side in ("champion", "challenger")
                    for part in ("name", "version", "digest")
                },
                **tags,
            },
            tables={f"tables/{name}.json": comparison_table(found) for name, found in report["sets"].items()},
            datasets=tuple(
                DatasetRecord(file, sha, name, {"text": found["corpus"]["text"]})
                for name, found in report["sets"].items()
                for file, sha in found["corpus"]["files"].items()
            ),
        )
        return registry.record_run(run)


def _write(report: Report, folder: Path) -> None:
    written = json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / "comparison.json").write_text(f"{written}\n", encoding="utf-8")
    for name, found in report["sets"].items():
        note = f"{report['title']}, {name} set, {found['episodes']} episodes, {found['corpus']['text']}"
        write_differences(_rows(found), note, folder / f"{name}_differences.svg")


def _rows(found: Report) -> list[tuple[str, float, float, float]]:
    table = comparison_table(found)
    named = zip(
        table["group"], table["figure"], table["difference"], table["low"], table["high"], strict=True
    )
    return [
        (f"{group}: {figure}" if group else figure, difference, low, high)
        for group, figure, difference, low, high in named
        if difference is not None and low is not None and high is not None
    ]
