"""Settings of the document classifiers; `training/configs/default.toml` says what each means."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Share = Annotated[float, Field(ge=0, lt=1)]


class LinearConfig(_Settings):
    least_episodes: int = Field(ge=1)
    least_documents: int = Field(ge=1)
    word_longest: int = Field(ge=1, le=5)
    char_shortest: int = Field(ge=0, le=8)
    char_longest: int = Field(ge=0, le=8)
    inverse_regularisation: float = Field(gt=0)
    kept_weights: int = Field(ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> "LinearConfig":
        if self.char_shortest > self.char_longest or (self.char_longest and not self.char_shortest):
            raise ValueError("char_shortest is above char_longest, or only one of them is 0")
        return self


class AttentionConfig(_Settings):
    encoder: str
    least_episodes: int = Field(ge=1)
    least_documents: int = Field(ge=1)
    width: int = Field(ge=2)
    kernel: int = Field(ge=1)
    chunk_tokens: int = Field(ge=8)
    most_tokens: int = Field(ge=8)
    half: bool
    batch: int = Field(ge=1)
    epochs: int = Field(ge=1)
    patience: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    encoder_learning_rate: float = Field(gt=0)
    warm_up: Share
    weight_decay: float = Field(ge=0)
    dropout: Share
    held_out: float = Field(gt=0, le=0.5)

    @model_validator(mode="after")
    def _odd(self) -> "AttentionConfig":
        if self.kernel % 2 == 0:
            raise ValueError("kernel is even: a word stands in its middle")
        return self
