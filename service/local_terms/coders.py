"""The model as each provider has it: with its own terms and cues on top, made anew when these change."""

import threading
from typing import NamedTuple

from sqlalchemy import select

from data.terms import LocalTerms
from models.coder import Coder
from service.db import Database
from service.deps import CodeTables
from service.local_terms.store import knowledge
from service.tables import Provider

_DIGEST = select(Provider.local_terms_digest)
_MOST_HELD = 50
"""Providers whose coder is kept ready."""


class _Held(NamedTuple):
    model: str
    """Digest of the model, and of the provider's terms."""
    terms: str
    coder: Coder


class LocalCoders:
    """Safe to share between threads."""

    def __init__(self, db: Database, tables: CodeTables) -> None:
        self._db = db
        self._tables = tables
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def coder(self, base: Coder, provider_id: str) -> Coder:
        """The model with the terms that the provider has now; the model itself where it has none."""
        with self._db.read() as session:
            digest = session.scalar(_DIGEST.where(Provider.id == provider_id))
            if not digest:
                return base
            held = self._held.get(provider_id)
            if held is not None and (held.model, held.terms) == (base.version.digest, digest):
                return held.coder
            terms = knowledge(session, provider_id, self._tables)
        return self._hold(provider_id, digest, base, terms)

    def _hold(self, provider_id: str, digest: str, base: Coder, terms: LocalTerms) -> Coder:
        coder = base.with_local(terms)
        with self._lock:
            if len(self._held) >= _MOST_HELD:
                self._held.pop(next(iter(self._held)))
            self._held[provider_id] = _Held(base.version.digest, digest, coder)
        return coder
