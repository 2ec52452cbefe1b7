"""Where a page of the worklist ends, as one opaque word: the values that it is ordered by."""

import base64
import binascii
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.errors import Unprocessable

PATTERN = r"^[A-Za-z0-9_=-]*$"
MAX_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Place:
    """Of one episode in the order."""

    values: Sequence[Any]
    """Its key where the order has one (a number), and its due date."""
    episode_id: str

    def cursor(self) -> str:
        *keys, due = self.values
        words = [*(repr(float(key)) for key in keys), due.isoformat(), self.episode_id]
        return base64.urlsafe_b64encode(" ".join(words).encode()).decode()


def read_place(cursor: str, *, keyed: bool) -> tuple[Any, ...]:
    """
    Raises:
        Unprocessable: this service gave no such cursor for this order.
    """
    try:
        *keys, due, episode_id = base64.urlsafe_b64decode(cursor).decode("ascii").split(" ")
        place = (*map(float, keys), date.fromisoformat(due), str(uuid.UUID(episode_id)))
    except (binascii.Error, ValueError):
        place = ()
    numbers = [value for value in place if isinstance(value, float)]
    if len(place) != 2 + keyed or not all(map(math.isfinite, numbers)):
        raise Unprocessable("the cursor is not one that this service gave")
    return place
