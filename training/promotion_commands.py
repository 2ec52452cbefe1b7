"""`autocoder compare`, `promote`, `rollback`.

Exit code 0: done. 2: not done, the message says why.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from models.registry import RegisteredModel, Registry
    from training.config import TrainingConfig
    from training.corpus import Corpus
    from training.promotion import Gate

app = typer.Typer()

Frozen = Annotated[
    list[Path] | None,
    typer.Option(
        "--corpus", exists=True, dir_okay=False,
        help="Coded documents with gold codes that neither has learned from; repeatable. Default: the "
        "validation split that ships.",
    ),
]  # fmt: skip
Decisions = Annotated[
    str | None,
    typer.Option(help="Database URL of the service: compares on what coders finalised there, too."),
]
Config = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Settings, TOML.")]
TrackingUri = Annotated[
    str | None,
    typer.Option(help="MLflow store. Default: AUTOCODER_TRACKING_URI, otherwise var/mlflow in this folder."),
]
ReportPath = Annotated[
    Path | None,
    typer.Option("--json", dir_okay=False, help="Writes the report here; - for standard output."),
]
Reason = Annotated[str, typer.Option(help="Kept on the version.")]


@app.command()
def compare(  # noqa: PLR0913 - the options of a command
    *,
    champion: Annotated[str, typer.Option(help="Model, as for evaluate.")] = "autocoder@champion",
    challenger: Annotated[str, typer.Option(help="Model, as for evaluate.")] = "autocoder@challenger",
    corpus: Frozen = None,
    decisions: Decisions = None,
    config: Config = None,
    json_path: ReportPath = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Two models on the same texts: differences with intervals, recorded in MLflow."""
    from training.comparison_record import record_comparison
    from training.config import read_config
    from training.display import explained, say
    from training.display_comparison import show_comparison

    with explained():
        settings = read_config(config)
        corpora = _corpora(corpus, decisions)
        report = _compared(champion, challenger, corpora, settings, tracking_uri)
        show_comparison(report, to_stderr=str(json_path) == "-")
        _write_json(report, json_path)
        run_id = record_comparison(_registry(tracking_uri), report, settings, datetime.now(UTC), {})
        say(f"run {run_id}")


@app.command()
def promote(  # noqa: PLR0913 - the options of a command
    model: Annotated[str, typer.Argument(help="NAME/VERSION or NAME@ALIAS of a registered model.")],
    *,
    corpus: Frozen = None,
    decisions: Decisions = None,
    config: Config = None,
    force: Annotated[bool, typer.Option("--force", help="Promote although a gate refuses.")] = False,
    reason: Reason = "",
    json_path: ReportPath = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Makes a version the champion, unless it is worse than the one that serves."""
    from training.config import read_config
    from training.display import explained
    from training.errors import PromotionError
    from training.promotion import champion_of, why_unusable

    with explained():
        if force and not reason.strip():
            raise PromotionError("--force needs --reason: it is kept with the version")
        registry, settings = _registry(tracking_uri), read_config(config)
        wanted = registry.resolve(model)
        champion = champion_of(registry, wanted.name)
        if champion is None:
            _set(registry, wanted, reason or "the first champion", {})
        elif champion.version == wanted.version:
            typer.echo(f"{wanted.name}/{wanted.version} is the champion already.")
        elif unusable := why_unusable(registry, champion):
            _promote_uncompared(registry, wanted, unusable, reason, forced=force)
        else:
            report = _compared(
                f"{champion.name}/{champion.version}", f"{wanted.name}/{wanted.version}",
                _corpora(corpus, decisions), settings, tracking_uri,
            )  # fmt: skip
            _write_json(report, json_path)
            _promote_if_fit(registry, wanted, report, settings, reason, forced=force)


@app.command()
def rollback(
    name: Annotated[str, typer.Argument(help="Name of the registered model.")] = "autocoder",
    *,
    reason: Reason = "no reason was given",
    tracking_uri: TrackingUri = None,
) -> None:
    """The champion before this one serves again; run once more, the one before that."""
    from training.display import explained
    from training.promotion import roll_back

    with explained():
        done = roll_back(_registry(tracking_uri), name, reason, datetime.now(UTC))
    typer.echo(f"{done.now} is the champion again, in place of {done.before}.")
    typer.echo(
        f"A further rollback would bring back {done.previous}."
        if done.previous
        else "There is no champion before it."
    )


def _promote_uncompared(
    registry: "Registry", model: "RegisteredModel", unusable: str, reason: str, *, forced: bool
) -> None:
    """There is nothing to measure the version against: only a person may decide."""
    from training.errors import PromotionError
    from training.promotion import check_opens

    if not forced:
        raise PromotionError(
            f"the champion cannot be opened, so that nothing can be compared: {unusable}. "
            f"To promote {model.name}/{model.version} all the same: --force --reason WHY"
        )
    check_opens(registry, model)
    notes = {
        "promotion.gates": "not judged",
        "promotion.forced": f"the champion cannot be opened: {unusable}",
    }
    _set(registry, model, reason, notes)


def _promote_if_fit(
    registry: "Registry",
    model: "RegisteredModel",
    report: dict[str, Any],
    config: "TrainingConfig",
    reason: str,
    *,
    forced: bool,
) -> None:
    from training.comparison_record import record_comparison
    from training.display_comparison import show_gates
    from training.promotion import check_recorded, judge_gates

    check_recorded(model, report["challenger"]["digest"])
    gates = judge_gates(report, config.promotion)
    show_gates(gates)
    failed = [gate for gate in gates if not gate.passed]
    verdict = {"promotion.gates": "; ".join(gate.name for gate in failed) or "all passed"}
    run_id = record_comparison(registry, report, config, datetime.now(UTC), verdict)
    notes = {**verdict, "promotion.run": run_id}
    if failed and not forced:
        _refuse(registry, model, failed, notes)
    if failed:
        notes["promotion.forced"] = f"{len(failed)} gates overruled: {reason}"
    _set(registry, model, reason or "every gate passed", notes)


def _refuse(
    registry: "Registry", model: "RegisteredModel", failed: "list[Gate]", notes: Mapping[str, str]
) -> None:
    from training.display import say
    from training.versions import change_tags

    why = "; ".join(f"{gate.name}: {gate.says}" for gate in failed)
    registry.tag_version(
        model.name, model.version, {**change_tags("refused", why[:4000], datetime.now(UTC)), **notes}
    )
    say(f"{model.name}/{model.version} is not promoted; what serves stays as it is:", style="bold red")
    for gate in failed:
        say(f"  {gate.name}: {gate.says}")
    say("To promote it all the same: --force --reason WHY")
    raise typer.Exit(2)


def _set(registry: "Registry", model: "RegisteredModel", why: str, notes: Mapping[str, str]) -> None:
    from training.promotion import set_champion

    done = set_champion(registry, model, why, datetime.now(UTC), notes)
    instead = f" in place of {done.before}" if done.before else ""
    typer.echo(f"{done.now} is the champion{instead}. The service takes it up by itself.")
    if done.previous:
        typer.echo(f"`autocoder rollback {model.name}` brings {done.previous} back.")


def _compared(
    champion: str,
    challenger: str,
    corpora: "Mapping[str, Corpus]",
    config: "TrainingConfig",
    tracking_uri: str | None,
) -> dict[str, Any]:
    from training.comparing import compare_models
    from training.display import steps
    from training.opening import find_model

    with (
        find_model(champion, tracking_uri) as before,
        find_model(challenger, tracking_uri) as after,
        steps("Comparing") as watch,
    ):
        return compare_models(
            before, after, corpora, seed=config.seed, draws=config.bootstrap_draws, watch=watch
        )


def _corpora(frozen: list[Path] | None, decisions: str | None) -> "dict[str, Corpus]":
    from data.corpora import Split, shipped_corpus
    from training.comparing import DECISIONS, FROZEN
    from training.corpus import read_corpus, with_decisions
    from training.decisions import DecisionSource
    from training.display import steps

    corpora = {FROZEN: read_corpus(frozen or shipped_corpus(Split.VALIDATION))}
    if not decisions:
        return corpora
    with steps("Reading decisions") as watch:
        return {**corpora, DECISIONS: with_decisions((), DecisionSource(decisions), watch)}


def _registry(tracking_uri: str | None) -> "Registry":
    from models.registry import Registry, default_tracking_uri

    return Registry(tracking_uri or default_tracking_uri())


def _write_json(report: dict[str, Any], path: Path | None) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False)
    if str(path) == "-":
        typer.echo(text)
    elif path is not None:
        path.write_text(f"{text}\n", encoding="utf-8")
