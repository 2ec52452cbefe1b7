"""Fixtures of the knowledge layer."""

import os
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def shared_codes() -> Path:
    """Reference lists that do not ship: beside the checkout, or where AUTOCODER_SHARED points."""
    beside = Path(__file__).parents[3] / ".." / "shared"
    folder = Path(os.environ.get("AUTOCODER_SHARED", beside)) / "data" / "codes"
    if not folder.is_dir():
        pytest.skip("no reference data beside the checkout; set AUTOCODER_SHARED")
    return folder


@pytest.fixture(scope="session")
def icd10_file() -> Path:
    """An official ICD-10 file in layout, with wording of our own."""
    return FIXTURES / "ICD10_Edition5_CodesAndTitlesAndMetadata_GB_fixture.txt"


@pytest.fixture(scope="session")
def opcs4_files() -> list[Path]:
    """Official OPCS-4 files in layout, with wording of our own."""
    return [FIXTURES / "OPCS_CodesAndTitles_fixture.txt", FIXTURES / "OPCS_Metadata_fixture.txt"]
