"""Text out of files, and files that are not worth the time they would take."""

import io
import zlib

import pytest
from pypdf import PdfReader, PdfWriter

from service.messages.errors import CannotExtract
from service.messages.extracting import extract_text
from tests import files


def protected(content: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.encrypt(password, owner_password="owner", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def test_the_words_of_a_pdf_and_of_an_rtf_file_are_read() -> None:
    assert extract_text(files.pdf("Diagnosis: COPD", "PMH: asthma")) == "Diagnosis: COPD\nPMH: asthma\n"
    assert extract_text(files.pdf("a", pages=2)).count("a") == 2
    assert extract_text(files.RTF) == "Diagnosis: exacerbation of COPD.\nPMH: hypertension."


def test_a_scan_has_no_words() -> None:
    assert extract_text(files.pdf()).strip() == ""


def test_a_pdf_that_opens_without_a_password_is_read_and_no_other() -> None:
    assert extract_text(protected(files.pdf("words"), "")).strip() == "words"
    with pytest.raises(CannotExtract, match="protected by a password"):
        extract_text(protected(files.pdf("words"), "secret"))


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    with pytest.raises(CannotExtract, match="more than 200 pages"):
        extract_text(files.pdf("a", pages=201))


def test_a_page_that_unpacks_to_more_than_a_page_is_refused() -> None:
    packed = zlib.compress(b"(a) Tj " * 500_000, 9)
    bomb = files.pdf_of_stream(packed, b" /Filter /FlateDecode")
    assert len(bomb) < 20_000
    with pytest.raises(CannotExtract, match="larger than a page"):
        extract_text(bomb)


def test_a_pdf_that_takes_too_long_is_refused() -> None:
    with pytest.raises(CannotExtract, match="too long"):
        extract_text(files.pdf("a"), most_seconds=-1)


@pytest.mark.parametrize("content", [b"%PDF-1.7 broken", b"\x00\x01\x02", files.pdf("a")[:200]])
def test_what_cannot_be_read_is_refused_with_words(content: bytes) -> None:
    with pytest.raises(CannotExtract):
        extract_text(content)
