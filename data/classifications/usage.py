"""How often England used each code in 2023-24."""

from pathlib import Path

from data.curated import read_rows

TABLES_FOLDER = Path(__file__).parent / "tables"


def read_usage(classification_name: str) -> dict[str, int]:
    """Count by code in stored form, from `tables/*_usage.tsv`."""
    path = TABLES_FOLDER / f"{classification_name}_usage.tsv"
    return {row["code"]: row.count("count") for row in read_rows(path, ("code", "count"))}
