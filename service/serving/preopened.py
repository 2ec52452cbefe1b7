"""The model that was opened before the workers were forked, so that they share the memory it takes."""

from models.coder import Coder
from models.registry import RegisteredModel

_held: list[Coder] = []


def keep(coder: Coder) -> None:
    """In the process that workers are forked from; it replaces what was kept before."""
    _held[:] = [coder]


def find(model: RegisteredModel) -> Coder | None:
    """What was opened already, where it is this very version, with the digest that training recorded."""
    wanted = (model.name, str(model.version), model.tags.get("model_digest"))
    for coder in _held:
        if (coder.version.name, coder.version.version, coder.version.digest) == wanted:
            return coder
    return None
