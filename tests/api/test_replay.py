"""`autocoder replay`: a stored suggestion made again, line for line, from the database and the registry."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from models.registry import Registry
from service.commands import app
from service.identity import UserRole
from service.tables import DocumentVersion, SuggestionLineRow, SuggestionRow
from tests.registered_model import NAME, Site, open_site, register_two
from tests.service_fixtures import SECRET

NOTE = "Diagnosis: exacerbation of COPD. PMH: hypertension, asthma. No PE. Lives in Borth."


@pytest.fixture
def site(registry: Registry, tmp_path: Path) -> Iterator[Site]:
    register_two(registry, tmp_path)
    with open_site(tmp_path / "site", registry) as opened:
        yield opened


def replay(site: Site, episode: Any, *words: object) -> Result:
    environment = {
        "AUTOCODER_VAR_DIR": str(site.settings.var_dir),
        "AUTOCODER_TRACKING_URI": site.registry.tracking_uri,
        "AUTOCODER_SECRET_KEY": SECRET,
    }
    return CliRunner(env=environment).invoke(app, ["replay", episode["id"], *map(str, words)])


def test_every_suggestion_is_made_again_whatever_came_after_it(site: Site) -> None:
    """Another sex, another text, local terms that came and went, another champion."""
    site.post(NOTE, sex="1", birth_date="1950-01-01", episode_start="2026-02-01")
    episode = site.post(NOTE, sex="2", birth_date="1950-01-01")
    site.clock.advance(minutes=5)
    term = {"use": "add", "classification": "icd10", "code": "Z602", "phrase": "Lives in Borth"}
    headers = site.headers(UserRole.CODER)
    made = site.client.post("/v1/local-terms", json=term, headers=headers).json()
    site.clock.advance(minutes=5)
    local = site.post(f"{NOTE} Alone.", sex="2")
    assert "Z602" in {line["code"] for line in local["suggestions"]["undecided"]} | {
        line["code"] for line in local["suggestions"]["candidates"]
    }
    site.clock.advance(minutes=5)
    site.client.delete(f"/v1/local-terms/{made['id']}", headers=headers)
    site.registry.set_alias(NAME, "champion", 2)
    for number in (1, 2, 3):
        answer = replay(site, episode, "--suggestion", number)
        assert answer.exit_code == 0, answer.output
        assert answer.stdout == f"suggestion {number}, model autocoder/1: identical\n"


def test_what_differs_is_told_with_codes_and_without_words(site: Site) -> None:
    episode = site.post(NOTE)
    with site.services.db.write() as session:
        line = SuggestionLineRow.code == "J441"
        session.execute(update(SuggestionLineRow).where(line).values(confidence=0.5, suggested=False))
        session.execute(update(SuggestionRow).values(not_coded=[]))
        asthma = session.scalars(select(SuggestionLineRow).where(SuggestionLineRow.code == "J459")).one()
        asthma.reason, asthma.evidence = "else", [{**asthma.evidence[0], "start": 1}]
    answer = replay(site, episode)
    assert answer.exit_code == 1
    for told in (
        "diagnosis line 1, J441: confidence was 0.5, is 0.9",
        "diagnosis line 1, J441: suggested was False, is True",
        "J459: evidence was",
        "J459: reason was",
        "not coded 1: was nothing, is negated I269",
        "differences",
    ):
        assert told in answer.output, answer.output
    assert not any(word in answer.output for word in ("COPD", "hypertension", "asthma", "Borth"))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("artifacts", "its model cannot be had: the files of autocoder/1 cannot be read"),
        ("digest", "autocoder/1 is another model now"),
        ("tables", "it was made with icd10 another; here is"),
        ("erased", "the text of a document that it was made from was erased"),
        ("terms", "the provider's local terms of that time cannot be put together again"),
        ("unknown", "there is no such episode"),
    ],
)
def test_what_cannot_be_made_again_says_why(site: Site, store: Path, spoil: str, says: str) -> None:
    episode = site.post(NOTE)
    with site.services.db.write() as session:
        suggestion = session.scalars(select(SuggestionRow)).one()
        if spoil == "artifacts":
            shutil.rmtree(store / "artifacts")
        elif spoil == "digest":
            suggestion.model = {**suggestion.model, "digest": "0" * 64}
        elif spoil == "tables":
            suggestion.tables = {**suggestion.tables, "icd10": "another"}
        elif spoil == "terms":
            suggestion.local_terms = "1" * 64
        elif spoil == "erased":
            session.execute(update(DocumentVersion).values(text="", text_digest="2" * 64))
    asked = {"id": "nobody"} if spoil == "unknown" else episode
    answer = replay(site, asked, "--suggestion", 1)
    assert answer.exit_code == 2
    assert says in answer.output, answer.output


def test_a_suggestion_without_its_facts_is_made_from_those_of_today_and_says_so(site: Site) -> None:
    episode = site.post(NOTE)
    with site.services.db.write() as session:
        session.execute(update(SuggestionRow).values(facts=None))
    answer = replay(site, episode)
    assert (answer.exit_code, answer.stdout.splitlines()[0]) == (
        0, "note: the facts of the patient are those of today"
    )  # fmt: skip


def test_the_disagreements_of_a_challenger_are_listed_on_the_command_line(site: Site) -> None:
    episode = site.post(NOTE)
    site.registry.set_alias(NAME, "challenger", 2)
    environment = {"AUTOCODER_VAR_DIR": str(site.settings.var_dir), "AUTOCODER_SECRET_KEY": SECRET}
    runner = CliRunner(env=environment)
    none = runner.invoke(app, ["disagreements", "--provider", "A"])
    assert "No challenger has read an episode here" in none.output
    shadow = site.client.app.state.shadow  # type: ignore[attr-defined]
    shadow._held = type(site.services)(
        **{name: getattr(site.services, name) for name in site.services.__slots__}
        | {"settings": site.settings.model_copy(update={"challenger_share": 1.0})}
    )
    assert shadow.work_off() == 1
    found = runner.invoke(app, ["disagreements", "--provider", "A"])
    assert "autocoder/2: 0 of 1 episodes alike, 0 with another primary diagnosis" in found.output
    assert "only champion: I10X 1" in found.output
    assert f"{episode['id']}  primary J441 | J441  -I10X" in found.output
