"""Which kind of document a title or a code speaks of."""

from data.episodes import DocumentKind

_WORDS = {
    "discharge": DocumentKind.DISCHARGE_SUMMARY,
    "operation": DocumentKind.OPERATION_NOTE,
    "operative": DocumentKind.OPERATION_NOTE,
    "theatre": DocumentKind.OPERATION_NOTE,
    "histo": DocumentKind.HISTOLOGY,
    "patholog": DocumentKind.HISTOLOGY,
    "endoscop": DocumentKind.ENDOSCOPY_REPORT,
    "letter": DocumentKind.CLINIC_LETTER,
    "radiolog": DocumentKind.RADIOLOGY,
    "imaging": DocumentKind.RADIOLOGY,
}


def kind_in_words(words: str) -> DocumentKind | None:
    """`Cardiology discharge summary` is a discharge summary; None where no word tells."""
    lowered = words.lower()
    return next((kind for word, kind in _WORDS.items() if word in lowered), None)
