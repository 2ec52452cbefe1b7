"""`autocoder train`, `evaluate`, `predict`, and what looks at corpora.

What is heavy is imported by the command that needs it.

Exit code 0: done. 1: done, but some lines could not be coded. 2: not done, the message says why.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from training import promotion_commands

app = typer.Typer(help="Train, evaluate and run coder models.")
app.add_typer(promotion_commands.app)

Corpora = Annotated[
    list[Path] | None,
    typer.Option("--corpus", exists=True, dir_okay=False, help="Coded documents, JSONL; repeatable."),
]
Gold = Annotated[
    list[Path],
    typer.Option(
        "--corpus", exists=True, dir_okay=False, help="Coded documents with gold codes; repeatable."
    ),
]
Documents = Annotated[
    Path, typer.Option("--input", exists=True, dir_okay=False, help="Documents, JSONL: id and text.")
]
Predictions = Annotated[Path, typer.Option("--output", dir_okay=False, help="Predictions, JSONL.")]
Config = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Settings, TOML.")]
Name = Annotated[str | None, typer.Option(help="Registers the model under this name.")]
Alias = Annotated[
    str | None,
    typer.Option(help="Alias to set. Default: champion where the name has none, otherwise challenger."),
]
Output = Annotated[Path | None, typer.Option(file_okay=False, help="Writes the model into this folder, too.")]
ReportPath = Annotated[
    Path | None,
    typer.Option("--json", dir_okay=False, help="Writes the report here; - for standard output."),
]
Model = Annotated[
    str | None,
    typer.Option(
        help="Folder of a model, NAME, NAME@ALIAS or NAME/VERSION; day-one or titles: what ships, untrained. "
        "Default: champion of autocoder."
    ),
]
TrackingUri = Annotated[
    str | None,
    typer.Option(help="MLflow store. Default: AUTOCODER_TRACKING_URI, otherwise var/mlflow in this folder."),
]
Decisions = Annotated[
    str | None,
    typer.Option(
        envvar="AUTOCODER_DECISIONS",
        help="Database URL of the service: learns from the codings finalised there. In the environment it "
        "does not show in the list of processes.",
    ),
]
Classifications = Annotated[
    list[str] | None,
    typer.Option("--classification", help="Code system; repeatable. Default: icd10 and opcs4."),
]


@app.command()
def train(  # noqa: PLR0913 - the options of a command
    *,
    corpus: Corpora = None,
    config: Config = None,
    register: Name = None,
    alias: Alias = None,
    tracking_uri: TrackingUri = None,
    output: Output = None,
    classification: Classifications = None,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the configuration's.")] = None,
    unless_registered: Annotated[
        bool,
        typer.Option(
            "--unless-registered", help="Do nothing where the name has a champion that this program can read."
        ),
    ] = False,
    decisions: Decisions = None,
    provider: Annotated[str | None, typer.Option(help="Only the decisions of this provider.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Decisions after this instant do not count: 2026-03-01T12:00Z.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only codings finalised at this instant or later.")
    ] = None,
) -> None:
    """Corpora, decisions of coders, or both to a model, recorded in MLflow.

    Without --corpus and --decisions, learns from the corpus that ships.
    """
    if unless_registered and register:
        from training.champion import champion_standing

        standing = champion_standing(register, tracking_uri)
        if standing.serves:
            typer.echo(f"{register} has a champion already.")
            return
        if standing.problem:
            typer.echo(f"The champion of {register} cannot serve; training another. {standing.problem}")
            alias = alias or "champion"
    from data.corpora import shipped_corpus
    from training.config import read_config
    from training.decisions import source_of
    from training.display import explained, show_recorded, steps
    from training.recording import Destination, train_and_record

    with explained():
        destination = Destination(tracking_uri, register, alias, output)
        settings = read_config(config, seed=seed)
        source = source_of(decisions, provider, as_of, since)
        paths = corpus or (() if source else shipped_corpus())
        with steps("Training") as watch:
            recorded = train_and_record(paths, settings, destination, watch, source, classification)
        show_recorded(recorded)


@app.command()
def evaluate(  # noqa: PLR0913 - the options of a command
    *,
    corpus: Gold,
    model: Model = None,
    json_path: ReportPath = None,
    classification: Classifications = None,
    tracking_uri: TrackingUri = None,
    predictions: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Codes that something else predicted, JSONL."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the confidence intervals.")] = 0,
) -> None:
    """A model, or a file of predictions, against gold codes."""
    from training.corpus import read_corpus
    from training.display import explained, show_report, steps
    from training.evaluate import evaluate_model, evaluate_predictions
    from training.opening import find_model

    with explained():
        gold = read_corpus(corpus)
        if predictions is not None:
            report = evaluate_predictions(predictions, gold, seed)
        else:
            with find_model(model, tracking_uri, classification) as source, steps("Evaluating") as watch:
                report = evaluate_model(source, gold, seed, watch)
        show_report(report, to_stderr=str(json_path) == "-")
        _write_json(report, json_path)
        _log_test_run(report)


@app.command()
def predict(
    *,
    input_path: Documents,
    output_path: Predictions,
    model: Model = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    classification: Classifications = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Codes a file: one line out for each line in, in the same order."""
    from training.display import explained, say, steps
    from training.opening import find_model
    from training.predict import predict_file

    with explained(), find_model(model, tracking_uri, classification) as source:
        with steps("Coding") as watch:
            run = predict_file(source, input_path, output_path, workers, watch)
        say(run.summary)
    if run.failed:
        raise typer.Exit(1)


@app.command()
def unmatched(
    *,
    corpus: Gold,
    model: Model = None,
    json_path: ReportPath = None,
    classification: Classifications = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Gold codes that a model did not suggest, with the words they rest on and why they were missed.

    Shows text: for corpora whose text may be shown.
    """
    from dataclasses import asdict

    from training.corpus import read_corpus
    from training.display import explained, show_unmatched, steps
    from training.opening import find_model
    from training.unmatched import unmatched_lines

    with explained(), find_model(model, tracking_uri, classification) as source:
        with steps("Coding") as watch:
            found = unmatched_lines(source, read_corpus(corpus), watch)
        if str(json_path) != "-":
            show_unmatched(found)
        _write_json({"unmatched": [asdict(line) for line in found]}, json_path)


@app.command()
def agreement(
    first: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Coded documents, JSONL.")],
    second: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, help="The second coding: id, diagnoses, procedures."),
    ],
) -> None:
    """Two codings of the same episodes, compared position by position."""
    from training.agreement import agreement as compare
    from training.agreement import read_codes
    from training.display import explained, show_agreement

    with explained():
        show_agreement(*compare(read_codes([first]), read_codes(second)))


@app.command("check-corpus")
def check_corpus(
    corpus: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, dir_okay=False, help="Coded documents, JSONL. Default: what ships."),
    ] = None,
) -> None:
    """Codes and quotes of each file; for the corpus that ships, too, sentences that two splits share."""
    from training.checking import problems_of, problems_of_shipped
    from training.display import explained

    with explained():
        found = problems_of(corpus) if corpus else problems_of_shipped()
    for problem in found:
        typer.echo(problem)
    typer.echo(f"{len(found)} problems" if found else "nothing is wrong")
    if found:
        raise typer.Exit(1)


def _log_test_run(report: dict[str, Any]) -> None:
    """A run on the test split is logged beside it, where that is a folder to write to."""
    from datetime import UTC, datetime

    from training.display import say
    from training.split_log import log_run, touches_test_split

    if not touches_test_split(report["corpus"]["files"]):
        return
    try:
        say(f"This run on the test split is logged in {log_run(report, datetime.now(UTC))}", style="yellow")
    except OSError as error:
        say(f"This run on the test split could not be logged: {error.strerror}", style="bold red")


def _write_json(report: dict[str, Any], path: Path | None) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False)
    if str(path) == "-":
        typer.echo(text)
    elif path is not None:
        path.write_text(f"{text}\n", encoding="utf-8")
