"""Who changed what serves, when and why: tags on the version, and the line of champions before it.

`champion_history` of a name holds the versions that were champion, the last one last, as `1 3`: a rollback
walks back along it.
"""

import getpass
from collections.abc import Sequence
from datetime import datetime

from models.registry import Registry

_HISTORY = "champion_history"
_LONGEST = 100
"""Champions that are remembered."""


def change_tags(alias: str, why: str, at: datetime) -> dict[str, str]:
    """As tags of the version that an alias went to or left."""
    return {
        f"{alias}.by": operator_name(),
        f"{alias}.at": at.isoformat(timespec="seconds"),
        f"{alias}.why": why,
    }


def operator_name() -> str:
    """The account that runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return "unknown"


def former_champions(registry: Registry, name: str) -> tuple[int, ...]:
    """The last one last."""
    written = registry.tags_of_name(name).get(_HISTORY, "")
    return tuple(int(part) for part in written.split() if part.isdigit())


def keep_former_champions(registry: Registry, name: str, versions: Sequence[int]) -> None:
    registry.tag_name(name, _HISTORY, " ".join(map(str, versions[-_LONGEST:])))
