"""Whether a question leads: what is found in its words, and what is left in peace."""

from datetime import UTC, datetime

import pytest

from service.queries.neutrality import OTHER, TEMPLATES, UNABLE, Doubt, concerns, with_fixed_options
from service.queries.reminding import Reminder, age_days, reminder
from service.workbench.query_words import place_of

TEXT = "Admitted with a UTI. CRP 200, consolidation at the left base. T12 tender."


@pytest.mark.parametrize(
    ("question", "doubts"),
    [
        ("What was treated with antibiotics?", set()),
        ("Which organism caused the urinary tract infection?", set()),
        ("What happened at T12?", set()),
        ("What does the consolidation stand for?", set()),
        ("What made you think of pneumonia?", {Doubt.CONDITION}),
        ("Which J18.9 was it?", {Doubt.CODE}),
        ("Please confirm what was treated.", {Doubt.LEADING}),
        ("What was treated? Was it treated at home?", {Doubt.YES_OR_NO}),
        ("What was treated? The tariff depends on it.", {Doubt.MONEY}),
    ],
)
def test_a_question_is_neutral_or_says_where_it_leads(question: str, doubts: set[Doubt]) -> None:
    assert {one.doubt for one in concerns(question, (), (TEXT,))} == doubts


def test_options_are_checked_too() -> None:
    (found,) = concerns("What was treated?", ("Pneumonia", OTHER, UNABLE), (TEXT,))
    assert (found.doubt, found.words) == (Doubt.CONDITION, "pneumonia")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_template_is_neutral_whatever_the_text(template: object) -> None:
    (one,) = (item for item in TEMPLATES if item is template)
    assert concerns(one.question, with_fixed_options(one.options), ("Nothing of note.",)) == []


def test_other_and_unable_to_determine_are_always_last_and_once() -> None:
    assert with_fixed_options(["A", "unable to determine", "B", "A"]) == ["A", "B", OTHER, UNABLE]


def test_reminders_follow_age() -> None:
    assert [reminder(days) for days in (0, 2, 3, 7, 13, 14)] == [
        Reminder.NONE, Reminder.NONE, Reminder.FIRST, Reminder.SECOND, Reminder.SECOND, Reminder.ESCALATE,
    ]  # fmt: skip


def test_age_is_never_negative() -> None:
    later, earlier = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    assert (age_days(earlier, later), age_days(later, earlier)) == (1, 0)


@pytest.mark.parametrize(
    ("words", "place"),
    [("UTI", ("a", 3)), ("uti", ("a", 3)), ("Base", ("b", 5)), ("none", None), ("İx", ("b", 10))],
)
def test_typed_words_are_found_in_the_documents(words: str, place: tuple[str, int] | None) -> None:
    documents = [("a", 1, "Is UTI."), ("b", 2, "Left base İx.")]
    found = place_of(words, documents)
    assert (found and (found["document"], found["start"])) == place
    if found:
        text = next(text for name, _, text in documents if name == found["document"])
        assert text[found["start"] : found["end"]].lower() == words.lower()
