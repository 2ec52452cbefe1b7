"""Why an episode stays with a person. The gate opens only where none of these holds."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Reason(StrEnum):
    NO_GATE = "no_gate"
    NO_THRESHOLD = "no_threshold"
    BELOW_THRESHOLD = "below_threshold"
    STRATUM_NOT_OPEN = "stratum_not_open"
    VERSIONS_CHANGED = "versions_changed"
    UNKNOWN_STRATUM = "unknown_stratum"
    UNKNOWN_LANGUAGE = "unknown_language"
    NO_TEXT = "no_text"
    NO_PRIMARY = "no_primary"
    UNKNOWN_TABLES = "unknown_tables"
    ERROR_FINDING = "error_finding"
    QUERIED_SUPPORT = "queried_support"
    NO_EVIDENCE = "no_evidence"
    SPELL_TEXT = "spell_text"
    PRELIMINARY = "preliminary"
    HISTOLOGY_MISSING = "histology_missing"
    IDENTIFIERS_DISAGREE = "identifiers_disagree"
    DRIFT = "drift"
    TOUCHED = "touched"
    REFUSED = "refused"


OPENING = frozenset(
    {
        Reason.NO_GATE,
        Reason.NO_THRESHOLD,
        Reason.BELOW_THRESHOLD,
        Reason.STRATUM_NOT_OPEN,
        Reason.VERSIONS_CHANGED,
        Reason.DRIFT,
    }
)
"""Said of a model or of a stratum, and of what is open there; all others are said of the episode itself."""

WORDS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NO_GATE: "this model has no automation gate",
        Reason.NO_THRESHOLD: "no confidence is shown to keep the error of this stratum below its limit",
        Reason.BELOW_THRESHOLD: "the confidence is below the threshold of this stratum",
        Reason.STRATUM_NOT_OPEN: "automation is switched off for this stratum",
        Reason.VERSIONS_CHANGED: "model, tables, standards or local terms are not those of the bound",
        Reason.UNKNOWN_STRATUM: "it is not known how the patient was admitted",
        Reason.UNKNOWN_LANGUAGE: "the language is not one whose warning words are known",
        Reason.NO_TEXT: "there is no text",
        Reason.NO_PRIMARY: "no primary diagnosis is suggested",
        Reason.UNKNOWN_TABLES: "no edition of the tables is known for the end of the episode",
        Reason.ERROR_FINDING: "a coding standard finds an error",
        Reason.QUERIED_SUPPORT: "a code rests on queried words alone",
        Reason.NO_EVIDENCE: "a code has no evidence that stands in the text",
        Reason.SPELL_TEXT: "the text tells of more than one consultant episode",
        Reason.PRELIMINARY: "a document is preliminary",
        Reason.HISTOLOGY_MISSING: "tissue was taken or histology is awaited, without a histology document",
        Reason.IDENTIFIERS_DISAGREE: "the documents name different patients",
        Reason.DRIFT: "episodes of this stratum no longer look like those that the bound was shown on",
        Reason.TOUCHED: "a person has worked on the episode already",
        Reason.REFUSED: "the coding could not be written as it was suggested",
    }
)


def in_words(reasons: tuple[Reason, ...]) -> list[str]:
    return [WORDS[reason] for reason in reasons]
