"""NHS treatment function codes: under which specialised service a patient is treated."""

from pathlib import Path

from data.curated import read_rows

_TABLE = Path(__file__).parent / "treatment_functions.tsv"


def read_treatment_functions(path: Path = _TABLE) -> dict[str, str]:
    """Name by code. The common ones; a code that is missing here may still be right."""
    functions: dict[str, str] = {}
    for row in read_rows(path, ("code", "name")):
        if row["code"] in functions:
            raise row.problem("code", f"{row['code']} stands already")
        functions[row.required("code")] = row.required("name")
    return functions
