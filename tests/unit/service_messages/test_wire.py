"""Bytes to segments: character sets, escapes, broken lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.messages.errors import Unreadable
from service.messages.hl7v2 import header_of, read_message
from service.messages.hl7v2.wire import Separators
from tests.hl7_messages import adt, mdm, pid, pv1


def test_fields_are_counted_as_the_standard_counts_them() -> None:
    message = read_message(adt("A01", "M1", pid(), pv1()))
    assert (message.header.code, message.header.trigger, message.header.control_id) == ("ADT", "A01", "M1")
    visit = message.first("PV1")
    assert visit is not None
    assert visit.value(19) == "V1"
    assert visit.value(3, 4) == "RXX01"
    assert visit.value(99) == ""


def test_segments_that_nobody_knows_are_kept() -> None:
    message = read_message(adt("A01", "M1", pid(), "ZU1|201010071234|1|C"))
    found = message.first("ZU1")
    assert found is not None
    assert found.value(1) == "201010071234"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"pneumonia\.br\follow up", "pneumonia\nfollow up"),
        (r"x10\S\9/L", "x10^9/L"),
        (r"A\T\E \F\ \R\ \E\ ", "A&E | ~ \\ "),
        (r"\H\bold\N\ ", "bold "),
        (r"caf\XE9\ ", "café "),
        (r"two\.sp2\lines", "two\n\nlines"),
        (r"not \Zown\ known", r"not \Zown\ known"),
        ("one \\ alone", "one \\ alone"),
    ],
)
def test_escapes_become_what_they_stand_for_and_no_word_is_lost(written: str, meant: str) -> None:
    assert Separators().unescape(written) == meant


@pytest.mark.parametrize("ends", [b"\r", b"\n", b"\r\n"])
def test_any_line_end_ends_a_segment(ends: bytes) -> None:
    message = read_message(adt("A01", "M1", pid(), pv1()).replace(b"\r", ends))
    assert [segment.name for segment in message.segments] == ["MSH", "EVN", "PID", "PV1"]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("", "utf-8"),
        ("", "cp1252"),
        ("8859/1", "cp1252"),
        ("UNICODE UTF-16", "utf-16"),
    ],
)
def test_characters_are_read_by_the_set_that_is_named(charset: str, encoding: str) -> None:
    text = adt("A01", "M1", pid().replace("HOLLOWAY", "Siân–Gwên")).decode()
    sent = text.replace("UNICODE UTF-8", charset).replace("ê", "e").encode(encoding)
    found = read_message(sent).first("PID")
    assert found is not None
    assert found.value(5) == "Siân–Gwen"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "line 1: a message begins with MSH"),
        (b"MSH|^\n~\\&|ACME", "line 1: a message begins with MSH"),
        (b"MSH|||||||||||", "five different separators"),
        (adt("A01", "M1", pid(), "and his words went on"), "line 4: it does not begin with the name"),
        (adt("A01", ""), "MSH-10"),
        (adt("A01", "M1", "PID|\x00"), "NUL"),
        (adt("A01", "M1").replace(b"UNICODE UTF-8", b"KOI8"), "MSH-18"),
        (adt("A01", "M1", "PID|") + b"\xff\xfe\xfa", "is not utf-8"),
    ],
)
def test_what_cannot_be_read_says_where_and_never_what(sent: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_message(sent)
    assert reason in str(caught.value)
    assert "words" not in str(caught.value)


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 400))
def test_no_bytes_raise_anything_else(noise: bytes, start: int, end: int) -> None:
    whole = mdm("M1", "Community acquired pneumonia")
    for sent in (noise, whole[:start] + noise + whole[end:]):
        header_of(sent)
        try:
            read_message(sent)
        except Unreadable:
            continue
