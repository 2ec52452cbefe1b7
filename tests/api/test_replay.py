"""`autocoder replay`: a stored suggestion made again, line for line, from the database and the registry."""

import re
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


@pytest.fixture(scope="module")
def folder(store_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("replay")
    shutil.copyfile(store_template, made / "mlflow.db")
    return made


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[Site]:
    registry = Registry(f"sqlite:///{folder / 'mlflow.db'}")
    register_two(registry, folder)
    with open_site(folder / "site", registry, poll_seconds=3600) as site:
        yield site


@pytest.fixture
def site(opened: Site) -> Site:
    """With the first champion; each test posts an episode of its own."""
    opened.registry.set_alias(NAME, "champion", 1)
    opened.services.suggester.holder.refresh()
    return opened


def replay(site: Site, episode: Any, *words: object) -> Result:
    environment = {
        "AUTOCODER_VAR_DIR": str(site.settings.var_dir),
        "AUTOCODER_TRACKING_URI": site.registry.tracking_uri,
        "AUTOCODER_SECRET_KEY": SECRET,
    }
    return CliRunner(env=environment).invoke(app, ["replay", episode["id"], *map(str, words)])


def test_every_suggestion_is_made_again_whatever_came_after_it(site: Site) -> None:
    """Another sex, another text, local terms that came and went, another champion."""
    site.post(NOTE, "every_suggestion_is_", sex="1", birth_date="1950-01-01", episode_start="2026-02-01")
    episode = site.post(NOTE, "every_suggestion_is_", sex="2", birth_date="1950-01-01")
    site.clock.advance(minutes=5)
    term = {"use": "add", "classification": "icd10", "code": "Z602", "phrase": "Lives in Borth"}
    headers = site.headers(UserRole.CODER)
    made = site.client.post("/v1/local-terms", json=term, headers=headers).json()
    site.clock.advance(minutes=5)
    local = site.post(f"{NOTE} Alone.", "every_suggestion_is_", sex="2")
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
    episode = site.post(NOTE, "what_differs_is_told")
    with site.services.db.write() as session:
        session.scalars(
            select(SuggestionRow).where(SuggestionRow.episode_id == episode["id"])
        ).one().not_coded = []
        lines = select(SuggestionLineRow).where(SuggestionLineRow.episode_id == episode["id"])
        copd, asthma = (
            session.scalars(lines.where(SuggestionLineRow.code == code)).one() for code in ("J441", "J459")
        )
        copd.confidence, copd.suggested = 0.5, False
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
        ("version", "its model cannot be had: autocoder/9 is not in"),
        ("digest", "autocoder/1 is another model now"),
        ("tables", "it was made with icd10 another; here is"),
        ("erased", "the text of a document that it was made from was erased"),
        ("terms", "the provider's local terms of that time cannot be put together again"),
        ("unknown", "there is no such episode"),
    ],
)
def test_what_cannot_be_made_again_says_why(site: Site, spoil: str, says: str) -> None:
    episode = site.post(NOTE, f"S {spoil}")
    with site.services.db.write() as session:
        of_episode = SuggestionRow.episode_id == episode["id"]
        suggestion = session.scalars(select(SuggestionRow).where(of_episode)).one()
        if spoil == "version":
            suggestion.model = {**suggestion.model, "version": "9"}
        elif spoil == "digest":
            suggestion.model = {**suggestion.model, "digest": "0" * 64}
        elif spoil == "tables":
            suggestion.tables = {**suggestion.tables, "icd10": "another"}
        elif spoil == "terms":
            suggestion.local_terms = "1" * 64
        elif spoil == "erased":
            document = update(DocumentVersion).where(DocumentVersion.episode_id == episode["id"])
            session.execute(document.values(text="", text_digest="2" * 64))
    asked = {"id": "nobody"} if spoil == "unknown" else episode
    answer = replay(site, asked, "--suggestion", 1)
    assert answer.exit_code == 2
    assert says in answer.output, answer.output


def test_a_suggestion_without_its_facts_is_made_from_those_of_today_and_says_so(site: Site) -> None:
    episode = site.post(NOTE, "a_suggestion_without")
    with site.services.db.write() as session:
        of_episode = SuggestionRow.episode_id == episode["id"]
        session.execute(update(SuggestionRow).where(of_episode).values(facts=None))
    answer = replay(site, episode)
    assert (answer.exit_code, answer.stdout.splitlines()[0]) == (
        0, "note: the facts of the patient are those of today"
    )  # fmt: skip


def test_the_disagreements_of_a_challenger_are_listed_on_the_command_line(site: Site) -> None:
    episode = site.post(NOTE, "the_disagreements_of")
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
    assert shadow.work_off() > 0
    found = runner.invoke(app, ["disagreements", "--provider", "A"])
    assert re.search(r"autocoder/2: \d+ of \d+ episodes alike, \d+ with another", found.output)
    assert re.search(r"only champion: I10X \d+", found.output)
    assert f"{episode['id']}  primary J441 | J441  -I10X" in found.output
