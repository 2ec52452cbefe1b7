"""A second coding against another, line by line: pure, plain codes in, plain values out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.episodes import Role


@dataclass(frozen=True, slots=True)
class Codes:
    """A coding as codes in order; the first diagnosis is primary."""

    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]

    def of(self, role: Role) -> tuple[str, ...]:
        return self.diagnoses if role is Role.DIAGNOSIS else self.procedures

    def to_json(self) -> dict[str, Any]:
        return {"diagnoses": list(self.diagnoses), "procedures": list(self.procedures)}


@dataclass(frozen=True, slots=True)
class Difference:
    role: Role
    kind: str
    """primary: another code comes first. missed: only the second coding has it. extra: only the other has."""
    code: str


def differences(second: Codes, other: Codes) -> tuple[Difference, ...]:
    """In what `other` is not as the second coding; none means that it is right.

    Right is: primary diagnosis and primary procedure equal, and the same codes otherwise. A diagnosis code
    counts once, a procedure code as often as it stands.
    """
    return tuple(one for role in Role for one in _of_role(role, second.of(role), other.of(role)))


def _of_role(role: Role, second: Sequence[str], other: Sequence[str]) -> list[Difference]:
    wanted, given = _count(role, second), _count(role, other)
    found = [Difference(role, "missed", code) for code in (wanted - given).elements()]
    found += [Difference(role, "extra", code) for code in (given - wanted).elements()]
    if second and other and second[0] != other[0]:
        found.append(Difference(role, "primary", second[0]))
    return found


def _count(role: Role, codes: Sequence[str]) -> Counter[str]:
    return Counter(dict.fromkeys(codes, 1) if role is Role.DIAGNOSIS else codes)


def comparison_json(found: Sequence[Difference]) -> list[dict[str, Any]]:
    return [{"role": one.role, "kind": one.kind, "code": one.code} for one in found]
