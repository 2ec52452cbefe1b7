from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _no_tables_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Figures rest on the tables that ship, whatever has been imported into the working directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOCODER_VAR_DIR", str(tmp_path_factory.getbasetemp() / "no tables"))
        yield
