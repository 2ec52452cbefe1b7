"""Text of the documents that come as files: PDF, RTF, plain text. A scan holds no words and gives none."""

import io
import re
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING

from service.messages.errors import CannotExtract

if TYPE_CHECKING:
    from pypdf import PageObject

_DAMAGED = "the PDF is damaged, or protected by a password"
_BROKEN_PDF = (
    ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, NotImplementedError, OSError,
    RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What the reader of PDF raises besides its own errors where a file is not what it says it is."""
_RTF = b"{\\rtf"
_PDF = b"%PDF-"
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
MOST_PAGES = 200
MOST_SECONDS = 20.0
"""For one file; pages are read until then and not one after."""
_MOST_CHARACTERS = 2_000_000
_MOST_PAGE_BYTES = 2_000_000
"""Of the drawing of a page, unpacked: some seconds of reading, which nothing interrupts."""


def extract_text(content: bytes, *, most_seconds: float = MOST_SECONDS) -> str:
    """The words of a file, page after page; empty where it holds none (a scan).

    Raises:
        CannotExtract: it is neither PDF nor RTF nor text, it is damaged or protected by a password, or it
            would take more pages, space or time than a document does.
    """
    if _PDF in content[:1024]:
        return _clean(_pdf_text(content, monotonic() + most_seconds))
    if content.lstrip().startswith(_RTF):
        return _clean(_rtf_text(content))
    return _plain_text(content)


def _pdf_text(content: bytes, deadline: float) -> str:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if len(reader.pages) > MOST_PAGES:
            raise CannotExtract(f"the PDF has more than {MOST_PAGES} pages")
        return _joined(_page_text(page, deadline) for page in reader.pages)
    except CannotExtract:
        raise
    except (PyPdfError, DependencyError, *_BROKEN_PDF):
        raise CannotExtract(_DAMAGED) from None


def _page_text(page: "PageObject", deadline: float) -> str:
    drawing = page.get_contents()
    if drawing is not None and len(drawing.get_data()) > _MOST_PAGE_BYTES:
        raise CannotExtract("a page of the PDF is larger than a page of text can be")

    def in_time(*_: object) -> None:
        if monotonic() > deadline:
            raise CannotExtract("the PDF takes too long to read")

    in_time()
    return page.extract_text(visitor_operand_before=in_time)


def _joined(pages: Iterable[str]) -> str:
    """
    Raises:
        CannotExtract: together they are longer than any document.
    """
    kept: list[str] = []
    length = 0
    for page in pages:
        kept.append(page)
        length += len(page)
        if length > _MOST_CHARACTERS:
            raise CannotExtract("the PDF holds more text than a document does")
    return "\n\n".join(kept)


def _rtf_text(content: bytes) -> str:
    from striprtf.striprtf import rtf_to_text

    try:
        return str(rtf_to_text(content.decode("cp1252", errors="replace"), errors="replace"))
    except (ValueError, IndexError, KeyError, RecursionError):
        raise CannotExtract("the RTF is damaged") from None


def _plain_text(content: bytes) -> str:
    for charset in ("utf-8", "cp1252"):
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        if not _NOT_TEXT.search(text):
            return text
    raise CannotExtract("the file is neither PDF nor RTF nor text")


def _clean(text: str) -> str:
    """Offsets point into the text as it is kept, so nothing is trimmed but what no database can hold."""
    return _NOT_TEXT.sub(" ", text).encode("utf-8", errors="replace").decode("utf-8")
