"""Which section of a record a code means: PRSB headings as UK Core writes them, and their SNOMED CT codes.

A section whose title says nothing is given the heading of its code, so that it is read as what it is.
UK Core names headings by words (`relevant-past-medical-…`); a code in words that is not known here becomes
words.
"""

from collections.abc import Iterable

_SNOMED = {
    "886781000000108": "Admission details",
    "886921000000105": "Allergies and adverse reactions",
    "887141000000103": "Assessment scales",
    "887181000000106": "Clinical summary",
    "887161000000102": "Diagnoses",
    "886811000000106": "Discharge details",
    "887261000000109": "Distribution list",
    "886711000000101": "GP practice",
    "1078911000000106": "Individual requirements",
    "1052951000000105": "Information and advice given",
    "1082101000000102": "Investigation results",
    "933361000000108": "Medications and medical devices",
    "1052941000000107": "Patient and carer concerns, expectations and wishes",
    "886731000000109": "Patient demographics",
    "887231000000104": "Person completing record",
    "887201000000105": "Plan and requested actions",
    "887171000000109": "Procedures",
    "1052891000000108": "Referrer details",
    "887051000000101": "Social context",
}
"""As published samples of Transfer of Care carry them."""
_LOINC = {
    "11535-2": "Discharge diagnosis",
    "29548-5": "Diagnoses",
    "11450-4": "Problem list",
    "10154-3": "Presenting complaint",
    "10164-2": "History of presenting complaint",
    "11348-0": "Past medical history",
    "10157-6": "Family history",
    "29762-2": "Social history",
    "8648-8": "Hospital course",
    "47519-4": "Procedures",
    "10160-0": "Medications",
    "10183-2": "Medications on discharge",
    "48765-2": "Allergies",
    "30954-2": "Investigation results",
    "18776-5": "Plan",
}
_PRSB = {
    "diagnoses": "Diagnoses",
    "procedures": "Procedures",
    "relevant-past-medical-surgical-and-mental-health-history": (
        "Relevant past medical, surgical and mental health history"
    ),
    "general-practitioner-practice": "GP practice",
}


def heading_of(codes: Iterable[tuple[str, str, str]]) -> str:
    """The heading that codings (system, code, display) mean; a display of theirs, or nothing."""
    displayed = ""
    for system, code, display in codes:
        known = _SNOMED.get(code) or _LOINC.get(code) or _PRSB.get(code)
        if known:
            return known
        if "heading" in system.lower():
            return display or code.replace("-", " ").capitalize()
        displayed = displayed or display
    return displayed
