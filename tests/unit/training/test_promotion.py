"""`autocoder compare`, `promote`, `rollback` on small models in a store of their own."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.bundle import BundleParts, open_bundle, write_bundle
from models.registry import Registry, RunRecord
from tests.unit.models import small_model
from training.commands import app
from training.config import read_config
from training.promotion import judge_gates

NOTES = {
    "Diagnosis: pneumonia. PMH: COPD, hypertension.": ["J189", "J449", "I10X"],
    "Diagnosis: sepsis. PMH: asthma, T2DM.": ["A419", "J459", "E119"],
    "Diagnosis: cellulitis of leg. PMH: hypertension, asthma.": ["L031", "I10X", "J459"],
    "Diagnosis: exacerbation of COPD. PMH: atrial fibrillation.": ["J441", "I489"],
}


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gold") / "gold.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in _episodes()))
    return path


def _episodes() -> list[dict[str, object]]:
    return [
        {
            "id": str(place),
            "patient": str(place),
            "text": text,
            "diagnoses": [{"code": code} for code in codes],
        }
        for place, (text, codes) in enumerate(NOTES.items())
    ]


def parts(*, without: tuple[str, ...] = (), seen: str = "") -> BundleParts:
    whole = small_model.parts()
    terms = tuple(term for term in whole.terms if term.phrase not in without)
    return replace(whole, terms=terms, training={"corpora": {"seen.jsonl": seen}})


def register(registry: Registry, folder: Path, made: BundleParts) -> int:
    write_bundle(folder, made)
    digest = open_bundle(
        folder, name="x", version="1", classifications=small_model.classifications()
    ).version.digest
    run = RunRecord(experiment="x", name="x", bundle=folder, tags={"model_digest": digest})
    return registry.register("small", registry.record_run(run))


@pytest.fixture
def champion(registry: Registry, tmp_path: Path) -> Registry:
    registry.set_alias("small", "champion", register(registry, tmp_path / "v1", parts()))
    return registry


def run(registry: Registry, *words: object) -> Result:
    runner = CliRunner(env={"AUTOCODER_VAR_DIR": "no-tables-of-this-machine"})
    return runner.invoke(app, [*map(str, words), "--tracking-uri", registry.tracking_uri])


@pytest.fixture
def lenient(tmp_path: Path) -> Path:
    """Four episodes are too few for the chapters' own margin; time is not what is tested."""
    path = tmp_path / "settings.toml"
    path.write_text("bootstrap_draws = 200\n[promotion]\nchapter_support = 3\nlatency = 50.0\n")
    return path


def test_a_worse_model_is_refused_with_numbers_unless_forced_with_a_reason(
    champion: Registry, tmp_path: Path, gold: Path, lenient: Path
) -> None:
    register(champion, tmp_path / "v2", parts(without=("hypertension", "HTN", "pneumonia")))
    words = ("promote", "small/2", "--corpus", gold, "--config", lenient)
    answer = run(champion, *words)
    assert answer.exit_code == 2, answer.output
    told = answer.output.replace("\n", " ")
    assert "small/2 is not promoted; what serves stays as it is" in told
    assert "overall: all codes: micro F1 goes from 90.9% to 84.2%: -6.7 points (95% interval" in told
    assert "primary diagnosis: primary diagnosis correct goes from 100.0% to 75.0%: -25.0 points" in told
    assert "REFUSED frozen: diagnoses chapter IX: diagnoses, chapter IX (3 gold codes): F1 goes from" in told
    assert "passed  frozen: diagnoses chapter X:" in told
    assert champion.resolve("small").version == 1
    refused = champion.resolve("small/2").tags
    assert "-25.0 points" in refused["refused.why"]
    assert {"refused.by", "refused.at", "promotion.run"} <= refused.keys()

    assert "--force needs --reason" in run(champion, *words, "--force").output
    assert champion.resolve("small").version == 1
    forced = run(champion, *words, "--force", "--reason", "the old one is recalled")
    assert forced.exit_code == 0, forced.output
    version = champion.resolve("small")
    assert version.version == 2
    assert version.tags["champion.why"] == "the old one is recalled"
    assert "gates overruled: the old one is recalled" in version.tags["promotion.forced"]
    assert "frozen: overall" in version.tags["promotion.gates"]


def test_a_champion_of_another_format_gives_way_only_to_a_decision_of_a_person(
    registry: Registry, tmp_path: Path
) -> None:
    written_before = tmp_path / "v1"
    version = register(registry, written_before, parts())
    registry.set_alias("small", "champion", version)
    manifest = _manifest_of(registry, version)
    manifest.write_text(manifest.read_text().replace('"format_version": ', '"format_version": 9'))
    register(registry, tmp_path / "v2", parts())
    refused = run(registry, "promote", "small/2")
    assert refused.exit_code != 0
    told = " ".join(refused.output.split())
    assert "the champion cannot be opened" in told
    assert "--force --reason WHY" in told
    forced = run(registry, "promote", "small/2", "--force", "--reason", "the format changed")
    assert forced.exit_code == 0, forced.output
    now = registry.resolve("small")
    assert now.version == 2
    assert "the champion cannot be opened" in now.tags["promotion.forced"]


def _manifest_of(registry: Registry, version: int) -> Path:
    """Where the store of the fixture, a folder, keeps it."""
    folder = Path(registry.tracking_uri.removeprefix("sqlite:///")).parent
    return sorted(folder.rglob("manifest.json"))[version - 1]


def test_an_equal_model_is_promoted_and_rolled_back_as_often_as_there_are_champions(
    champion: Registry, tmp_path: Path, gold: Path, lenient: Path
) -> None:
    for version in (2, 3):
        register(champion, tmp_path / f"v{version}", parts())
        champion.set_alias("small", "challenger", version)
        answer = run(champion, "promote", "small@challenger", "--corpus", gold, "--config", lenient)
        assert answer.exit_code == 0, answer.output
        assert f"small/{version} is the champion in place of small/{version - 1}" in answer.output
    third = champion.resolve("small")
    assert (third.version, third.aliases) == (3, ("champion",))
    assert champion.resolve("small@previous").version == 2
    assert {"champion.by", "champion.at", "champion.why", "promotion.gates"} <= third.tags.keys()

    first = run(champion, "rollback", "small", "--reason", "complaints")
    assert "small/2 is the champion again, in place of small/3." in first.output
    assert "A further rollback would bring back small/1." in first.output
    assert champion.resolve("small@previous").version == 1
    assert "complaints" in champion.resolve("small/3").tags["withdrawn.why"]
    assert "There is no champion before it." in run(champion, "rollback", "small").output
    assert champion.resolve("small").version == 1
    last = run(champion, "rollback", "small")
    assert (last.exit_code, champion.resolve("small").version) == (2, 1)
    assert "no earlier champion" in last.output


def test_a_champion_is_not_promoted_over_itself_and_the_first_needs_no_comparison(
    registry: Registry, tmp_path: Path, gold: Path
) -> None:
    register(registry, tmp_path / "v1", parts())
    assert "small/1 is the champion." in run(registry, "promote", "small/1", "--corpus", gold).output
    assert "is the champion already" in run(registry, "promote", "small/1", "--corpus", gold).output


def test_a_rollback_to_a_version_that_cannot_be_opened_changes_nothing(
    champion: Registry, tmp_path: Path, store: Path, gold: Path, lenient: Path
) -> None:
    register(champion, tmp_path / "v2", parts())
    assert run(champion, "promote", "small/2", "--corpus", gold, "--config", lenient).exit_code == 0
    first = champion.resolve("small/1").run_id
    next((store / "artifacts").rglob(f"{first}/artifacts/model/bundle/terms.json")).write_text("[]")
    answer = run(champion, "rollback", "small")
    assert (answer.exit_code, champion.resolve("small").version) == (2, 2)
    assert "is not a usable model" in answer.output


def test_a_comparison_is_told_written_and_recorded_with_its_plot(
    champion: Registry, tmp_path: Path, store: Path, gold: Path, lenient: Path
) -> None:
    better = tmp_path / "other"
    write_bundle(better, parts(without=("sepsis",)))
    report_path = tmp_path / "report.json"
    answer = run(
        champion, "compare", "--champion", "small@champion", "--challenger", better, "--corpus", gold,
        "--config", lenient, "--json", report_path,
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    report = json.loads(report_path.read_text())
    frozen = report["sets"]["frozen"]
    assert frozen["figures"]["primary_correct"]["difference"] == -0.25
    assert frozen["by_chapter"]["diagnoses"]["I"] == {
        "champion": 1.0, "challenger": 0.0, "difference": -1.0,
        "interval_95": frozen["by_chapter"]["diagnoses"]["I"]["interval_95"], "gold": 1,
    }  # fmt: skip
    assert 0.1 < frozen["latency"]["ratio"] < 10
    assert frozen["corpus"]["files"].keys() == {"gold.jsonl"}
    assert "other/unregistered against small/1, frozen set, text of unstated origin" in answer.output
    kept = {path.name for path in (store / "artifacts").rglob("*")}
    assert {"comparison.json", "frozen_differences.svg", "frozen.json"} <= kept


@pytest.mark.parametrize("url", ["sqlite:///none.db", "nonsense", "postgresql://u:hunter2@127.0.0.1:1/x"])
def test_a_database_without_decisions_is_named_without_its_password(
    champion: Registry, gold: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run(champion, "compare", "--champion", "small", "--challenger", "small", "--corpus", gold,
                 "--decisions", url)  # fmt: skip
    assert answer.exit_code == 2
    assert "error: " in answer.output
    assert "hunter2" not in answer.output


FIGURE = {"champion": 0.8, "challenger": 0.8, "difference": 0.0, "interval_95": (0.0, 0.0)}


def report_with(**changes: object) -> dict[str, object]:
    found: dict[str, object] = {
        "seen": {"champion": [], "challenger": []},
        "figures": {"micro_f1": FIGURE, "primary_correct": FIGURE},
        "by_chapter": {"diagnoses": {"IX": {**FIGURE, "gold": 100}}, "procedures": {}},
        "calibration": {"all": FIGURE},
        "latency": {"champion_ms": 4.0, "challenger_ms": 4.0, "ratio": 1.0},
    }
    return {"sets": {"frozen": {**found, **changes}}}


def fallen(by: float, **more: object) -> dict[str, object]:
    return {**FIGURE, "challenger": 0.8 + by, "difference": by, **more}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, []),
        ({"figures": {"micro_f1": fallen(-0.004), "primary_correct": FIGURE}}, []),
        ({"figures": {"micro_f1": fallen(-0.006), "primary_correct": FIGURE}}, ["overall"]),
        ({"figures": {"micro_f1": FIGURE, "primary_correct": fallen(-0.02)}}, ["primary diagnosis"]),
        ({"calibration": {"all": fallen(0.02)}}, ["calibration"]),
        ({"calibration": {"all": fallen(-0.2)}}, []),
        ({"latency": {"champion_ms": 4.0, "challenger_ms": 7.0, "ratio": 1.75}}, ["latency"]),
        ({"seen": {"champion": [], "challenger": ["gold.jsonl"]}}, ["unseen"]),
        (
            {"by_chapter": {"diagnoses": {"IX": fallen(-0.3, gold=24)}, "procedures": {}}},
            [],  # too few to say anything
        ),
        (
            {"by_chapter": {"diagnoses": {"IX": fallen(-0.06, gold=25)}, "procedures": {}}},
            ["diagnoses chapter IX"],
        ),
    ],
)
def test_gates_let_a_margin_pass_and_nothing_beyond(changes: dict[str, object], refused: list[str]) -> None:
    gates = judge_gates(report_with(**changes), read_config().promotion)
    assert [gate.name for gate in gates if not gate.passed] == [f"frozen: {name}" for name in refused]
