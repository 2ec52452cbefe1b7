"""Whatever is sent, in whatever role: nothing breaks, and every answer is one that the document announces.

Schemathesis draws and enumerates requests from the OpenAPI document. At the end a table is printed.
Here: what comes in, and the work of coders, auditors and clinicians on it.
"""

import pytest

from service.identity import UserRole
from tests.contract.conftest import Outcomes
from tests.contract.fuzz import WORK, Outcome, enumerate_sent
from tests.printed import Say
from tests.service_fixtures import Stage

PATHS = WORK
STORY = True


@pytest.mark.parametrize("role", UserRole)
def test_answers_about_work_keep_to_the_document_in_every_role(outcomes: Outcomes, role: UserRole) -> None:
    assert outcomes[role].problems() == {}


def test_every_enumerated_form_of_what_an_epr_sends_is_answered_as_announced(seeded: Stage, say: Say) -> None:
    enumerated = enumerate_sent(seeded)
    say(f"{enumerated.cases.total()} cases")
    assert enumerated.problems() == {}


def test_every_operation_on_work_succeeds_in_some_role(in_some_role: Outcome, say: Say) -> None:
    say(in_some_role.table())
    assert in_some_role.never_met() == []
    assert in_some_role.problems() == {}
