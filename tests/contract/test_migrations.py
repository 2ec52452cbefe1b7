"""The tables of the code and the history of the schema say the same, on both databases."""

from pathlib import Path

from service import schema
from service.db import Database
from tests.service_fixtures import settings_for


def test_migrations_lead_to_the_tables_of_the_code_and_back(tmp_path: Path, database_url: str) -> None:
    db = Database(settings_for(tmp_path, database_url).database)
    schema.migrate(db)
    schema.check(db)
    schema.downgrade(db, "base")
    schema.migrate(db)
    schema.migrate(db)
    schema.check(db)
    db.close()
