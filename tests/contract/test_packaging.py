"""What is promised about the project as a whole: names, start-up weight, image, settings, formats."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from service.config import Settings

ROOT = Path(__file__).parents[2]
OUR_PACKAGES = ("data", "models", "training", "service")
SETTINGS_BEGIN, SETTINGS_END = "<!-- settings -->", "<!-- end of settings -->"
DEFAULTS = {"database_url": "", "secret_key": "none", "tracking_uri": "SQLite under `var/mlflow`"}
IMPORTS = (ast.Import, ast.ImportFrom)
HEAVY = ("torch", "transformers", "sklearn", "lightgbm", "pandas", "mlflow", "matplotlib", "simple_icd_10_cm")


def settings_table() -> str:
    rows = ["| setting | meaning | default |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = DEFAULTS.get(name, str(field.default))
        words = " ".join((field.description or "").split())
        rows.append(f"| `AUTOCODER_{name.upper()}` | {words} | {default} |")
    return "\n" + "\n".join(rows) + "\n"


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("name", OUR_PACKAGES)
def test_no_other_distribution_provides_our_package_names(name: str) -> None:
    assert set(packages_distributions().get(name, ["hospital-autocoder"])) == {"hospital-autocoder"}


def test_importing_the_service_imports_nothing_heavy() -> None:
    code = f"import service.app, sys; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_commands_imports_nothing_heavy() -> None:
    names = (*HEAVY, "numpy", "sqlalchemy", "fastapi")
    modules = "service.commands, training.commands, data.commands"
    code = f"import {modules}, sys; print([n for n in {names!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_the_readmes_table_of_settings_is_current() -> None:
    """AUTOCODER_WRITE_DOCS=1 writes it anew."""
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text().partition(SETTINGS_BEGIN)
    _, _, after = rest.partition(SETTINGS_END)
    current = before + SETTINGS_BEGIN + settings_table() + SETTINGS_END + after
    if os.environ.get("AUTOCODER_WRITE_DOCS"):
        readme.write_text(current)
    assert readme.read_text() == current


def test_torch_is_never_asked_for_without_a_cap() -> None:
    """But for `torch.*`, which names a module to mypy."""
    assert not re.search(r'"torch(?!\.\*")(?![^"]*<=2\.13\.0)', (ROOT / "pyproject.toml").read_text())


def test_no_pickle_is_read_anywhere() -> None:
    for package in OUR_PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            imports = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, IMPORTS)]
            names = {alias.name for node in imports for alias in node.names}
            names |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom)}
            assert not names & {"pickle", "joblib", "dill", "cloudpickle", "shelve"}, path


class TestDockerfile:
    """No container engine is assumed: the file is parsed and compared with what it stands on."""

    lines = (ROOT / "Dockerfile").read_text()

    def test_last_stage_runs_as_nobody_special_with_a_health_check(self) -> None:
        last = self.lines.split("\nFROM ")[-1]
        assert re.search(r"^USER \d{4,}$", last, re.M)
        assert "HEALTHCHECK" in last
        assert "/healthz" in last

    def test_stages_have_names_and_copy_only_from_each_other(self) -> None:
        stages = re.findall(r"^FROM \S+ AS (\w+)$", self.lines, re.M)
        assert stages == ["pages", "wheels", "service"]
        assert set(re.findall(r"--from=(\w+)", self.lines)) <= set(stages)

    def test_python_is_one_that_the_project_supports(self) -> None:
        versions = set(re.findall(r"^FROM python:(\d+\.\d+)", self.lines, re.M))
        wanted = str(project()["project"]["requires-python"])  # type: ignore[index]
        assert all(tuple(map(int, v.split("."))) >= tuple(map(int, wanted[2:].split("."))) for v in versions)
        assert f"/usr/local/lib/python{versions.pop()}/site-packages" in self.lines

    def test_every_copied_path_exists_and_every_package_is_copied(self) -> None:
        sources = re.findall(r"^COPY (?!--from)(.+) \S+$", self.lines, re.M)
        paths = {path for line in sources for path in line.split()}
        assert not [path for path in paths if not (ROOT / path).exists()]
        assert set(OUR_PACKAGES) <= paths

    def test_its_commands_are_commands_of_the_project(self) -> None:
        scripts = project()["project"]["scripts"]  # type: ignore[index]
        used = set(re.findall(r"autocoder (\w[\w-]*)", self.lines)) - {"autocoder"}
        commands = (ROOT / "service" / "commands" / "running.py").read_text()
        assert "autocoder" in scripts
        assert {"migrate", "serve"} <= used
        assert all(f"def {command.replace('-', '_')}(" in commands for command in ("migrate", "serve"))

    def test_telemetry_is_off_as_in_the_makefile(self) -> None:
        assert "MLFLOW_DISABLE_TELEMETRY=true" in self.lines
        assert "MLFLOW_DISABLE_TELEMETRY := true" in (ROOT / "Makefile").read_text()
