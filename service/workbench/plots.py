"""Plots as SVG inside the page, by pygal: shapes told apart by pattern and dash as well as by colour.

pygal writes its own style sheet, script and style attributes, which the content security policy forbids. Only
its shapes are kept; how they look stands in static/progress.css and in attributes of SVG.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

SVG = "{http://www.w3.org/2000/svg}"
WIDTH, HEIGHT = 640, 280
_FILLS = ("#005eb8", "url(#plot-dots)", "url(#plot-hatch)", "#d8dde0", "#212b32")
"""In print and in grey: dark, dotted, hatched, light, black. The patterns stand in the page."""
_STROKES = (("#005eb8", ""), ("#212b32", "7 4"))
_DROPPED = frozenset(SVG + name for name in ("style", "script", "desc", "title"))


@dataclass(frozen=True, slots=True)
class Series:
    label: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Plot:
    """Numbers by category, with the plot of them."""

    title: str
    across: str
    """What the categories are."""
    categories: Sequence[str]
    series: Sequence[Series]
    svg: Markup

    @property
    def is_empty(self) -> bool:
        return not any(any(one.values) for one in self.series)

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """The table of the same numbers."""
        columns = [one.values for one in self.series]
        return [(name, [column[n] for column in columns]) for n, name in enumerate(self.categories)]


def stacked(title: str, across: str, categories: Sequence[str], series: Sequence[Series]) -> Plot:
    """Bars, each series on top of the one before."""
    most = max((sum(values) for values in zip(*(one.values for one in series), strict=True)), default=0)
    return _plot(_pygal().StackedBar, (title, across), categories, series, most)


def lines(title: str, across: str, categories: Sequence[str], series: Sequence[Series]) -> Plot:
    return _plot(_pygal().Line, (title, across), categories, series, max(max(one.values) for one in series))


def _pygal() -> Any:  # it has no types
    """The library, without the hook for its maps that every later import of the process would go through."""
    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]
    return pygal


def _plot(
    kind: Callable[..., Any],  # a chart class of pygal, which has no types
    words: tuple[str, str],
    categories: Sequence[str],
    series: Sequence[Series],
    most: int,
) -> Plot:
    every = 1 if len(categories) <= 8 else 5
    told = list(categories)[every - 1 :: every]  # the last one is among them
    chart = kind(
        width=WIDTH, height=HEIGHT, margin=8, spacing=6, css=(), js=(), no_prefix=True,
        legend_at_bottom=True, legend_at_bottom_columns=len(series), legend_box_size=14,
        y_labels=_ticks(most), value_formatter=lambda value: f"{value:.0f}",
        x_labels_major=told, show_minor_x_labels=False, truncate_label=-1, truncate_legend=-1,
        dots_size=2,
    )  # fmt: skip
    chart.x_labels = list(categories)
    for one in series:
        chart.add(one.label, list(one.values))
    return Plot(*words, categories, series, _plain(chart.render()))


def _ticks(most: int) -> list[int]:
    """Whole numbers from 0 to at least `most`, about four steps."""
    step = next(unit * 10**power for power in range(9) for unit in (1, 2, 5) if unit * 10**power * 4 >= most)
    return list(range(0, max(most, 1) + step, step))


def _plain(svg: bytes) -> Markup:
    """The shapes of a chart, for the inside of a page; its words are in the page beside it."""
    root = ElementTree.fromstring(svg)  # noqa: S314 (pygal's own output)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in _DROPPED or "tooltip-overlay" in child.get("class", "").split():
                parent.remove(child)
    for element in root.iter():
        for name in ("style", "id"):
            element.attrib.pop(name, None)
    _look(root)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    ElementTree.register_namespace("", SVG[1:-1])
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 (escaped by ElementTree)


def _look(root: ElementTree.Element) -> None:
    is_line = root.find(f".//{SVG}g[@class='graph line-graph vertical']") is not None
    for group in root.iter(SVG + "g"):
        number = _number(group.get("class", ""), "serie-")
        if number is not None:
            for shape in group.iter():
                _paint(shape, number, is_line=is_line)
    for box in root.iter(SVG + "rect"):
        number = _number(box.get("class", ""), "color-")
        if number is not None and is_line:
            _key(box, number)
        elif number is not None:
            box.set("fill", _FILLS[number])


def _paint(shape: ElementTree.Element, number: int, *, is_line: bool) -> None:
    if shape.tag == SVG + "rect":
        shape.set("fill", _FILLS[number])
    if is_line and shape.tag == SVG + "path":
        stroke, dashes = _STROKES[number]
        shape.attrib.update({"stroke": stroke, "fill": "none", "stroke-width": "2.5"})
        shape.set("stroke-dasharray", dashes)
    if shape.tag == SVG + "circle":
        shape.set("fill", _STROKES[number][0])


def _key(box: ElementTree.Element, number: int) -> None:
    """A short piece of the line, instead of a box that would not show its dashes."""
    middle = float(box.get("y", 0)) + float(box.get("height", 0)) / 2
    left = float(box.get("x", 0)) - 10
    box.tag = SVG + "path"
    box.attrib = {"d": f"M{left} {middle} h26", "class": "line"}
    _paint(box, number, is_line=True)


def _number(classes: str, prefix: str) -> int | None:
    found = [name.removeprefix(prefix) for name in classes.split() if name.startswith(prefix)]
    return int(found[0]) if found and found[0].isdigit() else None
