"""The record of what became of codes, made anew from suggestions and decisions by its migration."""

from sqlalchemy import select

from service import schema
from service.classifications.tables import CodeUseRow
from tests.api.test_pages_codes import finalised
from tests.page_client import Desk
from tests.service_fixtures import Stage

BEFORE = "0007"


def noted(stage: Stage) -> set[tuple[object, ...]]:
    columns = (
        CodeUseRow.provider_id, CodeUseRow.episode_id, CodeUseRow.source_id, CodeUseRow.role,
        CodeUseRow.code, CodeUseRow.kind, CodeUseRow.other, CodeUseRow.at,
    )  # fmt: skip
    with stage.services.db.read() as session:
        return {tuple(row) for row in session.execute(select(*columns))}


def test_a_database_of_an_earlier_release_gets_the_same_record(stage: Stage) -> None:
    desk = finalised(stage, "S1", "accept")
    desk.post("reopen", reason="histology came")
    desk.post("remove", line=desk.lines["J440"])
    desk.post("finalise")
    finalised(stage, "S2", "replace", code="J441")
    undone = Desk(stage, episode=stage.post_episode("S3"))
    undone.post("reject", line=undone.lines["J440"])
    undone.post("undo", decision=undone.now()["decisions"][-1]["id"])
    before = noted(stage)
    schema.downgrade(stage.services.db, BEFORE)
    schema.migrate(stage.services.db)
    assert len(before) > 15
    assert noted(stage) == before
