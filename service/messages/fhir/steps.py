"""Does what a FHIR body asks for, by the same steps as HL7 v2."""

from collections.abc import Sequence
from dataclasses import replace

from data.episodes import DocumentKind
from service.messages.errors import Unusable
from service.messages.fhir.asked import AskedOfSpell, FhirAsked
from service.messages.hl7v2 import Asked, Event
from service.messages.placing import near_episodes
from service.messages.spells import STEPS, Desk
from service.messages.stays import keep_stays
from service.tables import EpisodeRow

_NUMBER = 64


def carry_out(desk: Desk, asked: FhirAsked) -> list[EpisodeRow]:
    """The episodes that it is about, in the order in which it names them; none where nothing of it is used.

    Raises:
        Unusable: nothing of it is done then, once the transaction is undone.
    """
    rows = [row for spell in asked.spells for row in _of_spell(desk, spell)]
    return list({row.id: row for row in rows}.values())


def _of_spell(desk: Desk, spell: AskedOfSpell) -> list[EpisodeRow]:
    asked = spell.asked
    about = list(_of_encounter(desk, spell))
    if not asked.documents:
        return about
    by_documents = _take(desk, asked) if asked.spell_number else _take_of_patient(desk, asked)
    return [*by_documents, *about]


def _of_encounter(desk: Desk, spell: AskedOfSpell) -> Sequence[EpisodeRow]:
    asked = replace(spell.asked, documents=())
    cancelled = asked.event is Event.CANCEL_ADMIT
    if spell.stays and not cancelled and asked.event is not Event.NOT_USED:
        return keep_stays(desk, asked, spell.stays)
    if asked.event in (Event.DOCUMENT, Event.NOT_USED) or (cancelled and spell.asked.documents):
        return ()
    return STEPS[asked.event](desk, asked)


def _take(desk: Desk, asked: Asked) -> Sequence[EpisodeRow]:
    return STEPS[Event.DOCUMENT](desk, replace(asked, event=Event.DOCUMENT))


def _take_of_patient(desk: Desk, asked: Asked) -> list[EpisodeRow]:
    """Nothing says which stay: the only one of the patient near that day. A discharge summary stands for a
    stay of its own where none is known; any other document needs one to belong to."""
    rows: list[EpisodeRow] = []
    for document in asked.documents:
        one = replace(asked, documents=(document,))
        near = near_episodes(desk.session, desk.actor.provider_id, asked.patient, document.date)
        if len(near) == 1:
            number = near[0].spell_number
        elif document.kind is DocumentKind.DISCHARGE_SUMMARY and not near:
            number = document.id[:_NUMBER]
        else:
            raise Unusable("Encounter: the stay must be named: the patient alone does not say which it is")
        rows += _take(desk, replace(one, spell_number=number))
    return rows
