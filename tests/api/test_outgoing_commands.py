"""`autocoder destinations` and `autocoder extract` on the server itself."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service import commands
from tests.outgoing_fixtures import finalised, outgoing
from tests.resilience.server import environment
from tests.service_fixtures import Stage, build_stage, settings_for


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    built = build_stage(settings_for(tmp_path))
    yield built
    built.services.db.close()


def run(stage: Stage, *words: str, sent: str = "") -> Any:
    folder = stage.services.settings.var_dir
    variables = environment(folder, outgoing_allowed="127.0.0.1")
    return CliRunner().invoke(commands.app, words, env=variables, input=sent)


def test_a_destination_is_added_paused_moved_and_given_new_secrets(stage: Stage) -> None:
    given = ("--provider", "A", "--kind", "webhook", "--address", "https://127.0.0.1/hook")
    made = run(stage, "destinations", "add", "Warehouse", *given)
    assert made.stdout.startswith("whsec_")
    changed = run(stage, "destinations", "set", "Warehouse", "--provider", "A", "--state", "paused")
    assert changed.exit_code == 0, changed.output
    fresh = run(stage, "destinations", "rotate", "Warehouse", "--provider", "A").stdout
    assert fresh.startswith("whsec_")
    assert fresh != made.stdout
    assert run(stage, "destinations", "retire", "Warehouse", "--provider", "A").exit_code == 0
    finalised(stage)
    assert len(outgoing(stage, "waiting")) == 1
    listed = run(stage, "destinations", "list", "--provider", "A").stdout
    assert listed == "Warehouse\twebhook\tpaused\thttps://127.0.0.1/hook\t1 waiting, 0 parked\n"


def test_a_bearer_token_is_read_from_standard_input_and_not_printed(stage: Stage) -> None:
    given = ("--provider", "A", "--kind", "fhir", "--address", "https://127.0.0.1/fhir", "--secret-stdin")
    made = run(stage, "destinations", "add", "Server", *given, sent="a-bearer-token\n")
    assert made.stdout == "Added Server.\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "x", "--kind", "carrier-pigeon", "--address", "https://127.0.0.1/"), "kind"),
        (("add", "x", "--kind", "fhir", "--address", "https://elsewhere.test/"), "OUTGOING_ALLOWED"),
        (("set", "nobody", "--state", "off"), "no such destination"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(stage: Stage, words: tuple[str, ...], why: str) -> None:
    done = run(stage, "destinations", *words, "--provider", "A")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert why in done.stderr


def test_an_extract_is_written_to_a_file_and_its_gaps_to_the_screen(stage: Stage, tmp_path: Path) -> None:
    finalised(stage)
    days = ("--provider", "A", "--from", "2026-03-01", "--to", "2026-03-31")
    file = tmp_path / "march.csv"
    done = run(stage, "extract", *days, "--output", str(file))
    assert done.exit_code == 0, done.output
    assert file.read_text(encoding="utf-8").count("J440") == 1
    gaps = run(stage, "extract", *days, "--missing", "--format", "apc-wales")
    assert "MAIN SPECIALTY CODE" in gaps.stdout
    assert run(stage, "extract", *days, "--format", "pdf").exit_code == 2
