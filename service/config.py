"""Settings, read from the environment with the prefix AUTOCODER_; insecure values are refused at start.

The table in README.md is generated from the docstrings here and tested.
"""

import secrets
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.registry import default_tracking_uri
from service.errors import InsecureSettings


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="AUTOCODER_", extra="forbid", use_attribute_docstrings=True, frozen=True
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

    secret_key: SecretStr = SecretStr("")
    """Signs session cookies; at least 32 characters. The demonstration makes one of its own."""

    demonstration: bool = False
    """Set by `make run` only: allows the demonstration accounts to sign in."""

    secure_cookies: bool = True
    """Send session cookies over HTTPS only; the demonstration on 127.0.0.1 switches it off."""

    session_idle_minutes: int = Field(default=60, gt=0, le=720)
    """A session ends after this many minutes without a request."""

    max_body_bytes: int = Field(default=4 * 1024 * 1024, gt=0)
    """Larger request bodies are answered 413."""

    max_predictions_waiting: int = Field(default=32, gt=0)
    """Predictions that may wait for a processor; more are answered 429."""

    busy_timeout_ms: int = Field(default=5000, gt=0)
    """How long a request waits for a lock in the database before it is answered 503."""

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

    def checked(self) -> Self:
        """These settings, made fit to serve with.

        Raises:
            InsecureSettings: outside the demonstration, without a secret key of 32 characters.
        """
        if len(self.secret_key.get_secret_value()) >= 32:
            return self
        if not self.demonstration:
            raise InsecureSettings("AUTOCODER_SECRET_KEY must be set to 32 or more random characters")
        return self.model_copy(update={"secret_key": SecretStr(_own_secret(self.var_dir / "secret.key"))})


def _own_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()
