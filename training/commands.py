"""`autocoder train`, `evaluate`, `predict`. What is heavy is imported by the command that needs it.

Exit code 0: done. 1: done, but some lines could not be coded. 2: not done, the message says why.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Train, evaluate and run coder models.")

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
    typer.Option(help="Folder of a model, NAME, NAME@ALIAS or NAME/VERSION. Default: champion of autocoder."),
]
TrackingUri = Annotated[
    str | None,
    typer.Option(help="MLflow store. Default: AUTOCODER_TRACKING_URI, otherwise var/mlflow in this folder."),
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
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the configuration's.")] = None,
    unless_registered: Annotated[
        bool, typer.Option("--unless-registered", help="Do nothing where the name has a champion.")
    ] = False,
) -> None:
    """Corpora to a model, recorded in MLflow. Without --corpus, learns from the corpus that ships."""
    if unless_registered and register and _has_champion(register, tracking_uri):
        typer.echo(f"{register} has a champion already.")
        return
    from data.corpora import shipped_corpus
    from training.config import read_config
    from training.display import explained, show_recorded, steps
    from training.recording import Destination, train_and_record

    with explained():
        destination = Destination(tracking_uri, register, alias, output)
        settings = read_config(config, seed=seed)
        with steps("Training") as watch:
            recorded = train_and_record(corpus or shipped_corpus(), settings, destination, watch)
        show_recorded(recorded)


@app.command()
def evaluate(
    *,
    corpus: Gold,
    model: Model = None,
    json_path: ReportPath = None,
    classification: Classifications = None,
    tracking_uri: TrackingUri = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the confidence intervals.")] = 0,
) -> None:
    """A model against gold codes."""
    from training.corpus import read_corpus
    from training.display import explained, show_report, steps
    from training.evaluate import evaluate_model
    from training.opening import find_model

    with explained(), find_model(model, tracking_uri, classification) as source:
        with steps("Evaluating") as watch:
            report = evaluate_model(source, read_corpus(corpus), seed, watch)
        show_report(report, to_stderr=str(json_path) == "-")
        _write_json(report, json_path)


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


def _write_json(report: dict[str, Any], path: Path | None) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False)
    if str(path) == "-":
        typer.echo(text)
    elif path is not None:
        path.write_text(f"{text}\n", encoding="utf-8")


def _has_champion(name: str, tracking_uri: str | None) -> bool:
    """Asked before anything heavy is imported; a store that is not there yet has none."""
    from models.registry import CHAMPION, Registry, RegistryError, default_tracking_uri

    try:
        Registry(tracking_uri or default_tracking_uri()).resolve(f"{name}@{CHAMPION}")
    except RegistryError:
        return False
    return True
