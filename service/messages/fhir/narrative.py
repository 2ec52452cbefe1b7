"""HTML as the lines a person reads: what is stored as the text of a document, and what offsets count in.

A row of a table with a heading is a line `heading: cell`; an item of a list has a bullet; a heading stands
alone on its line. Space is folded as a browser folds it, except in `pre`.
"""

import re
from html.parser import HTMLParser

from service.messages.fhir.tabular import Cell, table_lines

_SKIPPED = frozenset({"script", "style", "head", "title", "template"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "caption"})
_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "body", "dd", "div", "dl", "dt", "fieldset", "figure", "footer",
        "form", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "ul", "content",
        "paragraph",
    }
)  # fmt: skip
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_MOST_TABLES = 50
"""Tables within tables; deeper ones are read as plain text."""
_BULLET = "- "


def html_text(html: str) -> str:
    """The words of HTML, also of HTML that is not well-formed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Table:
    def __init__(self) -> None:
        self.rows: list[list[Cell]] = []
        self.open_cell: str = ""
        """Name of the cell that is being read; empty between cells."""


class _Box:
    """Lines that are being written: of the page, or of a cell."""

    def __init__(self) -> None:
        self.lines: list[str] = [""]

    def add(self, text: str, *, folded: bool) -> None:
        if not folded:
            first, *rest = text.split("\n")
            self.lines[-1] += first
            self.lines.extend(rest)
            return
        text = _SPACE.sub(" ", text)
        if not self.lines[-1] or self.lines[-1].endswith((" ", _BULLET)):
            text = text.lstrip(" ")
        self.lines[-1] += text

    def new_line(self) -> None:
        if self.lines[-1].strip() and self.lines[-1] != _BULLET:
            self.lines.append("")

    def blank_line(self) -> None:
        self.new_line()
        if len(self.lines) > 1 and self.lines[-2]:
            self.lines.append("")

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines).strip("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._boxes = [_Box()]
        self._tables: list[_Table] = []
        self._skipping = self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag in ("table", "tr", "td", "th"):
            self._start_of_table(tag)
        else:
            self._start_of_block(tag)

    def _start_of_block(self, tag: str) -> None:
        box = self._boxes[-1]
        if tag == "br":
            box.lines.append("")
        elif tag in _HEADINGS:
            box.blank_line()
        elif tag in _BLOCKS:
            box.new_line()
        if tag == "li" and box.lines[-1] != _BULLET:
            box.add(_BULLET, folded=False)
        self._pre += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in ("table", "tr", "td", "th"):
            self._end_of_table(tag)
        elif tag in _BLOCKS or tag in _HEADINGS:
            self._boxes[-1].new_line()
            self._pre = max(0, self._pre - (tag == "pre"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ("br", "hr", "li"):
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._boxes[-1].add(data, folded=not self._pre)

    def _start_of_table(self, tag: str) -> None:
        if tag == "table":
            if len(self._tables) < _MOST_TABLES:
                self._boxes[-1].new_line()
                self._tables.append(_Table())
            return
        if not self._tables:
            self._boxes[-1].new_line()
            return
        self._close_cell()
        table = self._tables[-1]
        if tag == "tr" or not table.rows:
            table.rows.append([])
        if tag != "tr":
            table.open_cell = tag
            self._boxes.append(_Box())

    def _end_of_table(self, tag: str) -> None:
        if not self._tables:
            return
        self._close_cell()
        if tag == "table":
            box = self._boxes[-1]
            box.new_line()
            for line in table_lines(self._tables.pop().rows):
                box.lines[-1] = line
                box.lines.append("")

    def _close_cell(self) -> None:
        table = self._tables[-1]
        if table.open_cell:
            table.rows[-1].append(Cell(table.open_cell == "th", self._boxes.pop().text()))
            table.open_cell = ""

    def text(self) -> str:
        while self._tables:
            self._end_of_table("table")
        return re.sub(r"\n{3,}", "\n\n", self._boxes[-1].text())
