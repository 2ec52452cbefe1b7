"""How NHS notes speak: assertion cues and section headings in the UK idiom, curated as TSV."""

from data.language.combinations import PATIENT_FACTS, Combination, read_combinations
from data.language.cues import Cue, CueDirection, CueEffect, CueScope, cue_of_row, read_cues
from data.language.endoscopy import Endoscopy, read_endoscopies
from data.language.headings import Heading, HeadingForm, read_headings
from data.language.leads import Lead, LeadDirection, LeadKind, read_leads
from data.language.operations import BESIDE, OperationScope, OperationsTogether, read_operations
from data.language.optional import OptionalCode, read_optional
from data.language.ordinary import read_ordinary_words
from data.language.places import PlaceOfOccurrence, read_places
from data.language.poisonings import Intent, IntentPhrase, Poisoning, read_intents, read_poisonings
from data.language.specialties import read_specialties
from data.language.statuses import Status, StatusWhen, read_statuses
from data.language.tumour_sites import TumourSite, read_tumour_sites
from data.language.vocabulary import BACKGROUND_SECTIONS, Assertion, SectionKind

__all__ = [
    "BACKGROUND_SECTIONS",
    "BESIDE",
    "PATIENT_FACTS",
    "Assertion",
    "Combination",
    "Cue",
    "CueDirection",
    "CueEffect",
    "CueScope",
    "Endoscopy",
    "Heading",
    "HeadingForm",
    "Intent",
    "IntentPhrase",
    "Lead",
    "LeadDirection",
    "LeadKind",
    "OperationScope",
    "OperationsTogether",
    "OptionalCode",
    "PlaceOfOccurrence",
    "Poisoning",
    "SectionKind",
    "Status",
    "StatusWhen",
    "TumourSite",
    "cue_of_row",
    "read_combinations",
    "read_cues",
    "read_endoscopies",
    "read_headings",
    "read_intents",
    "read_leads",
    "read_operations",
    "read_optional",
    "read_ordinary_words",
    "read_places",
    "read_poisonings",
    "read_specialties",
    "read_statuses",
    "read_tumour_sites",
]
