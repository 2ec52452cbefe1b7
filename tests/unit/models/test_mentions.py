"""Finding the phrases of terms: boundaries, overlaps, case, conditions, words that may stand inside."""

import json
import random
import time

import pytest

from data.classifications import Classification, Entry, EntryKind
from data.episodes import Episode, Role
from data.language import read_headings
from data.terms import Need
from models.mentions import CompiledTerm, Mention, MentionFinder, TermTable, compile_terms
from models.mentions.conditions import LONG_PAST_YEAR, PAST_YEAR
from models.mentions.facts import patient_facts
from models.mentions.titles import title_phrases
from models.text import HeadingIndex, read_text
from tests.unit.models.small_model import need

HEADINGS = HeadingIndex(read_headings())


def term(code: str, phrase: str, *needs: Need, exact: bool = False, kind: str = "name") -> CompiledTerm:
    return CompiledTerm(Role.DIAGNOSIS, code, phrase, kind, exact, needs)


def find(text: str, *terms: CompiledTerm, sex: str | None = None, age: int | None = None) -> list[Mention]:
    episode = Episode("e", (), sex=sex, age=age)
    return MentionFinder(terms).find(read_text(text, HEADINGS), episode, 0, patient_facts(episode))


def found(
    text: str, *terms: CompiledTerm, sex: str | None = None, age: int | None = None
) -> list[tuple[str, str]]:
    return [(one.term.code, text[one.start : one.end]) for one in find(text, *terms, sex=sex, age=age)]


class TestBoundaries:
    @pytest.mark.parametrize("text", ["pneumonias", "PNEUMONIA", "(pneumonia)", "pneumonia.", "x/pneumonia"])
    def test_a_phrase_is_found_between_boundaries(self, text: str) -> None:
        assert len(find(text, term("J189", "pneumonia"))) == 1

    @pytest.mark.parametrize("text", ["bronchopneumonia", "pneumoniae", "pneumonia2", "5pneumonia"])
    def test_a_phrase_is_not_found_inside_a_word(self, text: str) -> None:
        assert find(text, term("J189", "pneumonia")) == []

    def test_a_dose_is_no_disease(self) -> None:
        assert found("Morphine 5MG", term("G700", "MG", exact=True)) == []

    def test_letters_and_digits_may_touch_or_not(self) -> None:
        ckd = term("N183", "CKD 3b")
        assert found("CKD3b", ckd) == [("N183", "CKD3b")]
        assert found("CKD 3B", ckd) == [("N183", "CKD 3B")]

    def test_a_phrase_does_not_reach_over_a_full_stop(self) -> None:
        assert found("He had heart. Failure to thrive.", term("I509", "heart failure")) == []

    def test_a_phrase_reaches_over_a_wrapped_line_a_comma_and_a_gap(self) -> None:
        assert found("Diabetes,  type 2", term("E119", "diabetes type 2")) == [("E119", "Diabetes,  type 2")]

    def test_what_was_sent_is_quoted_with_its_marks(self) -> None:
        text = "Sjo\u0308gren’s syndrome"
        assert found(text, term("M350", "Sjogren's syndrome")) == [("M350", text)]


class TestOverlaps:
    def test_the_longest_phrase_wins(self) -> None:
        terms = [term("F03X", "dementia"), term("F019", "vascular dementia")]
        assert found("vascular dementia", *terms) == [("F019", "vascular dementia")]

    def test_a_longer_phrase_whose_condition_fails_leaves_the_shorter(self) -> None:
        terms = [term("F03X", "dementia"), term("F019", "vascular dementia", need("sex", "=", "male"))]
        assert found("vascular dementia", *terms, sex="female") == [("F03X", "dementia")]

    def test_roles_do_not_compete(self) -> None:
        operation = CompiledTerm(Role.PROCEDURE, "T202", "repair of inguinal hernia", "name")
        assert len(find("repair of inguinal hernia", operation, term("K409", "inguinal hernia"))) == 2

    def test_an_external_cause_may_stand_inside_a_diagnosis(self) -> None:
        terms = [term("J189", "hospital acquired pneumonia"), term("Y95X", "hospital acquired")]
        assert [code for code, _ in found("Hospital acquired pneumonia", *terms)] == ["J189", "Y95X"]


class TestWordsInside:
    def test_a_side_may_stand_inside(self) -> None:
        text = "cellulitis of the left leg"
        assert found(text, term("L031", "cellulitis of leg")) == [("L031", text)]

    def test_an_article_in_the_phrase_may_be_missing(self) -> None:
        assert len(find("cellulitis of leg", term("L031", "cellulitis of the leg"))) == 1

    def test_a_phrase_with_a_side_keeps_it(self) -> None:
        terms = [term("I501", "left ventricular failure"), term("I509", "heart failure")]
        assert found("left ventricular failure", *terms) == [("I501", "left ventricular failure")]

    def test_other_words_do_not(self) -> None:
        assert find("cellulitis of upper leg", term("L031", "cellulitis of leg")) == []


class TestCase:
    def test_an_exact_term_keeps_its_case(self) -> None:
        multiple_sclerosis = term("G35X", "MS", exact=True)
        assert len(find("Known MS", multiple_sclerosis)) == 1
        assert find("Seen by Ms Jones, Ms", multiple_sclerosis) == []

    @pytest.mark.parametrize(
        ("written", "found_there"), [("Right CTD", True), ("right CTD", True), ("right ctd", False)]
    )
    def test_of_an_exact_phrase_with_small_words_the_capitals_count(
        self, written: str, found_there: bool
    ) -> None:
        assert bool(found(f"For {written}", term("G560", "right CTD", exact=True))) is found_there

    def test_an_exact_plural_is_found(self) -> None:
        assert found("Previous PEs", term("I269", "PE", exact=True)) == [("I269", "PEs")]

    def test_case_may_decide_between_two(self) -> None:
        terms = [term("C910", "ALL", exact=True), term("Z888", "All", exact=True)]
        assert found("ALL", *terms) == [("C910", "ALL")]
        assert found("All", *terms) == [("Z888", "All")]

    @pytest.mark.parametrize("written", ["PU'd", "pu'd", "PU’d"])
    def test_an_abbreviation_takes_no_apostrophe(self, written: str) -> None:
        assert find(written, term("K279", "PUD", kind="abbreviation")) == []

    def test_a_short_name_that_ends_in_s_keeps_it(self) -> None:
        assert find("moh call put out", term("S051", "Mohs")) == []


class TestConditions:
    @pytest.mark.parametrize(
        ("condition", "text", "sex", "age", "holds"),
        [
            (need("sex", "=", "female"), "x", "female", None, True),
            (need("sex", "=", "female"), "x", "male", None, False),
            (need("sex", "=", "female"), "x", None, None, True),
            (need("age", ">=", "16"), "x", None, 16, True),
            (need("age", ">=", "16"), "x", None, 15, False),
            (need("age", "<", "1"), "x", None, 0, True),
            (need("age", "<", "1"), "x", None, None, False),
            (need("section", "=", "past_history"), "PMH: x", None, None, True),
            (need("section", "=", "past_history"), "x", None, None, False),
            (need("section", "!=", "past_history"), "PMH: x", None, None, False),
            (need("near", "=", "leg", "arm"), "x of the arms", None, None, True),
            (need("near", "=", "leg"), "x. His leg", None, None, False),
            (need("near", "=", "upper back"), "x on the upper back", None, None, True),
            (need("not_near", "=", "leg"), "x of leg", None, None, False),
            (need("not_near", "=", "leg"), "x of arm", None, None, True),
            (need("told", "=", "leg"), "x. Wound. His leg", None, None, True),
            (need("told", "=", "upper back", "leg"), "Upper back wound. x. Nil else", None, None, True),
            (need("told", "=", "upper back"), "Back x in the upper", None, None, False),
            (need("not_told", "=", "leg"), "x. Wound. His leg", None, None, False),
            (need("not_told", "=", "leg"), "x. Wound. His arm", None, None, True),
        ],
    )
    def test_a_term_needs_its_conditions(
        self, condition: Need, text: str, sex: str | None, age: int | None, holds: bool
    ) -> None:
        text = text.replace("x", "pneumonia")
        assert bool(find(text, term("J189", "pneumonia", condition), sex=sex, age=age)) is holds

    @pytest.mark.parametrize(
        ("subject", "word", "text", "holds"),
        [
            ("near", PAST_YEAR, "Breast cancer, mastectomy in 2024", True),
            ("near", PAST_YEAR, "Breast cancer, mastectomy in 2025", False),
            ("near", PAST_YEAR, "Breast cancer. Mastectomy in 2015", False),
            ("near", LONG_PAST_YEAR, "Breast cancer, mastectomy in 2021", True),
            ("near", LONG_PAST_YEAR, "Breast cancer, mastectomy in 2022", False),
            ("not_near", PAST_YEAR, "Breast cancer 2015", False),
            ("close", PAST_YEAR, "Breast cancer (2015)", True),
            ("close", PAST_YEAR, "2015 Breast cancer", True),
            ("close", PAST_YEAR, "Breast cancer, seen in the unit that was opened in 2015", False),
        ],
    )
    def test_a_year_is_past_as_the_episode_stands(
        self, subject: str, word: str, text: str, holds: bool
    ) -> None:
        cancer = term("Z853", "breast cancer", need(subject, "=", word))
        reading, episode = read_text(text, HEADINGS), Episode("e", ())
        assert bool(MentionFinder([cancer]).find(reading, episode, 0, frozenset(), 2026)) is holds
        of_no_year = MentionFinder([cancer]).find(reading, episode, 0, frozenset())
        assert bool(of_no_year) is (subject == "not_near")

    def test_more_conditions_win(self) -> None:
        plain = term("C449", "BCC")
        on_face = term("C443", "BCC", need("near", "=", "cheek"))
        assert [code for code, _ in found("BCC on cheek", plain, on_face)] == ["C443"]
        assert [code for code, _ in found("BCC on back", plain, on_face)] == ["C449"]

    def test_of_many_meanings_the_words_around_choose(self) -> None:
        places = {"cheek": "C443", "scalp": "C444", "back": "C445", "arm": "C446", "leg": "C447"}
        everywhere = [term(code, "BCC", need("near", "=", place)) for place, code in places.items()]
        terms = (*everywhere, term("C449", "BCC"))
        text = "".join(f"BCC on {place}. " for place in places) + "BCC excised"
        assert [code for code, _ in found(text, *terms)] == [*places.values(), "C449"]


class TestCompiling:
    def test_a_term_survives_json(self) -> None:
        conditions = (need("near", "=", "leg", "arm"), need("age", ">=", "16"))
        written = CompiledTerm(Role.PROCEDURE, "C712", "phaco", "name", True, conditions, ("C751", "Z94?"))
        plain = CompiledTerm(Role.DIAGNOSIS, "I10X", "HTN", "abbreviation")
        terms = (written, plain, written)
        table = TermTable.from_json(json.loads(json.dumps(TermTable.of(terms).to_json())))
        assert tuple(table) == terms
        assert (len(table), table[1], table[-1], list(table[:2])) == (3, plain, written, [written, plain])

    @pytest.mark.parametrize(
        "changes",
        [
            {"roles": ["role"]},
            {"codes": [1]},
            {"kinds": "name"},
            {"phrases": ["HTN", "one too many"]},
            {"columns": [[0], [0], [0], [0], [1], [0]]},
            {"columns": [[0], [-1], [0], [0], [0], [0]]},
            {"columns": [[0]]},
            {"needs": [[["moon", "=", []]]]},
            {"terms_of_each_key": [0]},
            {"terms_of_keys": [1]},
            {"terms_of_keys": []},
            {"keys": []},
        ],
    )
    def test_anything_else_is_refused(self, changes: dict[str, object]) -> None:
        rows = TermTable.of([CompiledTerm(Role.DIAGNOSIS, "I10X", "HTN", "abbreviation")]).to_json()
        with pytest.raises((TypeError, ValueError)):
            TermTable.from_json(rows | changes)

    def test_a_table_of_one_role_has_the_terms_of_that_role(self) -> None:
        one = CompiledTerm(Role.PROCEDURE, "C712", "phaco", "name")
        other = CompiledTerm(Role.DIAGNOSIS, "I10X", "HTN", "abbreviation")
        table = TermTable.of([one, other])
        assert list(table.of_roles([Role.DIAGNOSIS])) == [other]
        assert table.of_roles(Role) is table

    def test_a_curated_phrase_keeps_its_title_out(self) -> None:
        table = _titles({"J459": "Asthma, unspecified", "J450": "Predominantly allergic asthma"})
        compiled = compile_terms({Role.DIAGNOSIS: ()}, {Role.DIAGNOSIS: table})
        assert [(one.code, one.phrase, one.kind) for one in compiled] == [
            ("J450", "predominantly allergic asthma", "title")
        ]


class TestTitles:
    @pytest.mark.parametrize(
        ("title", "phrase"),
        [
            ("Bronchiectasis, unspecified", "bronchiectasis"),
            ("Polyp of colon", "polyp of colon"),
            ("Essential (primary) hypertension", "essential hypertension"),
            ("Incisional hernia, uncomplicated", "incisional hernia"),
            ("Hernia, incisional", "incisional hernia"),
            ("Sarcoidosis, not elsewhere classified", "sarcoidosis"),
        ],
    )
    def test_a_plausible_phrase_comes_of_a_title(self, title: str, phrase: str) -> None:
        assert title_phrases(_titles({"A001": title})) == ((phrase, "A001"),)

    @pytest.mark.parametrize(
        "title",
        [
            "Other specified disorders of lung",
            "Pain, unspecified",
            "Fever",
            "Malaria and other things",
            "Arthritis in diseases classified elsewhere",
            "",
            "One two three four five six seven eight nine",
        ],
    )
    def test_others_give_none(self, title: str) -> None:
        assert title_phrases(_titles({"A001": title})) == ()

    def test_a_phrase_of_two_codes_leads_to_none(self) -> None:
        assert title_phrases(_titles({"A001": "Typhoid fever", "A002": "Typhoid fever, unspecified"})) == ()

    def test_external_causes_give_none(self) -> None:
        assert title_phrases(_titles({"W130": "Fall from building"})) == ()


def _titles(titles: dict[str, str]) -> Classification:
    entries = [Entry(code, title, EntryKind.SUBCATEGORY, None, "") for code, title in titles.items()]
    return Classification("icd10", entries, label="small", edition="small")


def test_forty_thousand_phrases_are_built_and_matched_quickly() -> None:
    """Limits are wide: the figures on a quiet machine are 1.0 s and 0.6 ms."""
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnoprstu", k=draw.randint(3, 10))) for _ in range(9000)]
    terms = [term("A000", " ".join(draw.choices(words, k=draw.randint(1, 4)))) for _ in range(40_000)]
    started = time.process_time()
    finder = MentionFinder(terms)
    assert time.process_time() - started < 6
    reading = read_text(" ".join(draw.choices(words, k=400)), HEADINGS)
    started = time.process_time()
    for _ in range(20):
        finder.find(reading, Episode("e", ()), 0, frozenset())
    assert (time.process_time() - started) / 20 < 0.02
