"""A document's text cut into pieces: nothing lost, nothing doubled, every mark where it belongs."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from service.workbench.marks import Mark, MarkKind, exact, pieces

TEXTS = st.text(alphabet="ab \n\r\t<>&\"'é😀\u0301", max_size=40)
SPANS = st.lists(st.tuples(st.integers(-2, 42), st.integers(-2, 42), st.sampled_from(MarkKind)), max_size=6)


def marks_of(spans: list[tuple[int, int, MarkKind]]) -> list[Mark]:
    return [
        Mark(start, end, kind, f"line{number}", f"label{number}", f"anchor{number}")
        for number, (start, end, kind) in enumerate(spans)
    ]


@given(TEXTS, SPANS)
def test_pieces_are_the_text_and_each_mark_covers_its_own_words(
    text: str, spans: list[tuple[int, int, MarkKind]]
) -> None:
    marks = marks_of(spans)
    cut = list(pieces(text, marks))
    assert "".join(piece.text for piece in cut) == text
    for mark in marks:
        inside = 0 <= mark.start < mark.end <= len(text)
        covered = "".join(piece.text for piece in cut if mark in piece.marks)
        assert covered == (text[mark.start : mark.end] if inside else "")
        assert sum(mark.anchor in piece.anchors for piece in cut) == inside


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read = ""
        self.tags: list[str] = []

    def handle_data(self, data: str) -> None:
        self.read += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


@given(TEXTS)
def test_browser_reads_exactly_what_was_sent(text: str) -> None:
    markup = str(exact(text))
    assert "\r" not in markup  # a parser of HTML would make a newline of it
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert reader.read == text
    assert reader.tags == []


def test_what_stands_gives_a_shared_piece_its_look() -> None:
    shared = [Mark(0, 4, MarkKind.SUGGESTED, "b", "B", "b0"), Mark(2, 6, MarkKind.STANDING, "a", "A", "a0")]
    assert [(p.text, p.kind, p.line_ids) for p in pieces("abcdef", shared)] == [
        ("ab", MarkKind.SUGGESTED, "b"),
        ("cd", MarkKind.STANDING, "b a"),
        ("ef", MarkKind.STANDING, "a"),
    ]
