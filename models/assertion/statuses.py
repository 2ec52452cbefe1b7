"""Looks up what becomes of a code that lies in the past or is a relative's (data/language/statuses.tsv)."""

from collections.abc import Iterable

from data.language import Assertion, Status, StatusWhen


class StatusTable:
    def __init__(self, statuses: Iterable[Status]) -> None:
        self._by_category: dict[tuple[Assertion, str], Status] = {}
        for status in sorted(statuses, key=lambda status: -status.width):
            for category in status.categories():
                self._by_category[status.assertion, category] = status

    def passes(self, code: str) -> StatusWhen | None:
        """When a condition is history: None for those that stay."""
        status = self._by_category.get((Assertion.HISTORY, code[:3]))
        return status.when if status else None

    def instead_of(self, code: str, assertion: Assertion) -> str | None:
        """The diagnosis code that stands for `code` under an assertion."""
        status = self._by_category.get((assertion, code[:3]))
        return status.status if status else None
