"""As test_api_fuzz_work, for the rest: registers, policies, models, destinations, books of codes."""

import pytest

from service.identity import UserRole
from tests.contract.conftest import Outcomes
from tests.contract.fuzz import WORK, Outcome
from tests.printed import Say

PATHS = f"(?!{WORK})"
STORY = False


@pytest.mark.parametrize("role", UserRole)
def test_answers_about_what_is_kept_keep_to_the_document_in_every_role(
    outcomes: Outcomes, role: UserRole
) -> None:
    assert outcomes[role].problems() == {}


def test_every_operation_on_what_is_kept_succeeds_in_some_role(in_some_role: Outcome, say: Say) -> None:
    say(in_some_role.table())
    assert in_some_role.never_met() == []
    assert in_some_role.problems() == {}
