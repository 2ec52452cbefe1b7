"""The lexicon as it is learned: from evidence, without a fold, and from the codes of documents alone."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp, nan

import pytest

from data.classifications import Classification, Entry, EntryKind
from data.episodes import CodedEpisode, CodedLine, Document, DocumentKind, Episode, Evidence, Role
from models.knowledge import shipped_language
from models.lexicon import LEARNED_FEATURES, Lexicon, LexiconReader, Phrase, RoleLexicon
from models.lexicon.descriptions import described_codes
from models.lexicon.order import Order
from models.text import HeadingIndex, read_text
from training.config import LexiconConfig, TrainingConfig, read_config
from training.lexica import learn_lexica, wide_roles
from training.lexicon import learn_lexicon
from training.taught import taught_episodes

TITLES = {
    "K922": "Gastrointestinal hemorrhage, unspecified",
    "J42X": "Unspecified chronic bronchitis",
    "R109": "Unspecified abdominal pain",
    "R52X": "Pain, unspecified",
}
CONFIG = LexiconConfig(enabled=True, least_episodes=0, evidence=True, weak=False, reach="wide", folds=2)
NO_HEADINGS = HeadingIndex(())


def table() -> Classification:
    entries = [Entry(code, title, EntryKind.SUBCATEGORY, None, "") for code, title in TITLES.items()]
    return Classification("icd10cm", entries, label="ICD-10-CM", edition="small", open_ended=True)


def coded(name: str, text: str, **quotes: str) -> CodedEpisode:
    """An episode whose codes rest on these words; an empty quote is a code without evidence."""
    lines = tuple(CodedLine(code, _evidence(text, quote)) for code, quote in quotes.items())
    return CodedEpisode(Episode(name, (Document("1", DocumentKind.OTHER, text),)), lines, patient=name)


def _evidence(text: str, quote: str) -> tuple[Evidence, ...]:
    parts = quote.split(" … ") if quote else []
    starts = [text.index(part) for part in parts]
    return tuple(
        Evidence(0, start, start + len(part), part, 0) for start, part in zip(starts, parts, strict=True)
    )


CORPUS = (
    coded("a", "Dolor abdominal desde ayer. Niega fiebre.", R109="Dolor abdominal"),
    coded("b", "Refiere dolor en el cuello.", R52X="dolor"),
    coded("c", "Acude por dolor abdominal.", R109="dolor abdominal"),
    coded("d", "Dolor abdominal leve.", J42X=""),
    coded("e", "Dolor intenso de tipo abdominal.", R109="Dolor … abdominal"),
)


def learned(corpus: Sequence[CodedEpisode] = CORPUS, config: LexiconConfig = CONFIG) -> RoleLexicon:
    tables = {Role.DIAGNOSIS: table()}
    taught = taught_episodes(corpus, NO_HEADINGS)
    return learn_lexicon(taught, tables, config, wide_roles(tables, config)).roles[Role.DIAGNOSIS]


def phrase(lexicon: RoleLexicon, *words: str) -> Phrase:
    return next(one for one in lexicon.phrases if one.words == words)


def proposed(lexicon: RoleLexicon, text: str) -> dict[str, dict[str, float]]:
    reader = LexiconReader(Lexicon({Role.DIAGNOSIS: lexicon}), {Role.DIAGNOSIS: table()})
    found = reader.propose([read_text(text, NO_HEADINGS)]).get(Role.DIAGNOSIS, {})
    return {code: dict(zip(LEARNED_FEATURES, one.values, strict=True)) for code, one in found.items()}


def test_a_phrase_counts_the_documents_that_hold_it_and_those_that_were_given_the_code() -> None:
    both = phrase(learned(), "abdominal", "dolor")
    assert both.codes == ("R109",)
    assert (both.tight.held, both.tight.both) == (3, {"R109": 2})
    assert (both.loose.held, both.loose.both) == (1, {"R109": 1})


def test_a_phrase_inside_a_longer_one_does_not_count_as_standing_alone() -> None:
    pain = phrase(learned(), "dolor")
    assert pain.tight.held == 5
    assert pain.longest.held == 2
    assert pain.longest.share("R52X") > pain.tight.share("R52X")


@pytest.mark.parametrize("text", ["Dolor abdominal.", "abdominal, dolor", "DOLORES ABDOMINALES"])
def test_case_inflection_and_order_do_not_matter(text: str) -> None:
    assert proposed(learned(), text)["R109"]["tight_share"] > 0.5


def test_words_between_are_told_apart_from_words_side_by_side() -> None:
    found = proposed(learned(), "Dolor muy fuerte, abdominal")["R109"]
    assert found["tight_share"] == 0
    assert found["loose_share"] > 0
    assert found["loose_gap"] == 2


def test_a_code_that_was_never_given_is_found_by_its_description() -> None:
    found = proposed(learned(), "Dolor y hemorragia gastrointestinal.")
    assert found["K922"]["known"] == 0
    assert found["K922"]["meaning_rank"] == 0


def test_a_narrow_lexicon_knows_only_phrases_as_they_were() -> None:
    narrow = learned(config=CONFIG.model_copy(update={"reach": "phrases"}))
    assert set(proposed(narrow, "Dolor abdominal.")) == {"R109", "R52X"}
    assert set(proposed(narrow, "Dolor muy fuerte, abdominal. Hemorragia gastrointestinal.")) == {"R52X"}


def test_a_code_is_told_of_the_code_that_its_words_mean_more_surely() -> None:
    found = proposed(learned(), "Dolor abdominal.")
    pain, belly = found["R52X"], found["R109"]
    assert belly["rival_behind"] > 0 > pain["rival_behind"]
    assert pain["rivals_better"] >= 1
    assert pain["rival_of_chapter"] == pain["rival"] > pain["rival_of_category"]
    assert belly["rival_share"] > pain["rival_share"]


def test_codes_that_rest_on_other_words_are_no_rivals() -> None:
    apart = proposed(learned(), "Acude con mareo. Dolor en la mano, con hemorragia gastrointestinal.")
    assert apart["K922"]["rival_of_chapter"] == 0
    assert apart["R52X"]["rival_at_best_place"] < apart["R52X"]["tight_share"]


def test_each_phrase_that_speaks_for_a_code_is_a_vote() -> None:
    once, twice = (
        proposed(learned(), text)["R109"]["votes"]
        for text in ("Dolor abdominal.", "Dolor abdominal. Dolores abdominales.")
    )
    assert twice == pytest.approx(2 * once)


def test_a_narrow_lexicon_leaves_rivals_and_votes_alone() -> None:
    narrow = learned(config=CONFIG.model_copy(update={"reach": "phrases"}))
    found = proposed(narrow, "Dolor abdominal.")
    assert {one["votes"] + one["rivals"] + one["rival_share"] for one in found.values()} == {0.0}


ORDERED = Order(-1.0, {"title_coverage": 2.0, "tight_share": 1.0})


def test_a_title_is_found_wherever_its_words_stand_in_a_statement() -> None:
    text = "Hemorragia de mucho volumen, gastrointestinal."
    lexicon = learned()
    assert "K922" not in {code for code, one in proposed(lexicon, text).items() if one["title_count"]}
    found = proposed(replace(lexicon, order=ORDERED), text)["K922"]
    assert found["title_coverage"] > 0.55
    assert found["title_words"] == 2
    assert found["title_gap"] > 0


def test_a_title_that_is_half_said_is_not_proposed_for_it() -> None:
    found = proposed(replace(learned(), order=ORDERED), "Tracto gastrointestinal.")
    assert found["K922"]["title_count"] == 0


def test_the_order_says_how_strongly_codes_claim_the_same_words() -> None:
    text = "Dolor abdominal."
    plain, ordered = proposed(learned(), text), proposed(replace(learned(), order=ORDERED), text)
    likely = 1 / (1 + exp(1.0 - 2 * ordered["R109"]["title_coverage"] - ordered["R109"]["tight_share"]))
    assert ordered["R52X"]["rival"] == pytest.approx(likely)
    assert plain["R52X"]["rival"] != pytest.approx(likely)


def test_an_order_weighs_only_what_is_known_before_it() -> None:
    with pytest.raises(ValueError, match="rival"):
        Order(0.0, {"rival": 1.0})
    with pytest.raises(ValueError, match="finite"):
        Order(nan, {})


def test_a_lexicon_from_before_orders_reads_as_one_without() -> None:
    written = Lexicon({Role.DIAGNOSIS: learned()}).to_json()
    del written["roles"]["diagnosis"]["order"]
    assert Lexicon.from_json(written).roles[Role.DIAGNOSIS].order is None


def test_the_order_is_learned_from_what_unseeing_lexica_propose() -> None:
    twice = tuple(replace(one, patient=f"{one.patient}{n}") for n in range(10) for one in CORPUS)
    lexica = learn_lexica(
        twice, shipped_language(), {Role.DIAGNOSIS: table()}, wide_config(), lambda *_: None
    )
    order = lexica.whole.roles[Role.DIAGNOSIS].order
    assert order is not None
    assert order.weights["tight_share"] > 0
    assert all(one.roles[Role.DIAGNOSIS].order == order for one in lexica.of_folds)


def test_too_few_episodes_teach_no_order() -> None:
    lexica = learn_lexica(
        CORPUS, shipped_language(), {Role.DIAGNOSIS: table()}, wide_config(), lambda *_: None
    )
    assert lexica.whole.roles[Role.DIAGNOSIS].order is None


@pytest.mark.parametrize(("reach", "learns"), [("phrases", False), ("wide", True)])
def test_beside_curated_terms_a_few_episodes_teach_no_phrases(reach: str, learns: bool) -> None:
    lexicon = CONFIG.model_copy(update={"reach": reach, "least_episodes": len(CORPUS) + 1})
    config = read_config().model_copy(update={"lexicon": lexicon})
    lexica = learn_lexica(CORPUS, shipped_language(), {Role.DIAGNOSIS: table()}, config, lambda *_: None)
    assert bool(lexica.whole) is learns


def wide_config() -> TrainingConfig:
    return read_config().model_copy(update={"lexicon": CONFIG})


def test_a_category_that_has_codes_below_it_is_no_code() -> None:
    entries = [
        Entry(code, title, EntryKind.SUBCATEGORY, None, "")
        for code, title in {"J42": "Chronic bronchitis", "K92": "Hemorrhage", "K922": "Hemorrhage"}.items()
    ]
    small = Classification("icd10cm", entries, label="ICD-10-CM", edition="small", open_ended=True)
    assert {code for code, _ in described_codes(Role.DIAGNOSIS, small, ())} == {"J42X", "K922"}


def test_a_lexicon_reads_back_as_it_was_written() -> None:
    lexicon = Lexicon({Role.DIAGNOSIS: learned()})
    assert Lexicon.from_json(lexicon.to_json()) == lexicon


def test_what_an_episode_teaches_is_not_in_the_lexicon_of_its_fold() -> None:
    config = read_config().model_copy(update={"lexicon": CONFIG})
    lexica = learn_lexica(
        CORPUS, shipped_language(), {Role.DIAGNOSIS: table()}, config, lambda _step, _done, _of: None
    )
    neck = lexica.of_folds[lexica.fold_of[1]].roles[Role.DIAGNOSIS]
    assert all(one.words != ("dolor",) for one in neck.phrases)
    assert any(one.words == ("dolor",) for one in lexica.whole.roles[Role.DIAGNOSIS].phrases)


class TestWithoutEvidence:
    WEAK = CONFIG.model_copy(update={"weak": True})
    CORPUS = (
        coded("a", "Tos y bronquitis crónica. Camina bien.", J42X=""),
        coded("b", "Camina mal por bronquitis crónica.", J42X=""),
        coded("c", "Bronquitis crónica tratada.", J42X=""),
        coded("d", "Camina con dolor.", R52X=""),
        coded("e", "Camina y come.", R109=""),
    )

    def test_a_code_is_explained_by_the_phrase_that_stands_where_it_was_given(self) -> None:
        found = learned(self.CORPUS, self.WEAK)
        assert phrase(found, "bronquiti", "cronic").tight.both == {"J42X": 3}

    def test_a_phrase_that_stands_everywhere_explains_nothing(self) -> None:
        assert all("camin" not in one.words for one in learned(self.CORPUS, self.WEAK).phrases)

    def test_without_weak_labels_codes_without_evidence_teach_no_phrase(self) -> None:
        assert learned(self.CORPUS).phrases == ()

    def test_evidence_can_be_left_aside_to_measure_what_it_is_worth(self) -> None:
        blind = self.WEAK.model_copy(update={"evidence": False, "weak": False})
        assert learned(CORPUS, blind).phrases == ()

    def test_a_passage_as_evidence_says_where_the_phrase_is(self) -> None:
        passage = (
            "Ingresa tras varios días con mucha tos y bronquitis crónica sin fiebre alguna según refiere"
        )
        corpus = (
            coded("p", f"{passage}. Bronquitis.", J42X=passage),
            *self.CORPUS[1:],
        )
        assert phrase(learned(corpus, self.WEAK), "bronquiti", "cronic").codes == ("J42X",)


def test_a_label_set_describes_codes_by_their_parts() -> None:
    from models.lexicon.descriptions import parts_of_codes

    made = dict(parts_of_codes(["BW24", "BW25", "BW3F"]))
    assert "BW34" in made
    assert made["BW24"] & made["BW34"] == {"s:B", "y:BW", "p:BW..4"}
