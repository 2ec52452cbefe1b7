"""Reading a note: folding with a way back, words, lines, statements, sections."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.language import SectionKind, read_headings
from data.terms import TermKind, read_terms
from models.mentions import phrase_key
from models.text import HeadingIndex, Reading, normal_words, read_text
from models.text.folding import fold_text
from models.text.lines import read_lines

HEADINGS = HeadingIndex(read_headings())
WEIRD = st.text(
    alphabet=st.sampled_from(
        "aé\u0301\u00e9ﬁﬃß\u200b\ufeff\u00a0’“–— \t\r\n.,;:?-#()[]0179PMHxDx😀\U0001f468\u200d\u20dd"
        "\u2028\x85İıŉ½"
    ),
    max_size=80,
)


def read(text: str) -> Reading:
    return read_text(text, HEADINGS)


def statements(text: str) -> list[str]:
    reading = read(text)
    spans = (reading.statement_words(number) for number in range(len(reading.statements)))
    return [reading.written(first, end - 1) for first, end in spans]


def sections(text: str) -> list[tuple[str, SectionKind]]:
    """Each word with the kind of its section."""
    reading = read(text)
    return [
        (reading.written(number, number), reading.sections.kind_at(start))
        for number, start in enumerate(reading.starts)
    ]


def kind_of(word: str, text: str) -> SectionKind:
    return dict(sections(text))[word]


class TestFolding:
    @pytest.mark.parametrize(
        ("text", "word", "written"),
        [
            ("Sjo\u0308gren’s syndrome", "sjogren", "Sjo\u0308gren’s"),
            ("Ménière’s disease", "meniere", "Ménière’s"),
            ("\ufeffpneu\u200bmonia", "pneumonia", "pneu\u200bmonia"),
            ("\U0001f600 re\ufb02ux", "reflux", "re\ufb02ux"),
            ("T2DM\u00a0known", "known", "known"),
            ("x\r\nPNEUMONIA", "pneumonia", "PNEUMONIA"),
            ("cafe\u0301", "cafe", "cafe\u0301"),
        ],
    )
    def test_a_word_is_found_and_leads_back_to_what_was_sent(
        self, text: str, word: str, written: str
    ) -> None:
        reading = read(text)
        number = next(n for n, found in enumerate(reading.words) if found == normal_words(word)[0])
        assert reading.written(number, number) == written

    @settings(deadline=None)
    @given(st.one_of(st.text(), WEIRD))
    def test_every_word_lies_where_it_says(self, text: str) -> None:
        reading = read(text)
        spans = [reading.span(number, number) for number in range(len(reading.words))]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(one <= other for (one, _), (other, _) in pairwise(spans))

    @settings(deadline=None)
    @given(st.text(st.characters(codec="ascii")))
    def test_ascii_folds_in_place(self, text: str) -> None:
        assert len(fold_text(text).folded) == len(text)


class TestWords:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("pressure ulcers", "pressure ulcer"),
            ("T2DM", "t 2 dm"),
            ("Parkinson's disease", "parkinsons disease"),
            ("non-smoker", "non smoker"),
            ("anaemia", "anemia"),
            ("oesophageal tumour", "esophageal tumor"),
            ("biopsies", "biopsy"),
            ("metastases", "metastasis"),
            ("D&C", "D and C"),
            ("CKD3b", "CKD 3b"),
            ("COVID +ve", "covid positive"),
            ("celulitis", "cellulitis"),
            ("haemorrage", "haemorrhage"),
            ("vommitting", "vomiting"),
            ("Hartmans", "Hartmann's"),
        ],
    )
    def test_variants_meet(self, one: str, other: str) -> None:
        assert normal_words(one.lower()) == normal_words(other.lower())

    @pytest.mark.parametrize(
        ("one", "other"),
        [("pancreatitis", "pancreatiti"), ("PE", "PEs"), ("pus", "pu"), ("#NOF", "NOF"), ("ball", "bal")],
    )
    def test_different_words_stay_apart(self, one: str, other: str) -> None:
        assert normal_words(one.lower()) != normal_words(other.lower())

    @pytest.mark.parametrize("classification", ["icd10", "opcs4"])
    def test_no_curated_misspelling_says_what_is_one_word_anyway(self, classification: str) -> None:
        """Its line would stand beside that of the right spelling, without the conditions of that one."""
        terms = read_terms(classification)
        right = {(one.code, phrase_key(one.phrase)) for one in terms if one.kind is not TermKind.SPELLING}
        misspelt = [one for one in terms if one.kind is TermKind.SPELLING]
        assert [one.phrase for one in misspelt if (one.code, phrase_key(one.phrase)) in right] == []


class TestStatements:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Seen by Dr. Smith today", ["Seen by Dr. Smith today"]),
            ("Mum had MS. Smokes", ["Mum had MS", "Smokes"]),
            ("Remains in SR. Home", ["Remains in SR", "Home"]),
            ("Seen by Ms. Lee", ["Seen by Ms. Lee"]),
            ("SEEN BY MR. LEE", ["SEEN BY MR. LEE"]),
            ("Amoxicillin b.d. for 5 days", ["Amoxicillin b.d. for 5 days"]),
            ("Grew E. coli in urine", ["Grew E. coli in urine"]),
            ("Hb 9.8 today", ["Hb 9.8 today"]),
            ("AF; HTN", ["AF", "HTN"]),
            ("- AF\n- HTN", ["AF", "HTN"]),
            ("PE. no DVT", ["PE", "no DVT"]),
            ("Did she faint? No.", ["Did she faint? No"]),
            ("Is it AF? Yes. Rate 80", ["Is it AF? Yes", "Rate 80"]),
            ("Pain ?cause", ["Pain ?cause"]),
            ("AF • HTN", ["AF", "HTN"]),
        ],
    )
    def test_where_statements_end(self, text: str, expected: list[str]) -> None:
        assert statements(text) == expected

    def test_a_wrapped_line_goes_on(self) -> None:
        text = (
            "This gentleman was admitted with a history of chronic obstructive\n"
            "pulmonary disease and was treated with nebulisers and steroids for\n"
            "a week before he went home to his wife and to their two large dogs\n"
            "in good spirits.\n"
        )
        assert len(statements(text)) == 1

    def test_lines_that_end_early_are_statements(self) -> None:
        assert (
            len(statements("AF\nHTN\nA much longer line of some sixty or seventy characters, as they occur."))
            == 3
        )

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85"])
    def test_every_kind_of_line_end_counts(self, end: str) -> None:
        assert statements(f"AF{end}HTN") == ["AF", "HTN"]

    def test_lines_cover_the_text(self) -> None:
        text = "a\r\n\r\nb\nc"
        assert [text[line.start : line.end] for line in read_lines(text)] == ["a", "", "b", "c"]


class TestSections:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("Diagnoses\nTARGET", SectionKind.DIAGNOSES),
            ("DIAGNOSIS:\n1. TARGET", SectionKind.DIAGNOSES),
            ("1. Diagnosis\n   TARGET", SectionKind.DIAGNOSES),
            ("**Plan**\nTARGET", SectionKind.PLAN),
            ("=== PLAN ===\nTARGET", SectionKind.PLAN),
            ("Dx  1. TARGET", SectionKind.DIAGNOSES),
            ("PMH: TARGET", SectionKind.PAST_HISTORY),
            ("PMH TARGET", SectionKind.PAST_HISTORY),
            ("PMHx - TARGET", SectionKind.PAST_HISTORY),
            ("P.M.H. TARGET", SectionKind.PAST_HISTORY),
            ("Relevant past medical, surgical and mental health history\nTARGET", SectionKind.PAST_HISTORY),
            ("MEDICAL HISTORY (nursing record)\nTARGET", SectionKind.PAST_HISTORY),
            ("COMORBIDITY  TARGET", SectionKind.PAST_HISTORY),
            ("FHx: TARGET", SectionKind.FAMILY_HISTORY),
            ("SHx - lives w wife, TARGET", SectionKind.SOCIAL_HISTORY),
            ("DHx - TARGET", SectionKind.MEDICATIONS),
            ("tto TARGET", SectionKind.MEDICATIONS),
            ("Allergies: TARGET", SectionKind.ALLERGIES),
            ("Op (Mr Smith / ST7): TARGET", SectionKind.PROCEDURES),
            (
                "Operation (general anaesthetic, throat pack in and out, with local as well)\nTARGET",
                SectionKind.PROCEDURES,
            ),
            ("COMPLICATIONS None TARGET", SectionKind.COMPLICATIONS),
            ("Chest clear. PMH: TARGET", SectionKind.PAST_HISTORY),
            ("Chest clear. PMH TARGET", SectionKind.PAST_HISTORY),
            ("Presenting complaint: TARGET", SectionKind.PRESENTING),
            ("Plan and requested actions\nTARGET", SectionKind.PLAN),
            ("TARGET", SectionKind.OTHER),
            ("Discharge summary for Mr X\nTARGET", SectionKind.OTHER),
            ("Plan was made for TARGET", SectionKind.OTHER),
            ("Ex smoker, TARGET", SectionKind.OTHER),
        ],
    )
    def test_headings_open_their_section(self, text: str, kind: SectionKind) -> None:
        assert kind_of("TARGET", text) is kind

    def test_a_heading_on_its_line_lasts_until_the_next(self) -> None:
        assert kind_of("TARGET", "PMH:\n- AF\n\n- TARGET\n\nPLAN\nhome") is SectionKind.PAST_HISTORY

    def test_a_heading_with_text_after_it_lasts_until_a_blank_line(self) -> None:
        assert kind_of("TARGET", "PMH: AF\nHTN\n\nShe then had TARGET") is SectionKind.OTHER

    def test_the_enclosing_section_goes_on(self) -> None:
        assert (
            kind_of("Target", "COURSE\nBetter.\nPMH: AF\n\nTarget reached.") is SectionKind.CLINICAL_SUMMARY
        )

    def test_an_entry_of_a_log_ends_a_section_of_a_line(self) -> None:
        assert kind_of("TARGET", "PMH: AF\nHTN\n14/4 1115  TARGET") is SectionKind.OTHER
        assert kind_of("TARGET", "PMH: AF\nHTN\n14/4/26 03:20h TARGET") is SectionKind.OTHER
        assert kind_of("TARGET", "PMH: AF\nHTN 14/4 TARGET") is SectionKind.PAST_HISTORY

    def test_an_unknown_heading_ends_a_section(self) -> None:
        text = "FAMILY HISTORY\nMother AF\n\nHOW IT ALL BEGAN\nTARGET"
        assert kind_of("TARGET", text) is SectionKind.OTHER

    def test_a_diagnosis_alone_on_its_line_is_no_heading(self) -> None:
        assert kind_of("TARGET", "PMH\n\nType two diabetes\nTARGET\n") is SectionKind.PAST_HISTORY

    def test_allergies_in_a_line_last_for_one_statement(self) -> None:
        assert kind_of("TARGET", "Lives alone. Allergies: none. TARGET") is SectionKind.OTHER

    @pytest.mark.parametrize(
        "date", ["12/03/2026", "12.3.26", "(12/03/2026)", "on 12 March 2026", "3rd Mar 2026"]
    )
    def test_a_date_may_stand_behind_a_heading_in_a_line(self, date: str) -> None:
        assert kind_of("TARGET", f"PMH: AF. Operation {date}: TARGET") is SectionKind.PROCEDURES

    def test_a_heading_knows_its_own_words(self) -> None:
        reading = read("Allergies: penicillin")
        assert reading.sections.is_heading(reading.starts[0], reading.ends[0])
        assert not reading.sections.is_heading(reading.starts[1], reading.ends[1])


class TestSize:
    @pytest.mark.parametrize(
        "piece",
        [
            "no PE, AF or MI. ",
            "a",
            " ",
            "\n",
            ". ",
            "?",
            "PMH: ",
            ":",
            "é\u0301",
            "(",
            "- ",
            "[ ] ",
            "1.",
            "' ",
            "\u200b",
        ],
    )
    def test_time_grows_with_the_text_and_no_faster(self, piece: str) -> None:
        long = _seconds(piece * (200_000 // len(piece)))
        short = _seconds(piece * (20_000 // len(piece)))
        assert long < 60 * short + 0.5

    def test_an_empty_text_has_no_words(self) -> None:
        assert read("").words == []
        assert read(" \n ").words == []


def _seconds(text: str) -> float:
    start = time.process_time()
    reading = read(text)
    _ = reading.full, reading.lean
    return time.process_time() - start
