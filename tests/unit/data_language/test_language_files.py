"""The curated cues, headings and statuses, and what their readers refuse."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data.classifications import load_classification
from data.episodes import Role
from data.errors import CuratedFileError
from data.language import (
    Assertion,
    CueDirection,
    CueEffect,
    CueScope,
    SectionKind,
    StatusWhen,
    read_cues,
    read_headings,
    read_intents,
    read_optional,
    read_ordinary_words,
    read_places,
    read_poisonings,
    read_statuses,
    read_tumour_sites,
)

CUES = "phrase\tassertion\tdirection\tscope\troles\tnote\n"
HEADINGS = "heading\tsection\tform\tnote\n"
STATUSES = "codes\tassertion\twhen\tstatus\tnote\n"
Read = Callable[[Path], object]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write_file(content: str) -> Path:
        path = tmp_path / "curated.tsv"
        path.write_text(content, encoding="utf-8")
        return path

    return write_file


class TestShippedFiles:
    def test_every_assertion_that_cues_can_make_has_some(self) -> None:
        assert {cue.effect for cue in read_cues()} == set(CueEffect)

    def test_every_direction_and_scope_is_used(self) -> None:
        cues = read_cues()
        assert {cue.scope for cue in cues} == set(CueScope)
        assert {cue.direction for cue in cues} == set(CueDirection)

    @pytest.mark.parametrize(
        ("phrase", "effect"),
        [
            ("no evidence of", CueEffect.NEGATED),
            ("?", CueEffect.QUERIED),
            ("r/o", CueEffect.QUERIED),
            ("treated as", CueEffect.PROBABLE),
            ("presumed", CueEffect.PROBABLE),
            ("working diagnosis", CueEffect.PROBABLE),
            ("mother had", CueEffect.FAMILY),
            ("awaiting", CueEffect.PLANNED),
            ("risk of", CueEffect.HYPOTHETICAL),
            ("but", CueEffect.STOP),
            ("no change in", CueEffect.NONE),
        ],
    )
    def test_the_words_of_the_handbook_are_there(self, phrase: str, effect: CueEffect) -> None:
        assert effect in {cue.effect for cue in read_cues() if cue.phrase == phrase}

    def test_every_kind_of_section_has_a_heading(self) -> None:
        assert {heading.section for heading in read_headings()} == set(SectionKind)

    @pytest.mark.parametrize(
        ("written", "section"),
        [
            ("Presenting complaints or issues", SectionKind.PRESENTING),
            ("Relevant past medical, surgical and mental health history", SectionKind.PAST_HISTORY),
            ("Plan and requested actions", SectionKind.PLAN),
            ("Information and advice given", SectionKind.ADVICE),
            ("Allergies and adverse reaction", SectionKind.ALLERGIES),
            ("Medications and medical devices", SectionKind.MEDICATIONS),
            ("Social context", SectionKind.SOCIAL_HISTORY),
            ("Clinical summary", SectionKind.CLINICAL_SUMMARY),
            ("PMHx", SectionKind.PAST_HISTORY),
        ],
    )
    def test_the_prsb_headings_are_there(self, written: str, section: SectionKind) -> None:
        assert section in {one.section for one in read_headings() if one.heading == written}

    def test_a_past_stroke_is_a_history_of_circulatory_disease(self) -> None:
        stroke = [one for one in read_statuses() if "I63" in one.categories()]
        assert {(one.assertion, one.status) for one in stroke} == {
            (Assertion.HISTORY, "Z867"),
            (Assertion.FAMILY, "Z823"),
        }

    def test_chronic_conditions_do_not_pass(self) -> None:
        passing = {
            category
            for one in read_statuses()
            if one.assertion is Assertion.HISTORY
            for category in one.categories()
        }
        assert passing.isdisjoint({"I10", "E11", "J44", "J45", "I48", "I50", "N18", "G20", "F32"})


class TestCues:
    def test_alternatives_are_multiplied_out(self, write: Callable[[str], Path]) -> None:
        path = write(CUES + "a|b no_longer\tnegated\tbefore\tlist\tdiagnosis\t\n")
        cues = read_cues(path)
        assert [cue.phrase for cue in cues] == ["a no longer", "b no longer"]
        assert cues[0].roles == {Role.DIAGNOSIS}

    def test_no_role_means_both(self, write: Callable[[str], Path]) -> None:
        assert read_cues(write(CUES + "no\tnegated\tbefore\tlist\t\t\n"))[0].roles == set(Role)

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            ("\tnegated\tbefore\tlist\t\t", "phrase"),
            ("a|\tnegated\tbefore\tlist\t\t", "phrase"),
            ("no\tmaybe\tbefore\tlist\t\t", "assertion"),
            ("no\tnegated\tabove\tlist\t\t", "direction"),
            ("no\tnegated\tbefore\tpage\t\t", "scope"),
            ("no\tnegated\tbefore\tlist\tmorphology\t", "roles"),
            ("no\tnegated\tbefore", "line"),
        ],
    )
    def test_a_wrong_field_is_named(self, write: Callable[[str], Path], line: str, field: str) -> None:
        with pytest.raises(CuratedFileError, match=rf"curated.tsv, line 2, {field}"):
            read_cues(write(CUES + line + "\n"))

    def test_a_cue_stands_once(self, write: Callable[[str], Path]) -> None:
        line = "no\tnegated\tbefore\tlist\t\t\n"
        with pytest.raises(CuratedFileError, match="line 3, phrase: 'no' stands already on line 2"):
            read_cues(write(CUES + line + line))


class TestHeadings:
    @pytest.mark.parametrize(
        ("line", "field"),
        [("\tplan\tline\t", "heading"), ("Plan\tplans\tline\t", "section"), ("Plan\tplan\tbold\t", "form")],
    )
    def test_a_wrong_field_is_named(self, write: Callable[[str], Path], line: str, field: str) -> None:
        with pytest.raises(CuratedFileError, match=rf"line 2, {field}"):
            read_headings(write(HEADINGS + line + "\n"))

    def test_a_heading_stands_once(self, write: Callable[[str], Path]) -> None:
        content = HEADINGS + "Plan\tplan\tline\t\nPLAN\tplan\tline\t\n"
        with pytest.raises(CuratedFileError, match="line 3, heading: stands already on line 2"):
            read_headings(write(content))


class TestStatuses:
    def test_a_range_names_its_categories(self, write: Callable[[str], Path]) -> None:
        status = read_statuses(write(STATUSES + "I60-I62\thistory\tlisted\tZ867\t\n"))[0]
        assert list(status.categories()) == ["I60", "I61", "I62"]
        assert status.when is StatusWhen.LISTED

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            ("I60\thistory\tlisted\tZ867\t", "codes"),
            ("I64-I60\thistory\tlisted\tZ867\t", "codes"),
            ("I60-I64\tnegated\tlisted\tZ867\t", "assertion"),
            ("I60-I64\thistory\tnever\tZ867\t", "when"),
            ("I60-I64\thistory\tlisted\tZ86.7\t", "status"),
        ],
    )
    def test_a_wrong_field_is_named(self, write: Callable[[str], Path], line: str, field: str) -> None:
        with pytest.raises(CuratedFileError, match=rf"line 2, {field}"):
            read_statuses(write(STATUSES + line + "\n"))


class TestOptional:
    def test_every_code_is_one_of_its_classification(self) -> None:
        tables = {Role.DIAGNOSIS: load_classification("icd10"), Role.PROCEDURE: load_classification("opcs4")}
        assert not [one.code for one in read_optional() if one.code not in tables[one.role]]

    @pytest.mark.parametrize(("line", "field"), [("diagnosis\tz5\t", "code"), ("cause\tZ501\t", "role")])
    def test_a_wrong_field_is_named(self, write: Callable[[str], Path], line: str, field: str) -> None:
        with pytest.raises(CuratedFileError, match=f"line 2, {field}"):
            read_optional(write(f"role\tcode\tnote\n{line}\n"))


TUMOURS = "general\tsites\tbecomes\tnote\n"


class TestTumourSites:
    def test_every_code_is_one_of_its_classification(self) -> None:
        codes = load_classification("icd10")
        sites = [entry.code for entry in load_classification("opcs4")]
        for one in read_tumour_sites():
            assert one.general in codes
            assert one.becomes in codes
            assert all(any(code.startswith(site) for code in sites) for site in one.sites)

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            ("C449|C439\tZ47\tC443\t\n", "becomes"),
            ("R104\tZ47\tC443\t\n", "general"),
            ("C449\tT47\tC443\t\n", "sites"),
            ("C449\tZ47\tC44\t\n", "becomes"),
        ],
    )
    def test_a_wrong_field_is_named(self, write: Callable[[str], Path], line: str, field: str) -> None:
        with pytest.raises(CuratedFileError, match=rf"line 2, {field}"):
            read_tumour_sites(write(TUMOURS + line))


class TestPlaces:
    def test_every_kind_of_place_but_the_unspecified_is_named(self) -> None:
        assert {one.character for one in read_places()} == set("012345678")

    @pytest.mark.parametrize(
        ("line", "field"), [("9\tship\t\n", "place"), ("8\t\t\n", "phrases"), ("8\tship||\t\n", "phrases")]
    )
    def test_a_wrong_field_is_named(self, write: Callable[[str], Path], line: str, field: str) -> None:
        with pytest.raises(CuratedFileError, match=rf"line 2, {field}"):
            read_places(write("place\tphrases\tnote\n" + line))

    def test_a_phrase_stands_once(self, write: Callable[[str], Path]) -> None:
        with pytest.raises(CuratedFileError, match=r"line 3, phrases: 'Ship' stands already on line 2"):
            read_places(write("place\tphrases\tnote\n8\tship\t\n0\tShip\t\n"))


class TestOrdinaryWords:
    def test_all_that_ship_are_read(self) -> None:
        assert {"adduction", "rollator"} <= set(read_ordinary_words())

    @pytest.mark.parametrize("line", ["Adduction\n", "re-do\n", "zoster\nadduction\n", "zoster\nzoster\n"])
    def test_a_wrong_word_is_named(self, write: Callable[[str], Path], line: str) -> None:
        with pytest.raises(CuratedFileError, match=r"line \d, word"):
            read_ordinary_words(write("word\n" + line))


class TestPoisonings:
    def test_every_substance_has_one_cause_of_either_intent(self) -> None:
        beginnings = [poison for one in read_poisonings() for poison in one.poisons]
        assert len(beginnings) == len(set(beginnings))
        assert {one.accidental[-1] for one in read_poisonings()} == set("0123456789")
        assert all(one.accidental[-1] == one.intentional[-1] for one in read_poisonings())

    @pytest.mark.parametrize(
        ("line", "field"),
        [("T27\tX40\tX60\t\n", "poisons"), ("T39\tX50\tX60\t\n", "accidental"), ("T39\tX40\t\t\n", "intent")],
    )
    def test_a_wrong_poisoning_is_named(self, write: Callable[[str], Path], line: str, field: str) -> None:
        with pytest.raises(CuratedFileError, match=f"line 2.*{field}"):
            read_poisonings(write("poisons\taccidental\tintentional\tnote\n" + line))

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            ("meant\ton purpose\t\n", "intent"),
            ("intentional\t\t\n", "phrases"),
            ("intentional\ton_purpose||\t\n", "phrases"),
            ("intentional\ton_purpose|On_purpose\t\n", "phrases"),
        ],
    )
    def test_a_wrong_intent_is_named(self, write: Callable[[str], Path], line: str, field: str) -> None:
        with pytest.raises(CuratedFileError, match=f"line 2.*{field}"):
            read_intents(write("intent\tphrases\tnote\n" + line))
