"""The coding standards of one edition, and a provider's own policy on top of them.

A policy is a file in the same notation: rules of its own (`[[rule]]`, basis `project`), and `[[switch]]` for
the optional rules of ours: on or off, or with another severity.
"""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from data.errors import CuratedFileError
from data.standards.consistency import refuse_circles
from data.standards.reading import read_rules, read_rules_of
from data.standards.rule import Rule
from data.standards.vocabulary import PROJECT, Severity

STANDARDS_FOLDER = Path(__file__).parent / "rules"
EDITION_FILE = "edition.toml"
_SWITCH = frozenset({"rule", "on", "severity"})


@dataclass(frozen=True)
class StandardsEdition:
    """Immutable; threads may share it."""

    name: str
    digest: str
    """sha256 over every file of rules."""
    rules: tuple[Rule, ...]
    policy: str = ""
    """Digest of the provider's own policy; empty where it has none."""

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def in_force(self) -> tuple[Rule, ...]:
        """The rules that are switched on."""
        return tuple(rule for rule in self.rules if rule.on)


@cache
def load_standards(folder: Path = STANDARDS_FOLDER) -> StandardsEdition:
    """
    Raises:
        CuratedFileError: a file cannot be read, a rule is not right, or two have one id.
    """
    head = _read(folder / EDITION_FILE)
    name = head.get("edition")
    if not isinstance(name, str) or not name:
        raise CuratedFileError(folder / EDITION_FILE, 1, "edition", "is missing")
    files = sorted(folder.glob("*/*.toml"))
    rules = tuple(rule for path in files for rule in read_rules(path, name))
    _refuse_same_ids(files, rules)
    refuse_circles(folder, rules)
    return StandardsEdition(name, _digest([folder / EDITION_FILE, *files]), rules)


def with_policy(standards: StandardsEdition, text: str, name: str = "policy.toml") -> StandardsEdition:
    """The standards with a provider's own rules and switches.

    Args:
        text: of the file.
        name: what errors call it.

    Raises:
        CuratedFileError: a rule or switch is not right.
    """
    path = Path(name)
    own = read_rules_of(path, text, standards.name)
    for rule in own:
        if rule.standard != PROJECT:
            raise CuratedFileError(path, 1, f"rule {rule.id}, standard", "of a provider's rule is project")
        if rule.id in standards.by_id:
            raise CuratedFileError(path, 1, f"rule {rule.id}, id", "is a rule that ships")
    switched = dict(standards.by_id)
    for switch in _switches(path, text):
        changed = _switched(standards, path, switch)
        switched[changed.id] = changed
    rules = (*switched.values(), *own)
    refuse_circles(path, rules)
    return replace(standards, rules=rules, policy=hashlib.sha256(text.encode()).hexdigest())


def _switches(path: Path, text: str) -> list[Any]:
    switches = tomllib.loads(text).get("switch", [])
    if not isinstance(switches, list):
        raise CuratedFileError(path, 1, "switch", "switches are written as [[switch]]")
    return switches


def _switched(standards: StandardsEdition, path: Path, switch: Any) -> Rule:
    if not isinstance(switch, dict) or switch.keys() - _SWITCH:
        raise CuratedFileError(path, 1, "switch", f"has {', '.join(sorted(_SWITCH))}")
    rule = standards.by_id.get(switch.get("rule", ""))
    if rule is None or not rule.optional:
        raise CuratedFileError(path, 1, "switch, rule", f"{switch.get('rule')!r} is not an optional rule")
    on, severity = switch.get("on", True), switch.get("severity", rule.severity.value)
    if not isinstance(on, bool) or severity not in set(Severity):
        raise CuratedFileError(path, 1, f"switch {rule.id}", "on is true or false, severity one of ours")
    return replace(rule, on=on, severity=Severity(severity))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CuratedFileError(path, 1, "file", str(error)) from None


def _refuse_same_ids(files: Iterable[Path], rules: Iterable[Rule]) -> None:
    by_name = {path.name: path for path in files}
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.id in seen:
            problem = f"stands in {seen[rule.id]} too"
            raise CuratedFileError(by_name[rule.file], 1, f"rule {rule.id}, id", problem)
        seen[rule.id] = rule.file


def _digest(paths: Iterable[Path]) -> str:
    """Line ends do not count: a checkout may change them."""
    running = hashlib.sha256()
    for path in paths:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        running.update(f"{path.name} {len(content)}\n".encode())
        running.update(content)
    return running.hexdigest()
