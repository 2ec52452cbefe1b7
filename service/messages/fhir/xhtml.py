"""A narrative inside XML, written down again as the string that JSON would hold."""

from html import escape

_EMPTY = frozenset({"br", "hr", "img", "col"})


class Xhtml:
    def __init__(self) -> None:
        self.depth = 0
        self._parts: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        spans = "".join(
            f' {key}="{escape(attributes[key])}"' for key in ("colspan", "rowspan") if key in attributes
        )
        self._parts.append(f"<{name}{spans}>")

    def end(self, name: str) -> None:
        self.depth -= 1
        if name not in _EMPTY:
            self._parts.append(f"</{name}>")

    def characters(self, text: str) -> None:
        self._parts.append(escape(text, quote=False))

    def written(self) -> str:
        return "".join(self._parts)
