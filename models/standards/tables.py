"""What the standards ask of the code tables."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from data.episodes import Role


class RoleTable(Protocol):
    """`models.codes.CodeTable` is one."""

    @property
    def secondary(self) -> frozenset[str]:
        """Codes that never stand alone."""
        ...

    def valid_on(self, code: str, day: date | None) -> bool: ...


class Tables:
    def __init__(self, by_role: Mapping[Role, RoleTable]) -> None:
        self._by_role = dict(by_role)

    def valid_on(self, role: Role, code: str, day: date | None) -> bool:
        return self._by_role[role].valid_on(code, day)

    def secondary_only(self, procedure: str) -> bool:
        return procedure in self._by_role[Role.PROCEDURE].secondary
