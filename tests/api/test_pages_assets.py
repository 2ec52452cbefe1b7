"""What browsers load: pinned, paired, and from this service only."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from service.workbench import assets
from service.workbench.static_files import FOLDER

PAIRED = {"0.10.2": "10.6.1"}
"""nhsuk-frontend-jinja and the nhsuk-frontend whose markup it writes (its README's table)."""


def locked() -> dict[str, dict[str, str]]:
    lock = json.loads((assets.FRONTEND / "package-lock.json").read_text())
    return {name.removeprefix("node_modules/"): package for name, package in lock["packages"].items() if name}


def test_markup_and_styles_are_versions_that_belong_together() -> None:
    assert locked()["nhsuk-frontend"]["version"] == PAIRED[version("nhsuk-frontend-jinja")]


def test_lock_pins_exactly_what_the_package_asks_for_and_names_no_download_address() -> None:
    wanted = json.loads((assets.FRONTEND / "package.json").read_text())["dependencies"]
    assert {name: package["version"] for name, package in locked().items()} == wanted
    assert all("integrity" in package and "resolved" not in package for package in locked().values())


def test_style_sheets_load_nothing_from_outside() -> None:
    for path in (FOLDER / "vendor" / "nhsuk-frontend.min.css", FOLDER / "workbench.css"):
        css = path.read_text()
        assert "@font-face" not in css
        for address in assets.loaded_addresses(css):
            assert not re.match(r"(?:https?:)?//", address)
            assert address.startswith("data:") or (path.parent / address).is_file()


def test_scripts_are_free_of_eval_and_source_maps() -> None:
    for path in FOLDER.rglob("*.js"):
        assert "sourceMappingURL" not in path.read_text()
    assert "eval(" not in (FOLDER / "workbench.js").read_text()


def test_unknown_address_in_the_style_sheet_is_refused() -> None:
    with pytest.raises(assets.AssetError, match=r"evil\.example"):
        assets.own_style(".a{background:url(https://evil.example/x.png)}")
    assert assets.own_style(
        "@font-face{src:url(https://assets.nhs.uk/f.woff)}.a{background:url(/assets/i.svg)}"
    ) == (".a{background:url(assets/i.svg)}")


def test_second_copy_finds_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / "stamp.sha256").write_text(assets._digest())
    assert not assets.copy_assets(tmp_path)
