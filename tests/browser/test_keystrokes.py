"""Keys that fixed episodes take, driven as `tests/load/keystrokes.py` does it; the whole is a bench."""

from typing import Any

import pytest

from tests.browser.conftest import SignIn, Site
from tests.browser.test_coding import new_episode
from tests.load.ideal_coder import IdealCoder, Wanted


@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        (Wanted(("J440", "E119", "I10X", "Z864"), ("G459",)), 5),
        (Wanted(("I10X", "J440", "E114"), ()), 9),
        (Wanted(("J440", "E119", "Z602"), ("G459",)), 13),
        (Wanted(("R05X", "J440"), ("W371", "Z942")), 9 + 20),
    ],
)
def test_an_episode_takes_few_keys(sign_in: SignIn, site: Site, wanted: Wanted, most: int) -> None:
    episode: Any = new_episode(site)
    page = sign_in()
    coder = IdealCoder(page, wanted)
    assert coder.code(f"/episodes/{episode['id']}")
    path = f"/v1/episodes/{episode['id']}"
    wanted.check(site.stage.client.get(path, headers=site.stage.headers()).json())
    assert coder.pressed <= most, coder.log
