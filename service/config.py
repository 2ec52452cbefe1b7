"""Settings, read from the environment with the prefix AUTOCODER_; insecure values are refused at start.

The table in README.md is generated from the docstrings here and tested.
"""

import os
import secrets
import tempfile
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from models.registry import default_tracking_uri
from service.errors import InsecureSettings
from service.outgoing.addresses import Allowed

_SECRET_LENGTH = 32
_DRIVERS = ("sqlite+pysqlite", "postgresql+psycopg")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="AUTOCODER_",
        extra="forbid",
        use_attribute_docstrings=True,
        frozen=True,
        hide_input_in_errors=True,  # it may hold a password
    )

    var_dir: Path = Path("var")
    """Folder of everything that running writes: database, model cache, imported tables."""

    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in var_dir. PostgreSQL: postgresql://user:password@host/name."""

    tracking_uri: str = Field(default_factory=default_tracking_uri)
    """MLflow store that holds the models."""

    model_reference: str = "autocoder@champion"
    """Registered model to serve: NAME@ALIAS or NAME/VERSION."""

    model_poll_seconds: float = Field(default=10.0, gt=0, le=3600)
    """How often the registry is asked for a new champion, or for a mended one."""

    challenger_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the suggested episodes that the registered challenger reads unseen by coders; 0: none."""

    secret_key: SecretStr = SecretStr("")
    """Signs session cookies; at least 32 characters. The demonstration makes one of its own."""

    demonstration: bool = False
    """Set by `make run` only: lets the demonstration accounts sign in, on this machine only."""

    secure_cookies: bool = True
    """Send session cookies over HTTPS only; the demonstration on 127.0.0.1 switches it off."""

    session_idle_minutes: int = Field(default=60, gt=0, le=720)
    """A session ends after this many minutes without a request."""

    max_body_bytes: int = Field(default=4 * 1024 * 1024, gt=0)
    """Larger request bodies are answered 413."""

    max_predictions_waiting: int = Field(default=16, gt=0)
    """Predictions that may wait for a processor; more are answered 429. With those being made at most 20."""

    busy_timeout_ms: int = Field(default=5000, gt=0)
    """How long a request waits for a lock in the database before it is answered 503."""

    idempotency_days: int = Field(default=7, ge=1, le=366)
    """For so many days a request with an Idempotency-Key that was used before is answered as it was then."""

    audit_share: float = Field(default=0.08, gt=0, le=1)
    """Share of episodes that is drawn for a blind second coding when they come; 0.05 to 0.10 is usual."""

    automation_error: float = Field(default=0.05, ge=0.01, le=0.2)
    """Share of automated episodes that may be wrong: a stratum opens only where blind audits show less."""

    automation_confidence: float = Field(default=0.95, ge=0.9, lt=1)
    """With which the audits have to show it."""

    outgoing_allowed: str = ""
    """Hosts and networks that codings may be sent to, as pas.trust.nhs.uk, 10.20.0.0/16; empty: none."""

    outgoing_poll_seconds: float = Field(default=1.0, gt=0, le=60)
    """How often the outbox is looked into."""

    outgoing_timeout_seconds: float = Field(default=20.0, gt=0, le=120)
    """A receiver that has not answered by then is tried again later."""

    outgoing_retry_seconds: float = Field(default=1.0, gt=0, le=60)
    """Wait after the first failed attempt; it doubles with each further one."""

    outgoing_longest_wait_seconds: float = Field(default=300.0, gt=0, le=86_400)
    """Longest wait between two attempts."""

    outgoing_attempts: int = Field(default=300, ge=1, le=10_000)
    """After so many failed attempts a message is parked until a person replays it."""

    outgoing_refusals: int = Field(default=5, ge=1, le=1000)
    """The same for a message that the receiver answered and did not take."""

    @field_validator("outgoing_allowed")
    @classmethod
    def _hosts_and_networks(cls, written: str) -> str:
        Allowed.parse(written)
        return written

    @field_validator("database_url")
    @classmethod
    def _supported(cls, url: str) -> str:
        try:
            parsed = make_url(url or "sqlite://")
            driver = f"{parsed.get_backend_name()}+{parsed.get_driver_name()}"
        except (SQLAlchemyError, ValueError):
            driver = ""
        if driver not in _DRIVERS:
            raise ValueError("must be like postgresql://user:password@host/name or sqlite:////folder/file.db")
        return url

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.var_dir.absolute() / 'autocoder.db'}"

    @property
    def tables_dir(self) -> Path:
        """Where `autocoder import-tables` puts the official tables."""
        return self.var_dir / "tables"

    @property
    def model_cache_dir(self) -> Path:
        return self.var_dir / "models"

    def checked(self, *, host: str = "127.0.0.1") -> Self:
        """These settings, made fit to serve with.

        Args:
            host: address to listen on.

        Raises:
            InsecureSettings: outside the demonstration, without a secret key of 32 characters; the
                demonstration, whose passwords everyone knows, where others or real records could be.
        """
        if self.demonstration and not _is_loopback(host):
            raise InsecureSettings(f"AUTOCODER_DEMONSTRATION is for this machine only, not for --host {host}")
        if self.demonstration and make_url(self.database).get_backend_name() != "sqlite":
            raise InsecureSettings("AUTOCODER_DEMONSTRATION works with SQLite only: its passwords are known")
        if len(self.secret_key.get_secret_value()) >= _SECRET_LENGTH:
            return self
        if not self.demonstration:
            raise InsecureSettings("AUTOCODER_SECRET_KEY must be set to 32 or more random characters")
        return self.model_copy(update={"secret_key": SecretStr(_own_secret(self.var_dir / "secret.key"))})


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _own_secret(path: Path) -> str:
    """Kept for the next start; whole or not there at all, and made anew where it is damaged."""
    kept = path.read_text(errors="replace") if path.exists() else ""
    if len(kept) >= _SECRET_LENGTH:
        return kept
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, written = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # for its owner's eyes only
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    Path(written).replace(path)
    return path.read_text()
