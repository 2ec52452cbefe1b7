"""A model small enough to read: a few codes and terms, with the language and the ranker that ship."""

from datetime import UTC, date, datetime
from functools import cache

from data.classifications import Classification, Entry, EntryKind
from data.episodes import Document, DocumentKind, Episode, Role
from data.terms import Need, NeedSubject
from models.bundle import BundleParts
from models.coder import LexiconCoder
from models.judged import EpisodeReader, Language
from models.knowledge import shipped_language
from models.mentions import CompiledTerm
from models.prediction import ModelVersion, Prediction
from models.ranking import day_one_ranker

_DIAGNOSES = {
    "I269": ("Pulmonary embolism without mention of acute cor pulmonale", ["PE", "pulmonary embolism"]),
    "J189": ("Pneumonia, unspecified", ["pneumonia"]),
    "J449": ("Chronic obstructive pulmonary disease, unspecified", ["COPD"]),
    "J441": ("COPD with acute exacerbation, unspecified", ["exacerbation of COPD"]),
    "J459": ("Asthma, unspecified", ["asthma"]),
    "I10X": ("Essential (primary) hypertension", ["hypertension", "HTN"]),
    "I489": ("Atrial fibrillation and atrial flutter, unspecified", ["AF", "atrial fibrillation"]),
    "I219": ("Acute myocardial infarction, unspecified", ["MI", "heart attack"]),
    "I252": ("Old myocardial infarction", ["old MI"]),
    "I639": ("Cerebral infarction, unspecified", ["stroke"]),
    "I500": ("Congestive heart failure", ["heart failure"]),
    "E119": ("Type 2 diabetes mellitus without complications", ["T2DM", "type 2 diabetes"]),
    "E149": ("Unspecified diabetes mellitus without complications", ["diabetes", "diabetic"]),
    "N179": ("Acute renal failure, unspecified", ["AKI"]),
    "N390": ("Urinary tract infection, site not specified", ["UTI"]),
    "A419": ("Sepsis, unspecified", ["sepsis"]),
    "C509": ("Malignant neoplasm: Breast, unspecified", ["breast cancer"]),
    "C189": ("Malignant neoplasm: Colon, unspecified", ["bowel cancer"]),
    "F019": ("Vascular dementia, unspecified", ["vascular dementia"]),
    "F03X": ("Unspecified dementia", ["dementia"]),
    "K358": ("Acute appendicitis, other and unspecified", ["appendicitis"]),
    "K219": ("Gastro-oesophageal reflux disease without oesophagitis", ["reflux"]),
    "L031": ("Cellulitis of other parts of limb", ["cellulitis of leg"]),
    "S720": ("Fracture of neck of femur", ["#NOF", "fracture of neck of femur"]),
    "R074": ("Chest pain, unspecified", ["chest pain"]),
    "R060": ("Dyspnoea", ["breathlessness"]),
    "R18X": ("Ascites", ["ascites"]),
    "R568": ("Other and unspecified convulsions", ["seizure"]),
    "R55X": ("Syncope and collapse", ["faint", "collapse"]),
    "F171": ("Harmful use of tobacco", ["smoker", "smokes"]),
    "Y95X": ("Nosocomial condition", ["hospital acquired"]),
    "Z864": ("Personal history of psychoactive substance abuse", ["ex-smoker"]),
    "Z867": ("Personal history of diseases of the circulatory system", []),
    "Z853": ("Personal history of malignant neoplasm of breast", []),
    "Z803": ("Family history of malignant neoplasm of breast", ["family history of breast cancer"]),
    "Z824": ("Family history of ischaemic heart disease", []),
    "Z950": ("Presence of cardiac pacemaker", []),
    "Z951": ("Presence of aortocoronary bypass graft", []),
    "B962": ("Escherichia coli as the cause of diseases classified elsewhere", ["E. coli"]),
    "W010": ("Fall on same level from slipping: home", ["slipped"]),
}
_PROCEDURES: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "G459": (["OGD"], ()),
    "G451": (["OGD with biopsy"], ()),
    "H229": (["colonoscopy"], ()),
    "H201": (["snare polypectomy"], ()),
    "C751": (["lens implantation"], ("Z94?",)),
    "C712": (["phacoemulsification"], ("Z94?",)),
    "W381": (["hip replacement"], ("Z94?",)),
    "K401": (["CABG"], ()),
    "J183": (["cholecystectomy"], ()),
    "U051": (["CT head"], ("Y981",)),
    "S065": (["excision of lesion"], ()),
    "X332": (["transfusion"], ()),
    "M479": (["urinary catheter"], ()),
    "R182": (["LSCS", "caesarean"], ()),
    "R219": (["forceps delivery", "forceps"], ()),
    "R249": (["SVD"], ()),
    "K601": (["pacemaker implantation"], ()),
    "Z473": (["cheek"], ()),
    "Z286": (["sigmoid colon"], ()),
    "Z284": (["transverse colon"], ()),
    "Y981": ([], ()),
    "Z941": ([], ()),
    "Z942": ([], ()),
    "Z943": ([], ()),
}
_WORDS_THAT_ARE_ABBREVIATIONS = {"PE", "MI", "AF", "AKI", "UTI", "OGD", "CABG"}
_BLOCKS = {"I2": "I20-I25", "F0": "F00-F09", "E1": "E10-E14", "J4": "J40-J47"}


@cache
def classifications() -> dict[Role, Classification]:
    diagnoses = [
        Entry(code, title, EntryKind.SUBCATEGORY, None, "", _BLOCKS.get(code[:2], code[:3]), usage=50_000)
        for code, (title, _) in _DIAGNOSES.items()
    ]
    withdrawn = Entry(
        "U049", "SARS", EntryKind.SUBCATEGORY, None, "", "U04", usage=1, valid_to=date(2020, 3, 31)
    )
    procedures = [
        Entry(code, "", EntryKind.SUBCATEGORY, None, code[0], None, usage=50_000) for code in _PROCEDURES
    ]
    return {
        Role.DIAGNOSIS: Classification(
            "icd10", [*diagnoses, withdrawn], label="ICD-10 5th Edition", edition="small"
        ),
        Role.PROCEDURE: Classification(
            "opcs4", procedures, label="OPCS-4", edition="small", secondary_only=("Y", "Z")
        ),
    }


@cache
def terms() -> tuple[CompiledTerm, ...]:
    diagnoses = [
        _term(Role.DIAGNOSIS, code, phrase) for code, (_, found) in _DIAGNOSES.items() for phrase in found
    ]
    procedures = [
        _term(Role.PROCEDURE, code, phrase, companions)
        for code, (found, companions) in _PROCEDURES.items()
        for phrase in found
    ]
    return (*diagnoses, *procedures, CompiledTerm(Role.DIAGNOSIS, "U049", "SARS", "name"))


def _term(role: Role, code: str, phrase: str, companions: tuple[str, ...] = ()) -> CompiledTerm:
    exact = phrase in _WORDS_THAT_ARE_ABBREVIATIONS
    return CompiledTerm(
        role, code, phrase, "abbreviation" if phrase.isupper() else "name", exact, (), companions
    )


def need(subject: str, operator: str, *values: str) -> Need:
    return Need(NeedSubject(subject), operator, values)


@cache
def language() -> Language:
    return shipped_language()


@cache
def reader() -> EpisodeReader:
    return EpisodeReader(terms(), language())


@cache
def coder() -> LexiconCoder:
    return LexiconCoder(
        ModelVersion("small", "1", "digest"), terms(), language(), day_one_ranker(), classifications()
    )


def parts() -> BundleParts:
    return BundleParts(
        terms(), language(), day_one_ranker(), datetime(2026, 3, 1, tzinfo=UTC), training={"corpus": "none"}
    )


def episode(*texts: str, kind: DocumentKind = DocumentKind.DISCHARGE_SUMMARY, **facts: object) -> Episode:
    documents = tuple(Document(str(number), kind, text) for number, text in enumerate(texts))
    end = facts.pop("end", date(2026, 3, 1))
    return Episode("e1", documents, end=end, **facts)  # type: ignore[arg-type]


def suggest(*texts: str, **facts: object) -> Prediction:
    return coder().suggest(episode(*texts, **facts))  # type: ignore[arg-type]


def asserted(text: str) -> list[tuple[str, str]]:
    """Each mention of a text, as written, with what the text says of it."""
    read = reader().read(episode(text))
    found = [judged for of_role in read.judged.values() for judged in of_role]
    ordered = sorted(found, key=lambda judged: judged.mention.start)
    return [
        (text[judged.mention.start : judged.mention.end], judged.judgement.assertion.value)
        for judged in ordered
    ]
