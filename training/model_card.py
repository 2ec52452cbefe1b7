"""The card of a model: what it is for, what it learned from, how good it is and for whom, what limits it.

As JSON for programs and as Markdown for people; the Markdown describes the registered version, too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from training.display import NAMES, decimal, interval, percent
from training.evaluate import Report

Card = dict[str, Any]

INTENDED_USE = (
    "Suggests ICD-10 diagnosis codes and OPCS-4 procedure codes for finished consultant episodes of NHS "
    "hospitals, each with the words that justify it, to qualified clinical coders who accept, reject or "
    "replace every one of them.",
    "Not for: deciding on treatment, billing without a coder's decision, texts that are not in the language "
    "it was trained on, code systems other than those named here.",
)
LIMITS = (
    "It finds only what the documents say, in wordings that its terms or its training text hold.",
    "Figures of groups with few episodes say little: see their number.",
    "Confidences are calibrated on the text below; on a hospital's own text they need its own audits.",
    "Automation is no part of this card: it is off until a provider's own blind audits support it.",
)
_SYNTHETIC = "All figures rest on synthetic text: they do not say how well real notes are coded."
_SHOWN = (
    "micro_f1", "diagnoses_micro_f1", "procedures_micro_f1", "primary_correct", "secondary_found",
    "diagnoses_map", "procedures_map", "exact_match",
)  # fmt: skip
_GROUPS = {"by_specialty": "specialty", "by_age_band": "age band", "by_sex": "sex"}


def model_card(
    report: Report,
    manifest: Mapping[str, Any],
    environment: Mapping[str, Any],
    digests: Mapping[str, str],
    seed: int,
) -> Card:
    """
    Args:
        report: out-of-fold figures of the training.
        digests: sha256 of data, settings, tables and environment, by name.
    """
    synthetic = report["corpus"]["text"] == "synthetic text"
    training = manifest["training"]
    return {
        "intended_use": list(INTENDED_USE),
        "data": {
            "text": report["corpus"]["text"],
            "episodes": report["episodes"],
            "patients": report["patients"],
            "files": report["corpus"]["files"],
        },
        "figures": {
            "on": "each episode as coded by a model that has not seen its patient (out of fold)",
            "headline": report["headline"],
            "macro_f1": report["macro_f1"],
            "calibration": report["calibration"],
        },
        "groups": {name: report[name] for name in ("by_chapter", *_GROUPS)},
        "limits": [*([_SYNTHETIC] if synthetic else []), *LIMITS],
        "editions": training.get("tables", {}),
        "digests": {**digests, "content": manifest["content_digest"]},
        "environment": dict(environment),
        "reproduce": {
            "command": _command(report, seed),
            "gives": "the same content digest, with the same files, settings, packages and kind of processor",
        },
    }


def card_markdown(card: Card) -> str:
    return "\n".join((*_about(card), *_figures(card), *_groups(card), *_provenance(card), ""))


def _command(report: Report, seed: int) -> str:
    files = " ".join(f"--corpus {name}" for name in report["corpus"]["files"])
    return f"autocoder train {files} --config settings.toml --seed {seed}"


def _about(card: Card) -> Iterator[str]:
    yield "## Intended use"
    yield from (f"- {line}" for line in card["intended_use"])
    data = card["data"]
    yield "## Data"
    yield f"{data['episodes']} episodes of {data['patients']} patients, {data['text']}."
    yield "## Limits"
    yield from (f"- {line}" for line in card["limits"])


def _figures(card: Card) -> Iterator[str]:
    figures = card["figures"]
    yield f"## Figures\n{figures['on'].capitalize()}.\n"
    yield "| figure | value | 95% interval |\n|---|---|---|"
    for name in _SHOWN:
        found = figures["headline"][name]
        yield f"| {NAMES[name]} | {percent(found['value'])} | {interval(found['interval_95'])} |"
    for role, found in figures["calibration"].items():
        shown = ", ".join(f"{name.replace('_', ' ')} {decimal(value)}" for name, value in found.items())
        yield f"\nCalibration, {role}: {shown}."


def _groups(card: Card) -> Iterator[str]:
    for key, shown in _GROUPS.items():
        yield f"## By {shown}\n| {shown} | episodes | micro F1 | primary correct |\n|---|---|---|---|"
        for group, found in card["groups"][key].items():
            figures = f"{percent(found['micro_f1'])} | {percent(found['primary_correct'])}"
            yield f"| {group} | {found['episodes']:.0f} | {figures} |"
    for role, chapters in card["groups"]["by_chapter"].items():
        yield f"## {role.capitalize()} by chapter\n| chapter | gold | F1 |\n|---|---|---|"
        for chapter, found in chapters.items():
            yield f"| {chapter} | {found['gold']} | {percent(found['f1'])} |"


def _provenance(card: Card) -> Iterator[str]:
    yield "## Editions and digests"
    for name, table in card["editions"].items():
        yield f"- {name}: {table['edition']} ({table['digest'][:12]})"
    yield from (f"- {name}: `{digest[:12]}`" for name, digest in card["digests"].items())
    yield f"## How to reproduce\n`{card['reproduce']['command']}` gives {card['reproduce']['gives']}."
    environment = card["environment"]
    yield f"\nPython {environment['python']} on {environment['machine']}, {environment['processor']}."
