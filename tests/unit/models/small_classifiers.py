"""Document classifiers small enough to fit in a blink, on notes of a few words."""

from collections.abc import Mapping, Sequence

from data.classifications import Classification, Entry, EntryKind
from data.episodes import CodedEpisode, CodedLine, Document, DocumentKind, Episode, Evidence, Role
from models.classifiers import AttentionClassifier, LinearClassifier, RawScores, RoleScale, ScoredCode
from models.kinds import ModelKind
from training.classifiers.attention import fit_attention
from training.classifiers.config import AttentionConfig
from training.classifiers.linear import fit_linear
from training.config import TrainingConfig, read_config

DIAGNOSES = {"J189": "Pneumonia", "I10X": "Hypertension", "K358": "Acute appendicitis", "L031": "Cellulitis"}
PROCEDURES = {"H011": "Appendicectomy", "G459": "Gastroscopy"}
_WORDS = {
    "J189": "Pneumonia of the right base, productive cough.",
    "I10X": "Known hypertension.",
    "K358": "Acute appendicitis with fever.",
    "L031": "Cellulitis of the left leg.",
    "H011": "Laparoscopic appendicectomy.",
    "G459": "Gastroscopy was normal.",
}
_COMBINATIONS = (
    ("J189", "I10X"),
    ("K358", "H011"),
    ("L031",),
    ("G459", "I10X"),
    ("J189",),
    ("K358", "I10X", "H011"),
)


def tables() -> Mapping[Role, Classification]:
    return {Role.DIAGNOSIS: _table("diagnoses", DIAGNOSES), Role.PROCEDURE: _table("procedures", PROCEDURES)}


def _table(name: str, titles: Mapping[str, str]) -> Classification:
    entries = [Entry(code, title, EntryKind.SUBCATEGORY, None, "") for code, title in titles.items()]
    return Classification(name, entries, label=name, edition="small")


def notes(count: int = 24) -> list[CodedEpisode]:
    """Each names its codes in words; every second has them in two documents."""
    return [_note(number, _COMBINATIONS[number % len(_COMBINATIONS)]) for number in range(count)]


def _note(number: int, codes: Sequence[str]) -> CodedEpisode:
    texts = [f"Discharged in bay {number}. {_WORDS[codes[0]]}", " ".join(_WORDS[code] for code in codes[1:])]
    kept = texts if number % 2 and texts[1] else [" ".join(texts)]
    documents = tuple(Document(str(place), DocumentKind.OTHER, text) for place, text in enumerate(kept))
    return CodedEpisode(
        Episode(f"e{number}", documents),
        tuple(CodedLine(code) for code in codes if code in DIAGNOSES),
        tuple(CodedLine(code) for code in codes if code in PROCEDURES),
        patient=f"p{number}",
    )


def config(kind: ModelKind, **changes: object) -> TrainingConfig:
    """Two folds; a network of a few numbers, trained for a few epochs."""
    default = read_config()
    small = default.attention.model_copy(
        update={
            "width": 12,
            "kernel": 3,
            "epochs": 3,
            "batch": 6,
            "half": False,
            "learning_rate": 0.02,
            **changes,
        }
    )
    linear = default.linear.model_copy(update={"word_longest": 2, "char_shortest": 3, "char_longest": 4})
    return default.model_copy(
        update={"kind": kind, "folds": 2, "bootstrap_draws": 20, "attention": small, "linear": linear}
    )


def ignore(step: str, done: int, total: int | None) -> None:
    pass


def linear_classifier() -> LinearClassifier:
    return fit_linear(notes(), config(ModelKind.LINEAR).linear, seed=1)


def attention_classifier(seed: int = 1, **changes: object) -> AttentionClassifier:
    settings: AttentionConfig = config(ModelKind.ATTENTION, **changes).attention
    return fit_attention(notes(), tables(), settings, seed, ignore)


class FixedClassifier:
    """Answers the same codes for every text, with its first word as evidence."""

    kind = ModelKind.LINEAR

    def __init__(self, found: Mapping[Role, Mapping[str, float]], *, evidence: bool = True) -> None:
        self._found, self._evidence = found, evidence
        self.codes = {role: tuple(of_role) for role, of_role in found.items()}
        self.scales = {role: RoleScale() for role in found}

    def raw(self, episode: Episode) -> RawScores:
        raise AssertionError("it has no scores but those that it was given")

    def with_scales(self, scales: Mapping[Role, RoleScale]) -> "FixedClassifier":
        return self

    def scores(self, episode: Episode) -> Mapping[Role, Sequence[ScoredCode]]:
        word = episode.documents[0].text.split()[0]
        words = (Evidence(0, 0, len(word), word),) if self._evidence else ()
        return {
            role: [ScoredCode(code, probability, lambda: words) for code, probability in of_role.items()]
            for role, of_role in self._found.items()
        }
