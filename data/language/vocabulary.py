"""The words in which notes are read: kinds of section, and what a text can say of a mention."""

from enum import StrEnum


class SectionKind(StrEnum):
    DIAGNOSES = "diagnoses"
    PRIMARY_DIAGNOSIS = "primary_diagnosis"
    SECONDARY_DIAGNOSES = "secondary_diagnoses"
    PROCEDURES = "procedures"
    INDICATION = "indication"
    FINDINGS = "findings"
    COMPLICATIONS = "complications"
    PRESENTING = "presenting"
    HISTORY_OF_PRESENTING = "history_of_presenting"
    CLINICAL_SUMMARY = "clinical_summary"
    PAST_HISTORY = "past_history"
    FAMILY_HISTORY = "family_history"
    SOCIAL_HISTORY = "social_history"
    MEDICATIONS = "medications"
    ALLERGIES = "allergies"
    INVESTIGATIONS = "investigations"
    EXAMINATION = "examination"
    PLAN = "plan"
    FOLLOW_UP = "follow_up"
    ADVICE = "advice"
    ADMIN = "admin"
    HISTOLOGY = "histology"
    OTHER = "other"


BACKGROUND_SECTIONS = frozenset(
    {
        SectionKind.PAST_HISTORY,
        SectionKind.SOCIAL_HISTORY,
        SectionKind.FAMILY_HISTORY,
        SectionKind.MEDICATIONS,
        SectionKind.ALLERGIES,
        SectionKind.PLAN,
        SectionKind.FOLLOW_UP,
    }
)
"""They tell what was before the stay, goes along with it, or comes after it."""


class Assertion(StrEnum):
    """What the text says of a mention. Present and probable are coded; the rest are not."""

    PRESENT = "present"
    PROBABLE = "probable"
    QUERIED = "queried"
    NEGATED = "negated"
    FAMILY = "family"
    HISTORY = "history"
    PLANNED = "planned"
    PAST_PROCEDURE = "past_procedure"
    HYPOTHETICAL = "hypothetical"
