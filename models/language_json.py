"""Cues, headings, statuses and the rest of a language as the JSON of a bundle."""

from functools import cache
from typing import Any

from data.episodes import Role
from data.language import (
    Assertion,
    Combination,
    Cue,
    CueDirection,
    CueEffect,
    CueScope,
    Endoscopy,
    Heading,
    HeadingForm,
    Intent,
    IntentPhrase,
    Lead,
    LeadDirection,
    LeadKind,
    OperationScope,
    OperationsTogether,
    OptionalCode,
    PlaceOfOccurrence,
    Poisoning,
    SectionKind,
    Status,
    StatusWhen,
    TumourSite,
)
from models.judged import Language


def language_json(language: Language) -> dict[str, Any]:
    return {
        "cues": [
            [cue.phrase, cue.effect, cue.direction, cue.scope, sorted(cue.roles)] for cue in language.cues
        ],
        "headings": [[heading.heading, heading.section, heading.form] for heading in language.headings],
        "statuses": [
            [status.first, status.last, status.assertion, status.when, status.status]
            for status in language.statuses
        ],
        "optional": [[one.role, one.code, one.note] for one in language.optional],
        "combinations": [
            [list(map(list, one.found)), one.within, one.patient, one.becomes, list(one.replaces)]
            for one in language.combinations
        ],
        "specialties": {code: list(found) for code, found in language.specialties.items()},
        "leads": [[lead.phrase, lead.kind, lead.direction] for lead in language.leads],
        "endoscopies": [
            [one.examination, one.biopsy, list(one.treatments), dict(one.sites)]
            for one in language.endoscopies
        ],
        "operations": [
            [list(map(list, one.found)), one.within, one.becomes, list(one.replaces)]
            for one in language.operations
        ],
        "ordinary_words": " ".join(language.ordinary_words),
        "places": [[one.phrase, one.character] for one in language.places],
        "poisonings": [[list(one.poisons), one.accidental, one.intentional] for one in language.poisonings],
        "intents": [[one.phrase, one.intent] for one in language.intents],
        "tumour_sites": [[one.general, list(one.sites), one.becomes] for one in language.tumour_sites],
    }


def language_from_json(written: Any) -> Language:
    """Raises ValueError, KeyError or TypeError where the JSON is not that of `language_json`."""
    return Language(
        cues=tuple(_cue(*row) for row in written["cues"]),
        headings=tuple(
            Heading(_text(heading), SectionKind(section), HeadingForm(form))
            for heading, section, form in written["headings"]
        ),
        statuses=tuple(
            Status(_text(first), _text(last), Assertion(said), StatusWhen(when), status and _text(status))
            for first, last, said, when, status in written["statuses"]
        ),
        optional=tuple(
            OptionalCode(Role(role), _text(code), _text(note)) for role, code, note in written["optional"]
        ),
        endoscopies=tuple(_endoscopy(*row) for row in written["endoscopies"]),
        specialties={
            _text(code): tuple(_text(beginning) for beginning in found)
            for code, found in written["specialties"].items()
        },
        leads=tuple(
            Lead(_text(phrase), LeadKind(kind), LeadDirection(direction))
            for phrase, kind, direction in written["leads"]
        ),
        combinations=tuple(_combination(*row) for row in written["combinations"]),
        operations=tuple(_operations(*row) for row in written["operations"]),
        tumour_sites=tuple(
            TumourSite(_text(general), tuple(_text(site) for site in sites), _text(becomes))
            for general, sites, becomes in written["tumour_sites"]
        ),
        places=tuple(
            PlaceOfOccurrence(_text(phrase), _text(character)) for phrase, character in written["places"]
        ),
        ordinary_words=tuple(_text(written["ordinary_words"]).split()),
        poisonings=tuple(
            Poisoning(tuple(_text(poison) for poison in poisons), _text(accidental), _text(intentional))
            for poisons, accidental, intentional in written.get("poisonings", ())
        ),
        intents=tuple(
            IntentPhrase(_text(phrase), Intent(intent)) for phrase, intent in written.get("intents", ())
        ),
    )


def _operations(
    found: list[list[object]], within: str, becomes: object, replaces: list[object]
) -> OperationsTogether:
    groups = tuple(tuple(_text(beginning) for beginning in group) for group in found)
    replaced = tuple(_text(beginning) for beginning in replaces)
    return OperationsTogether(groups, OperationScope(within), _text(becomes), replaced)


def _combination(
    found: list[list[object]], within: object, patient: object, becomes: object, replaces: list[object]
) -> Combination:
    groups = tuple(tuple(_text(prefix) for prefix in group) for group in found)
    return Combination(
        groups, _text(within), _text(patient), _text(becomes), tuple(_text(prefix) for prefix in replaces)
    )


def _endoscopy(
    examination: object, biopsy: object, treatments: list[object], sites: dict[str, object]
) -> Endoscopy:
    return Endoscopy(
        _text(examination),
        _text(biopsy),
        tuple(_text(code) for code in treatments),
        {_text(code): int(str(order)) for code, order in sites.items()},
    )


def _cue(phrase: object, effect: str, direction: str, scope: str, roles: list[str]) -> Cue:
    return Cue(
        _text(phrase),
        CueEffect(effect),
        CueDirection(direction),
        CueScope(scope),
        _roles(tuple(roles)),
    )


@cache
def _roles(written: tuple[str, ...]) -> frozenset[Role]:
    """One set for the tens of thousands of cues that it holds for."""
    return frozenset(Role(role) for role in written)


def _text(written: object) -> str:
    if not isinstance(written, str):
        raise TypeError(f"{written!r} is not text")
    return written
