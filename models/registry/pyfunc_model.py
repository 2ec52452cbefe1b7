"""The model as MLflow serves it: a table with a column `text` in, a column `prediction` of JSON out.

MLflow keeps this file beside the bundle and runs it when the model is loaded: code, no pickle. `text` is a
clinical text, or an episode as one line of a file of coded documents (docs/data-formats.md). `prediction` is
a line of a predictions file; for a text that cannot be coded `{"id": …, "error": …}`, without the text.
Needs this program installed where it runs.
"""

import json
import os
from pathlib import Path
from typing import Any

import mlflow
from mlflow.pyfunc import PythonModel

from data.classifications import Classification, load_classification
from data.corpora.coded_documents import read_coded_line
from data.episodes import Role
from models.bundle import open_bundle
from models.coder import Coder
from models.predictions_json import prediction_json

_GIVEN = Path("the request")


class AutocoderModel(PythonModel):  # type: ignore[misc] # MLflow has no types
    def load_context(self, context: Any) -> None:
        self._coder = _open(Path(context.artifacts["bundle"]))

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def] # it reads the hints
        import pandas as pd

        found = [_code(self._coder, place, text) for place, text in enumerate(model_input["text"], start=1)]
        return pd.DataFrame({"prediction": found}, index=model_input.index)


def _open(folder: Path) -> Coder:
    return open_bundle(folder, name="bundle", version="pyfunc", classifications=_tables())


def _tables() -> dict[Role, Classification]:
    """Official tables that `autocoder import-tables` brought win over what ships."""
    folder = Path(os.environ.get("AUTOCODER_VAR_DIR") or "var") / "tables"
    return {
        Role.DIAGNOSIS: load_classification("icd10", folder),
        Role.PROCEDURE: load_classification("opcs4", folder),
    }


def _code(coder: Coder, place: int, text: object) -> str:
    try:
        line = _line(place, text)
        answer = prediction_json(coder.suggest(read_coded_line(_GIVEN, place, line).episode))
    except Exception as error:  # one text that cannot be coded must not stop the others
        answer = {"id": str(place), "error": f"row {place} cannot be coded: {type(error).__name__}"}
    return json.dumps(answer, ensure_ascii=False)


def _line(place: int, text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("text is no string")
    if text.lstrip().startswith("{"):
        return text.encode()
    return json.dumps({"id": str(place), "text": text}).encode()


mlflow.models.set_model(AutocoderModel())
