"""What the coding standards say of a practice coding, in the words that coders read at work."""

from collections.abc import Iterator, Sequence

from data.episodes import Episode, Role
from models.mentions.facts import patient_facts
from models.standards import Facts, Finding
from models.standards import Line as StandardsLine
from service.standards.book import InForce


def findings(
    in_force: InForce, episode: Episode, diagnoses: Sequence[str], procedures: Sequence[str]
) -> tuple[Finding, ...]:
    """By place; the places count diagnoses first. What asks for a fifth character is left out."""
    lines = tuple(_lines(diagnoses, procedures))
    birth = {"birth"} if episode.admission_method == "birth" else set[str]()
    facts = Facts(
        sex=episode.sex,
        age=episode.age,
        end=episode.end,
        flags=patient_facts(episode) | birth,
        documented=frozenset(),
    )
    found = in_force.engine.check(lines, facts)
    return tuple(one for one in found if in_force.edition.by_id[one.rule].operator != "fifth")


def _lines(diagnoses: Sequence[str], procedures: Sequence[str]) -> Iterator[StandardsLine]:
    for place, code in enumerate(diagnoses):
        yield _line(Role.DIAGNOSIS, code, None, place)
    group = 0
    for place, code in enumerate(procedures, len(diagnoses)):
        group += code[0] not in "YZ" or not group  # Y and Z codes belong to the procedure before them
        yield _line(Role.PROCEDURE, code, group, place)


def _line(role: Role, code: str, group: int | None, place: int) -> StandardsLine:
    return StandardsLine(role, code, group, touched=True, place=float(place), key=str(place))
