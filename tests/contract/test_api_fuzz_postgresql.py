"""The same requests over PostgreSQL, as the role that sends most of what is stored.

The coverage phase runs on SQLite alone: most of what it enumerates is refused before it meets a database.
"""

from pathlib import Path

import pytest

from service.identity import UserRole
from tests import postgres
from tests.contract.fuzz import WORK, fuzz
from tests.contract.fuzz_stage import seeded_stage
from tests.printed import Say

pytestmark = pytest.mark.postgres


def test_answers_keep_to_the_document_on_postgresql(tmp_path: Path, say: Say) -> None:
    with postgres.empty_database() as url:
        stage = seeded_stage(tmp_path, url)
        outcome = fuzz(stage, UserRole.EPR, WORK)
        stage.services.db.close()
    say(f"{outcome.cases.total()} cases")
    assert outcome.problems() == {}
