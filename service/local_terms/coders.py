"""The model as each provider has it: with its own terms and cues on top, made anew when these change."""

import threading
from typing import NamedTuple

from sqlalchemy import bindparam, select

from models.coder import Coder
from service.db import Database
from service.deps import CodeTables
from service.local_terms.store import knowledge
from service.standards.book import newest_policy_text
from service.tables import Provider

_OF_PROVIDER = select(Provider.local_terms_digest, newest_policy_text(Provider.id)).where(
    Provider.id == bindparam("provider")
)
"""Its terms and its policy in one statement, put together once: it is asked for with every text."""
_MOST_HELD = 50
"""Providers whose coder is kept ready."""


class _Held(NamedTuple):
    model: str
    """Digest of the model, and of the provider's terms."""
    terms: str
    policy: str
    """Digest of the provider's own policy on the standards."""
    coder: Coder


class LocalCoders:
    """Safe to share between threads."""

    def __init__(self, db: Database, tables: CodeTables) -> None:
        self._db = db
        self._tables = tables
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def coder(self, base: Coder, provider_id: str) -> Coder:
        """The model with the terms and the policy that the provider has now; as it is where it has none."""
        with self._db.read() as session:
            row = session.execute(_OF_PROVIDER, {"provider": provider_id}).first()
            digest, text = row or ("", "")
            in_force = self._tables.standards.with_text(text or "")
            policy = in_force.edition.policy
            if not digest and not policy:
                return base
            held = self._held.get(provider_id)
            if held is not None and held[:3] == (base.version.digest, digest, policy):
                return held.coder
            terms = knowledge(session, provider_id, self._tables)
        coder = base.with_local(terms) if digest else base
        coder = coder.with_standards(in_force.edition) if policy else coder
        return self._hold(provider_id, _Held(base.version.digest, digest, policy, coder))

    def _hold(self, provider_id: str, held: _Held) -> Coder:
        with self._lock:
            if len(self._held) >= _MOST_HELD:
                self._held.pop(next(iter(self._held)))
            self._held[provider_id] = held
        return held.coder
