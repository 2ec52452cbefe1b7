import subprocess
import sys

import pytest
from typer.testing import CliRunner

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
