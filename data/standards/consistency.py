"""What one rule adds no rule may remove: otherwise completing a coding would not come to rest."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from data.errors import CuratedFileError
from data.standards.codes import CodeSet
from data.standards.rule import Rule

_ADDED = ("becomes", "instead", "add")
_REMOVED = {"never": "codes", "explained": "codes", "combination": "replaces"}


def refuse_circles(path: Path, rules: Iterable[Rule]) -> None:
    """
    Raises:
        CuratedFileError: a completing rule would remove what another adds.
    """
    completing = [rule for rule in rules if rule.completes]
    for rule in completing:
        for code in _added(rule):
            for other in completing:
                if other is not rule and _removes(other, rule, code):
                    problem = f"removes {code}, which {rule.id} adds"
                    raise CuratedFileError(path, 1, f"rule {other.id}", problem)


def _removes(other: Rule, rule: Rule, code: str) -> bool:
    return other.role is rule.role and any(code in codes for codes in _removed(other))


def _added(rule: Rule) -> Iterator[str]:
    for name in _ADDED:
        code = rule.arguments.get(name)
        if isinstance(code, str):
            yield code


def _removed(rule: Rule) -> Iterator[CodeSet]:
    name = _REMOVED.get(rule.operator)
    if rule.operator == "not_together":
        name = str(rule.arguments.get("drop", "")) or None
    codes = rule.arguments.get(name) if name else None
    if isinstance(codes, CodeSet):
        yield codes
    ladder = rule.arguments.get("ladder") if rule.operator == "one_of" else None
    if isinstance(ladder, tuple):
        yield from ladder[1:]
