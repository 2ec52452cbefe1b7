"""The standards that are in force for a provider: what ships, with its own policy on top."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.classifications import Classification
from data.episodes import Role
from data.standards import StandardsEdition, load_standards, with_policy
from models.codes import CodeTable, code_table
from models.standards import StandardsEngine
from service.standards.tables import StandardsPolicyRow

_MOST_HELD = 50
"""Policies whose engine is kept ready."""
_NEWEST = (
    select(StandardsPolicyRow)
    .where(StandardsPolicyRow.provider_id == bindparam("provider"))
    .order_by(StandardsPolicyRow.number.desc())
    .limit(1)
)
_NEWEST_TEXT = _NEWEST.with_only_columns(StandardsPolicyRow.text)


@dataclass(frozen=True, slots=True)
class InForce:
    edition: StandardsEdition
    engine: StandardsEngine

    @property
    def version(self) -> dict[str, str]:
        """As it stands on suggestions and decisions."""
        written = {"edition": self.edition.name, "digest": self.edition.digest}
        return {**written, "policy": self.edition.policy} if self.edition.policy else written


class StandardsBook:
    """Safe to share between threads; what it holds is made when it is first asked for."""

    def __init__(self, classifications: Mapping[Role, Classification]) -> None:
        self._classifications = classifications
        self._held: dict[str, InForce] = {}
        self._lock = threading.Lock()

    @cached_property
    def _codes(self) -> dict[Role, CodeTable]:
        return {role: code_table(table) for role, table in self._classifications.items()}

    def of(self, session: Session, provider_id: str) -> InForce:
        """What is in force for the provider now."""
        return self.with_text(session.scalar(_NEWEST_TEXT, {"provider": provider_id}) or "")

    def with_text(self, policy: str) -> InForce:
        """
        Raises:
            CuratedFileError: the policy is not right.
        """
        with self._lock:
            held = self._held.get(policy)
            if held is None:
                edition = with_policy(load_standards(), policy) if policy else load_standards()
                held = InForce(edition, StandardsEngine(edition, self._codes))
                if len(self._held) >= _MOST_HELD:
                    self._held.pop(next(iter(self._held)))
                self._held[policy] = held
            return held


def newest_policy_text(provider: ColumnElement[str] | InstrumentedAttribute[str]) -> ScalarSelect[str]:
    """The text of the policy of a provider, for a statement that reads more of it."""
    text = select(StandardsPolicyRow.text).where(StandardsPolicyRow.provider_id == provider)
    return text.order_by(StandardsPolicyRow.number.desc()).limit(1).scalar_subquery()


def newest_policy(session: Session, provider_id: str) -> StandardsPolicyRow | None:
    return session.scalar(_NEWEST, {"provider": provider_id})
