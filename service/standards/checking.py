"""What the standards say of the coding that stands."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.episodes import Role
from data.standards import Severity
from models.mentions.facts import patient_facts
from models.standards import Facts, Finding
from models.standards import Line as StandardsLine
from service.coding.coding import Coding, Line
from service.coding.status import DecisionKind
from service.episodes.evidence import History
from service.episodes.reading import model_episode
from service.identity import ActorKind
from service.standards.book import InForce
from service.standards.fifths import fifths_named
from service.tables import DecisionRow, EpisodeRow

_STATED = 0.25
"""Confidence from which a further candidate counts as stated in the text."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding on the lines of an episode."""

    finding: Finding
    lines: tuple[Line, ...]
    overridden_by: str | None
    """Who decided that the coding is right all the same."""

    @property
    def codes(self) -> list[str]:
        return sorted(line.code for line in self.lines)

    @property
    def blocks(self) -> bool:
        """Whether the coding cannot be finalised with it."""
        return self.finding.severity is Severity.ERROR and self.overridden_by is None


def found_in(
    in_force: InForce, row: EpisodeRow, coding: Coding, history: History, decisions: Iterable[DecisionRow]
) -> tuple[Found, ...]:
    """By place, then by rule."""
    decisions = tuple(decisions)
    lines = standing(coding, _by_gate(decisions))
    overrides = list(_overrides(decisions))
    found = []
    for finding in in_force.engine.check(lines, facts_of(row, coding, history)):
        named = tuple(coding.standing[place] for place in finding.lines)
        found.append(Found(finding, named, _overridden(finding.rule, named, overrides)))
    return tuple(found)


def _by_gate(decisions: Iterable[DecisionRow]) -> frozenset[str]:
    """Ids of the lines on which no person decided."""
    gate = {row.line_id for row in decisions if row.line_id and row.actor_kind == ActorKind.GATE}
    return frozenset(gate - {row.line_id for row in decisions if row.actor_kind != ActorKind.GATE})


def standing(coding: Coding, by_gate: Collection[str] = ()) -> tuple[StandardsLine, ...]:
    """As the engine takes them; a person decided on every one but those of the gate."""
    return tuple(
        StandardsLine(
            line.role,
            line.code,
            line.group,
            touched=line.id not in by_gate,
            place=float(place),
            key=line.id,
            fifth=line.fifth or None,
        )
        for place, line in enumerate(coding.standing)
    )


def facts_of(row: EpisodeRow, coding: Coding, history: History) -> Facts:
    episode = model_episode(row, {})
    birth = {"birth"} if episode.admission_method == "birth" else set[str]()
    asked = {line.code[:3] for line in coding.undecided}
    stated = (
        line.code
        for line in coding.candidates
        if line.role is Role.DIAGNOSIS and (line.confidence or 0) >= _STATED and line.code[:3] not in asked
    )
    return Facts(
        sex=episode.sex,
        age=episode.age,
        end=episode.end,
        flags=patient_facts(episode) | birth,
        documented=frozenset(stated),
        fifths=fifths_named(coding, history),
    )


def is_fixable(found: Found) -> bool:
    return bool(found.finding.fix)


def override_content(found: Sequence[Found], reason: str) -> dict[str, Any]:
    """What an override says: of this rule, on lines with these codes."""
    return {"rule": found[0].finding.rule, "codes": [one.codes for one in found], "reason": reason}


def _overrides(decisions: Iterable[DecisionRow]) -> Iterable[tuple[Mapping[str, Any], str]]:
    return ((row.content, row.actor_name) for row in decisions if row.kind == DecisionKind.OVERRIDE)


def _overridden(
    rule: str, lines: Sequence[Line], overrides: Iterable[tuple[Mapping[str, Any], str]]
) -> str | None:
    """An override holds while the lines have the codes that it was made for."""
    codes = sorted(line.code for line in lines)
    held = (by for content, by in overrides if content["rule"] == rule and codes in content["codes"])
    return next(held, None)
