"""What one half of the fuzzing met: a test module names in `PATHS` which operations are its own.

The halves are files of their own so that two workers share them.
"""

from collections.abc import Iterator

import pytest

from service.identity import CODING_ROLES, UserRole
from tests.contract.fuzz import Outcome, fuzz, fuzz_on, fuzz_story
from tests.contract.fuzz_stage import seeded_stage
from tests.service_fixtures import Stage

Outcomes = dict[UserRole, Outcome]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """SQLite, with episodes and decisions in it."""
    stage = seeded_stage(tmp_path_factory.mktemp("fuzz"))
    yield stage
    stage.services.db.close()


@pytest.fixture(scope="module")
def outcomes(seeded: Stage, request: pytest.FixtureRequest) -> Outcomes:
    """What each role met, one after the other: the same cases whatever the order of the tests."""
    found = {role: fuzz(seeded, role, request.module.PATHS) for role in UserRole}
    if request.module.STORY:
        for role in sorted(CODING_ROLES):
            found[role].add(fuzz_story(seeded, role))
    return found


@pytest.fixture(scope="module")
def in_some_role(seeded: Stage, outcomes: Outcomes) -> Outcome:
    """All roles together. Operations that never succeeded are tried more often."""
    total = Outcome()
    for outcome in outcomes.values():
        total.add(outcome)
    for operation in total.never_met():
        for role in (role for role in UserRole if outcomes[role].lets_in(operation)):
            if operation in total.never_met():
                total.add(fuzz_on(seeded, role, operation))
    return total
