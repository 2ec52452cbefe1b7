"""A transformer from a folder on this machine: nothing is ever fetched."""

import json
from pathlib import Path
from typing import Any

from models.classifiers.chunks import PieceTokeniser
from models.errors import LibraryMissing
from training.errors import TrainingError

CONFIGURATION, WEIGHTS, TOKENISER = "config.json", "model.safetensors", "tokenizer.json"


def encoder_configuration(folder: str) -> dict[str, Any]:
    """What the folder says of the network; where it came from is left out."""
    written = _json(folder, CONFIGURATION)
    if "model_type" not in written or "hidden_size" not in written:
        raise TrainingError(f"{Path(folder) / CONFIGURATION} is not that of a text encoder")
    return {name: value for name, value in written.items() if not name.startswith("_")}


def encoder_tokeniser(folder: str) -> PieceTokeniser:
    try:
        return PieceTokeniser(_json(folder, TOKENISER))
    except ValueError as error:
        raise TrainingError(f"{Path(folder) / TOKENISER}: {error}") from error


def load_encoder(body: Any, folder: str) -> None:
    """Fills an encoder that was made of the folder's configuration with the folder's weights."""
    try:
        from transformers import AutoModel
    except ImportError:
        raise LibraryMissing("transformers") from None
    if not (Path(folder) / WEIGHTS).is_file():
        raise TrainingError(f"{folder} holds no {WEIGHTS}")
    pretrained = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    body.load_state_dict(pretrained.float().state_dict())


def _json(folder: str, name: str) -> dict[str, Any]:
    try:
        written = json.loads((Path(folder) / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"the encoder's {name} cannot be read from {folder}: {error}") from error
    if not isinstance(written, dict):
        raise TrainingError(f"{Path(folder) / name} is no JSON object")
    return written
