"""Which code a tumour without a site has, by the site that its document names elsewhere."""

import re
from dataclasses import dataclass
from pathlib import Path

from data.curated import Row, read_rows

TUMOUR_SITES_FILE = Path(__file__).parent / "tumour_sites.tsv"
_CODE = re.compile(r"[CD]\d{3}")
_SITE = re.compile(r"[ZO]\d{2,3}")


@dataclass(frozen=True, slots=True)
class TumourSite:
    general: str
    """A stored code of no stated site."""
    sites: tuple[str, ...]
    """Beginnings of OPCS-4 site codes."""
    becomes: str


def read_tumour_sites(path: Path = TUMOUR_SITES_FILE) -> tuple[TumourSite, ...]:
    """
    Raises:
        CuratedFileError: a line is wrong.
    """
    rows = read_rows(path, ("general", "sites", "becomes", "note"))
    return tuple(site for row in rows for site in _tumour_sites(row))


def _tumour_sites(row: Row) -> list[TumourSite]:
    general, becomes = row.required("general").split("|"), row.required("becomes").split("|")
    sites = tuple(row.required("sites").split("|"))
    if len(general) != len(becomes):
        raise row.problem("becomes", f"has {len(becomes)} codes for {len(general)} general ones")
    for field, codes, pattern in (
        ("general", general, _CODE),
        ("becomes", becomes, _CODE),
        ("sites", sites, _SITE),
    ):
        wrong = next((code for code in codes if not pattern.fullmatch(code)), None)
        if wrong is not None:
            raise row.problem(field, f"{wrong!r} is no such code")
    return [TumourSite(one, sites, other) for one, other in zip(general, becomes, strict=True)]
