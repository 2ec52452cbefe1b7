from pathlib import Path

import pytest

from training.config import read_config, settings
from training.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_a_file_leaves_out_keeps_its_default(tmp_path: Path) -> None:
    default, mine = read_config(), read_config(written(tmp_path, "folds = 3\n[threshold]\nlowest = 0.3"))
    assert mine.folds == 3
    assert (mine.threshold.lowest, mine.threshold.highest) == (0.3, default.threshold.highest)
    assert mine.ranker == default.ranker


def test_the_command_line_wins(tmp_path: Path) -> None:
    assert read_config(written(tmp_path, "seed = 3"), seed=0).seed == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fold = 3", "fold: Extra inputs"),
        ("folds = 1", "folds: Input should be greater than or equal to 2"),
        ("[ranker]\ninverse_regularisation = 'strong'", r"ranker\.inverse_regularisation: "),
        ("[threshold]\nlowest = 0.9", "lowest is above highest"),
        ("[ranker]\ninverse_regularisation = inf", "finite"),
        ("ranker = 3", "ranker: "),
        ("folds = ", "mine.toml: "),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read_config(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        read_config(tmp_path / "none.toml")


def test_settings_are_flat() -> None:
    flat = settings(read_config())
    assert flat["threshold.lowest"] == read_config().threshold.lowest
    assert all(isinstance(value, str | int | float) for value in flat.values())
