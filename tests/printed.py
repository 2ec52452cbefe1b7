"""Numbers that a test prints after the run, also where pytest-xdist keeps what workers write."""

from collections.abc import Callable

import pytest

_NAME = "printed"

Say = Callable[[str], None]


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Say:
    """Prints the text at the end of the run."""

    def keep(text: str) -> None:
        record_property(_NAME, text)

    return keep


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for found in terminalreporter.stats.values() for report in found]
    for report in reports:
        texts = [text for name, text in getattr(report, "user_properties", ()) if name == _NAME]
        if texts and report.when == "call":
            terminalreporter.section(report.nodeid.split("::")[-1], sep="-")
            terminalreporter.write_line("\n".join(map(str, texts)))
