"""Which standards are in force: stands on every suggestion and decision."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StandardsVersion:
    """Edition and digest of the coding standards in force; `none` where a classification has no standards."""

    edition: str = "none"
    digest: str = ""
    policy: str = ""
    """Digest of the provider's own policy; empty where it has none."""
