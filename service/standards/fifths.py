"""Fifth characters of diagnoses: which a code may have, and which the text gives."""

from collections.abc import Iterator, Mapping

from data.standards import CodeSet, StandardsEdition, fifths_of
from models.completing import fifth_in_text
from service.coding.coding import Coding, Line
from service.episodes.evidence import History, located
from service.episodes.schemas import IN_TEXT

_OPERATOR = "fifth"


def fifths_allowed(edition: StandardsEdition, code: str) -> Mapping[str, str]:
    """By character what it says; empty words for what only a local rule names."""
    local = dict.fromkeys(_asked_by_rules(edition, code), "")
    return dict(sorted({**local, **fifths_of(code)}.items()))


def _asked_by_rules(edition: StandardsEdition, code: str) -> Iterator[str]:
    for rule in edition.by_id.values():
        codes, digits = rule.arguments.get("codes"), rule.arguments.get("digits")
        if rule.operator == _OPERATOR and isinstance(codes, CodeSet) and code in codes:
            yield from str(digits)


def fifths_named(coding: Coding, history: History) -> dict[str, str]:
    """By code the fifth character whose words stand nearest to those that the diagnosis rests on."""
    found = ((line.code, _named(line, history)) for line in coding.diagnoses if fifths_of(line.code))
    return {code: fifth for code, fifth in found if fifth}


def _named(line: Line, history: History) -> str:
    places = (located(item, history) for item in line.evidence)
    texts = ((history[one.document][-1].text, one) for one in places if one.place in IN_TEXT)
    named = (fifth_in_text(text, one.start, one.end, line.code) for text, one in texts)
    return next(filter(None, named), "")
