"""Messages with something cut, copied, turned round or put in, as bytes and as parts of a tree."""

import copy
import json
import random
from typing import Any

NOISE = (
    b'\x00 \xff | ^ ~ \\ & \r "" \\XFF\\ 9999 PV1| \xc3\x28 < > { } [ ] , : <!DOCTYPE &x; <a> \\ud800'.split(
        b" "
    )
)
VALUES: tuple[Any, ...] = (
    None, "", " ", 0, -1, 1e300, True, [], {}, [[]], "\x00", "\ud800", "x" * 300, {"reference": "#"},
    {"reference": "Patient/p"}, {"coding": [None, {"code": {}}]}, {"resourceType": "Bundle"}, "urn:uuid:",
    "9999-12-31", {"value": []}, {"div": "<table><td>"}, {"extension": [{"url": []}]},
)  # fmt: skip
"""What stands somewhere else in a FHIR body, or nowhere."""


def mutated_bytes(sent: bytes, dice: random.Random) -> bytes:
    """One to four cuts, copies or insertions."""
    for _ in range(dice.randint(1, 4)):
        start, end = sorted((dice.randrange(len(sent) + 1), dice.randrange(len(sent) + 1)))
        what = dice.choice(("insert", "cut", "copy", "swap"))
        middle = {"insert": dice.choice(NOISE) + sent[start:end], "cut": b"", "copy": sent[start:end] * 2}
        sent = sent[:start] + middle.get(what, bytes(reversed(sent[start:end]))) + sent[end:]
    return sent


def mutated_tree(seed: dict[str, Any], dice: random.Random) -> bytes:
    """One to four parts taken out, doubled, or put in the place of others; JSON still."""
    tree = copy.deepcopy(seed)
    for _ in range(dice.randint(1, 4)):
        places = list(_places(tree))
        holder, key = dice.choice(places)
        what = dice.choice(("remove", "replace", "repeat", "move"))
        if what == "remove":
            del holder[key]
        elif what == "repeat" and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif what == "move":
            other, place = dice.choice(places)
            holder[key] = copy.deepcopy(other[place])
        else:
            holder[key] = copy.deepcopy(dice.choice(VALUES))
        if not tree:
            break
    return json.dumps(tree).encode()


def _places(tree: Any) -> Any:
    """Every place of a tree, as its holder and its key."""
    found = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, inner in list(found):
        yield tree, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
