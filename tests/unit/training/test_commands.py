import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.bundle import write_bundle
from models.registry import Registry, RunRecord
from tests.unit.models.small_model import parts
from training.champion import Standing, champion_standing
from training.commands import app

HEAVY = {"sklearn", "mlflow", "pandas", "matplotlib", "numpy", "rich.progress", "data.classifications"}


def test_the_commands_are_there_before_anything_heavy_is_imported() -> None:
    code = "import sys, training.commands; print(' '.join(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not HEAVY & set(found.stdout.split())


@pytest.mark.parametrize("command", ["train", "evaluate", "predict"])
def test_each_command_explains_itself(command: str) -> None:
    answer = CliRunner().invoke(app, [command, "--help"])
    assert answer.exit_code == 0
    assert "--tracking-uri" in answer.output


def test_an_alias_without_a_name_is_refused() -> None:
    answer = CliRunner().invoke(app, ["train", "--alias", "champion"])
    assert answer.exit_code == 2
    assert "--alias needs --register" in answer.output


@pytest.fixture
def store_with_older_champion(tmp_path: Path) -> str:
    """Its model was written by a program of another format version."""
    write_bundle(tmp_path / "written", parts())
    manifest = tmp_path / "written" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | {"format_version": 1}))
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    registry = Registry(uri)
    run = registry.record_run(RunRecord(experiment="test", name="test", bundle=tmp_path / "written"))
    registry.set_alias("autocoder", "champion", registry.register("autocoder", run))
    return uri


def test_a_champion_of_another_format_is_found_unfit_with_the_reason(store_with_older_champion: str) -> None:
    standing = champion_standing("autocoder", store_with_older_champion)
    assert (standing.exists, standing.serves) == (True, False)
    assert "format version 1, this program reads" in standing.problem


def test_a_name_without_champion_has_no_problem_either(tmp_path: Path) -> None:
    assert champion_standing("autocoder", f"sqlite:///{tmp_path / 'none.db'}") == Standing(exists=False)
