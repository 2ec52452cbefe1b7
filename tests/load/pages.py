"""Writes what was measured into a page, between `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""

from pathlib import Path


def write_part(page: Path, name: str, content: str) -> None:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{page} has no part {name}")
    page.write_text(f"{before}{begin}\n\n{content}\n\n{end}{after}", encoding="utf-8")
