"""What an operator is: one rule of data, made to look at codings."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, TypeVar

from data.standards import NO_CODES, CodeSet, Rule
from models.standards.coding import Breach
from models.standards.seen import Seen

Wanted = TypeVar("Wanted")


class Operator(ABC):
    """Pure and immutable once made."""

    everywhere: ClassVar[bool] = False
    """Looks at every coding; others only at codings that hold, or whose text states, one of their codes."""

    asks_people: ClassVar[bool] = False
    """Asks for what a model never gives."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.role = rule.role
        self.codes = self.set_of("codes")

    @property
    def triggers(self) -> CodeSet:
        return self.codes

    @abstractmethod
    def breaches(self, seen: Seen) -> Iterable[Breach]:
        """What stands against the rule in the coding that is seen."""

    def set_of(self, name: str) -> CodeSet:
        given = self.rule.arguments.get(name, NO_CODES)
        assert isinstance(given, CodeSet)  # noqa: S101 (the vocabulary says so)
        return given

    def sets_of(self, name: str) -> tuple[CodeSet, ...]:
        given = self.rule.arguments[name]
        assert isinstance(given, tuple)  # noqa: S101
        return given

    def told(self, name: str, default: Wanted) -> Wanted:
        """An argument of the type of its default."""
        given = self.rule.arguments.get(name, default)
        assert isinstance(given, type(default))  # noqa: S101
        return given
