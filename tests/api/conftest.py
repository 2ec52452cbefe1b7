"""Which tests of this suite run on PostgreSQL too."""

import os

import pytest

_ON_ONE_DATABASE = (
    "test_pages_",
    "test_stored_xss",
    "test_session_timeout",
    "test_hostile_bodies",
    "test_suggestions",
    "test_documents_as_files",
    "test_extracts",
    "test_outgoing_http",
    "test_real_messages",
    "test_client",
    "test_roles",
    "test_fhir",
)
"""What asks little of the database that other tests do not ask of both: pages, who may do what, bodies that
are refused, texts and files taken apart, formats that are written. `make bench` runs all on both."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("AUTOCODER_EVERY_DATABASE") == "1":
        return
    left_out = [item for item in items if _is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _is_left_out(item: pytest.Item) -> bool:
    return item.path.name.startswith(_ON_ONE_DATABASE) and item.get_closest_marker("postgres") is not None
