"""The settings of a training run, read from TOML; `training/configs/default.toml` says what each means."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.episodes import Role
from models.kinds import ModelKind
from training.classifiers.config import AttentionConfig, LinearConfig
from training.errors import ConfigError


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Share = Annotated[float, Field(gt=0, lt=1)]


class RankerConfig(_Settings):
    inverse_regularisation: float = Field(gt=0)


class TreesConfig(_Settings):
    least_right: int = Field(ge=1)
    count: int = Field(ge=1, le=1000)
    depth: int = Field(ge=1, le=8)
    learning_rate: float = Field(gt=0, le=1)
    least_in_leaf: int = Field(ge=1)
    shrinkage: float = Field(ge=0)
    features_share: float = Field(gt=0, le=1)


class PrimaryConfig(_Settings):
    least_episodes: int = Field(ge=1)
    inverse_regularisation: float = Field(gt=0)
    word_episodes: int = Field(ge=1)
    most_words: int = Field(ge=0)
    trees: TreesConfig


class Discount(_Settings):
    """By how much folds flatter, where terms were written while their episodes were read."""

    log_odds: float = Field(ge=0, le=2)
    """Taken off."""
    temperature: float = Field(ge=1, le=3)
    """They are divided by it before (Guo et al., On Calibration of Modern Neural Networks, 2017)."""


NO_DISCOUNT = Discount(log_odds=0.0, temperature=1.0)


class CalibrationConfig(_Settings):
    isotonic_from: int = Field(ge=1)
    prior_weight: float = Field(ge=0)
    diagnosis: Discount
    procedure: Discount

    def discount(self, role: Role) -> Discount:
        return self.diagnosis if role is Role.DIAGNOSIS else self.procedure


class ThresholdConfig(_Settings):
    lowest: Share
    highest: Share

    @model_validator(mode="after")
    def _in_order(self) -> "ThresholdConfig":
        if self.lowest > self.highest:
            raise ValueError("lowest is above highest")
        return self


class PromotionConfig(_Settings):
    """How far a challenger may fall behind the champion; `training/configs/default.toml` says of what."""

    overall: float = Field(ge=0, lt=1)
    chapter: float = Field(ge=0, lt=1)
    chapter_support: int = Field(ge=1)
    primary: float = Field(ge=0, lt=1)
    calibration: float = Field(ge=0, lt=1)
    latency: float = Field(ge=1)


class LexiconConfig(_Settings):
    enabled: bool
    least_episodes: int = Field(ge=0)
    evidence: bool
    weak: bool
    reach: Literal["auto", "phrases", "wide"]
    folds: int = Field(ge=2)


class GateConfig(_Settings):
    error: Share
    confidence: Share
    limits: tuple[Share, ...]
    folds: int = Field(ge=2)
    least_each: int = Field(ge=1)
    inverse_regularisation: float = Field(gt=0)


class TrainingConfig(_Settings):
    kind: ModelKind
    experiment: str = Field(min_length=1)
    seed: int = Field(ge=0)
    folds: int = Field(ge=2)
    bootstrap_draws: int = Field(ge=1)
    lexicon: LexiconConfig
    ranker: RankerConfig
    trees: TreesConfig
    primary: PrimaryConfig
    calibration: CalibrationConfig
    threshold: ThresholdConfig
    promotion: PromotionConfig
    gate: GateConfig
    linear: LinearConfig
    attention: AttentionConfig


def read_config(path: Path | None = None, *, seed: int | None = None) -> TrainingConfig:
    """The defaults, with what the file and the command line change."""
    values = tomllib.loads((files("training") / "configs" / "default.toml").read_text(encoding="utf-8"))
    try:
        changes = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
        given = {} if seed is None else {"seed": seed}
        return TrainingConfig.model_validate(_merged(values, changes | given))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ConfigError(f"{path or 'settings'}: {wrong}") from error
    except (OSError, ValueError) as error:  # TOML and UTF-8 errors are ValueErrors
        raise ConfigError(f"{path}: {error}") from error


def settings(config: BaseModel, prefix: str = "") -> dict[str, str | int | float]:
    """Flat, as MLflow keeps them: `ranker.inverse_regularisation`."""
    flat: dict[str, str | int | float] = {}
    for name, value in config:
        if isinstance(value, BaseModel):
            flat |= settings(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = " ".join(map(str, value)) if isinstance(value, tuple) else value
    return flat


def _merged(default: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**default, **changes}
    for name, kept in default.items():
        if isinstance(kept, dict) and isinstance(merged[name], dict):
            merged[name] = _merged(kept, merged[name])
    return merged
