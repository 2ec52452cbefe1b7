"""The misattribution list: on seeded years whose generator knows nothing of the detector, and by hand."""

from datetime import date

import pytest

from data.episodes import DocumentKind
from service.clinicians.detecting import Detector, Kind, Observed, Proposal
from service.clinicians.naming import NameReader, NotedRole, Source
from service.clinicians.register import Activity, EpisodeFacts
from tests.load.attribution import interval, measure, proposals_of
from tests.load.seeded_year import seeded_year
from tests.printed import Say
from tests.unit.service_clinicians.attribution_cases import case_register

LEAST = 0.95
READER = NameReader(case_register())
DAY = date(2026, 3, 2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_seeded_year_is_found_with_precision_and_recall_of_95_percent(seed: int, say: Say) -> None:
    year = seeded_year(seed)
    found = measure(year.cases, proposals_of(year))
    assert found.wrong >= 1000
    for name, count, total in (
        ("precision", found.hits, found.proposed),
        ("recall", found.hits, found.wrong),
        ("names who really answered", found.right_person, found.hits),
    ):
        low, high = interval(count, total)
        say(f"{name} {count / total:.3f} ({low:.3f} to {high:.3f})")
        assert count / total >= LEAST


def test_look_alikes_of_a_seeded_year_are_left_alone() -> None:
    year = seeded_year(1)
    proposed = proposals_of(year)
    for situation in ("supervised list", "cross-cover", "summary by a SAS doctor, consultant's ward"):
        cases = [case for case in year.cases if case.situation == situation]
        assert len(cases) > 100
        assert sum(case.id in proposed for case in cases) / len(cases) < 0.02, situation


def note(*lines: str, author: str | None = None, kind: DocumentKind = DocumentKind.OPERATION_NOTE) -> Source:
    return Source(kind, author, "\n".join([*lines, "", "As below."]))


def observed(
    name: str,
    *sources: Source,
    recorded: str = "C1000001",
    site: str = "RXX01",
    function: str = "100",
    activity: Activity = Activity.DAYCASE,
    day: date = DAY,
) -> Observed:
    facts = EpisodeFacts(recorded, None, function, "100", site, activity, day, day)
    return Observed(name, facts, recorded, READER.noted(sources, "100"))


def proposals(*episodes: Observed) -> dict[str, Proposal]:
    found = Detector(episodes, case_register()).proposals()
    return {proposal.episode: proposal for proposal in found}


def test_work_of_an_autonomous_doctor_under_a_consultant_is_proposed_with_its_evidence() -> None:
    found = proposals(observed("a", note("Surgeon: Dr Full Specialist (C2000001)")))["a"]
    assert (found.kind, found.recorded, found.proposed) == (Kind.AUTONOMOUS_WORK, "C1000001", "C2000001")
    assert found.evidence == ("Dr Full Specialist: named as operator in the note",)
    assert "policy 2025-1" in found.reason
    assert found.policy == "2025-1"


def test_a_consultant_who_operated_elsewhere_on_the_day_cannot_have_done_both() -> None:
    found = proposals(
        observed("a", note("Surgeon: Dr Full Specialist")),
        observed("b", note("Surgeon: Mr Named Consultant"), site="RXX02"),
    )
    assert set(found) == {"a"}
    assert found["a"].kind is Kind.IMPOSSIBLE_LOAD
    assert found["a"].evidence[-1] == "Mr Named Consultant: operated at RXX02 on the same day"


@pytest.mark.parametrize(
    "lines",
    [
        ("Surgeon: Dr Full Specialist", "Supervising consultant: Mr Named Consultant"),
        ("Surgeon: Dr No Autonomy",),
        ("Surgeon: Dr Old Policy",),
        ("Surgeon: Dr Full Specialist", "Operator: Dr Renewed Doctor"),
        ("Surgeon: Miss Cover Consultant", "Covering for: Mr Named Consultant"),
        ("Surgeon: Miss Cover Consultant",),
        ("Consultant: Dr Full Specialist",),
        ("Surgeon: Dr Nobody Known",),
        ("Assistant: Dr Full Specialist",),
    ],
)
def test_what_looks_like_a_misattribution_and_is_none(lines: tuple[str, ...]) -> None:
    assert proposals(observed("a", note(*lines))) == {}


def test_who_wrote_a_summary_may_have_written_it_for_the_consultant() -> None:
    summary = note(author="Dr Full Specialist", kind=DocumentKind.DISCHARGE_SUMMARY)
    assert proposals(observed("a", summary)) == {}
    reviewed = note("Senior reviewing clinician: Dr Full Specialist", kind=DocumentKind.DISCHARGE_SUMMARY)
    assert proposals(observed("a", reviewed))["a"].proposed == "C2000001"


def test_a_supervised_list_is_supervised_also_where_one_note_does_not_say_so() -> None:
    operator = "Surgeon: Dr Full Specialist"
    assert (
        proposals(
            observed("a", note(operator)),
            observed("b", note(operator, "Supervised by: Mr Named Consultant")),
        )
        == {}
    )


def test_a_silent_note_follows_its_list_where_that_is_of_one_mind() -> None:
    mates = [observed(name, note("Surgeon: Dr Full Specialist")) for name in ("b", "c")]
    silent = observed("a", note())
    assert set(proposals(silent, *mates)) == {"a", "b", "c"}
    assert set(proposals(silent, *mates, observed("d", note("Surgeon: Mr Named Consultant")))) == {"b", "c"}
    assert set(proposals(silent, mates[0])) == {"b"}


def test_a_doctor_who_may_not_answer_gives_way_to_the_one_consultant_of_the_list() -> None:
    found = proposals(
        observed("a", note("Surgeon: Dr Old Policy"), recorded="C2000004"),
        observed("b", note("Surgeon: Dr Old Policy")),
    )["a"]
    assert (found.kind, found.proposed) == (Kind.NOT_AUTONOMOUS, "C1000001")
    alone = proposals(observed("a", note("Surgeon: Dr Old Policy"), recorded="C2000004"))["a"]
    assert alone.proposed == "C9999998"


def test_a_consultant_who_has_left_gives_way_to_who_operated() -> None:
    found = proposals(observed("a", note("Surgeon: Miss Cover Consultant"), recorded="C1000003"))["a"]
    assert (found.kind, found.proposed) == (Kind.NOT_IN_POST, "C1000002")
    assert "not in post" in found.reason


def test_a_consultant_of_another_specialty_was_picked_by_mistake() -> None:
    own = [observed(f"o{n}", recorded="C1000002", function="320") for n in range(60)]
    home = [observed(f"h{n}", note("Surgeon: Mr Named Consultant")) for n in range(3)]
    strange = observed("a", note("Surgeon: Mr Named Consultant"), recorded="C1000002")
    found = proposals(strange, *own, *home)
    assert set(found) == {"a"}
    assert (found["a"].kind, found["a"].proposed) == (Kind.SPECIALTY_MISMATCH, "C1000001")


@pytest.mark.parametrize(
    "written",
    [
        "Dr Full Specialist",
        "Specialist, Full",
        "SPECIALIST, Full (Specialty doctor)",
        "C2000001 anything",
        "GMC 2000001",
        "Full Specialist GMC: 2000001",
    ],
)
def test_a_person_is_known_however_they_are_written(written: str) -> None:
    person = READER.person(written, "100")
    assert person is not None
    assert person.latest.number == "2000001"


@pytest.mark.parametrize("written", ["", "Dr F Specialist", "12345678", "Full", "Dr Full Specialist Smith"])
def test_a_person_is_not_guessed(written: str) -> None:
    assert READER.person(written, "100") is None


def test_names_stand_in_the_lines_of_templates_and_as_author() -> None:
    source = note(
        "  Operating  surgeon : Mr Named Consultant", "Reviewed by: C1000002", author="Dr No Autonomy"
    )
    found = [(noted.role, noted.person.latest.number) for noted in READER.noted([source], None)]
    assert found == [
        (NotedRole.AUTHOR_OF_OPERATION, "2000003"),
        (NotedRole.OPERATOR, "1000001"),
        (NotedRole.REVIEWER, "1000002"),
    ]
