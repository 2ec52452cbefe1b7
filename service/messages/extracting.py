"""Text of the documents that come as files: PDF, RTF, plain text. A scan holds no words and gives none."""

import io
import re

from service.messages.errors import CannotExtract

_RTF = b"{\\rtf"
_PDF = b"%PDF-"
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
MOST_PAGES = 200


def extract_text(content: bytes) -> str:
    """The words of a file, page after page; empty where it holds none (a scan).

    Raises:
        CannotExtract: it is neither PDF nor RTF nor text, or it is damaged.
    """
    if content[:1024].lstrip().startswith(_PDF):
        return _clean(_pdf_text(content))
    if content.lstrip().startswith(_RTF):
        return _clean(_rtf_text(content))
    return _plain_text(content)


def _pdf_text(content: bytes) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if len(reader.pages) > MOST_PAGES:
            raise CannotExtract(f"the PDF has more than {MOST_PAGES} pages")
        return "\n\n".join(page.extract_text() for page in reader.pages)
    except CannotExtract:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        raise CannotExtract("the PDF is damaged, or protected by a password") from None


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
