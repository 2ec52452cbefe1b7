"""Small files of the kinds that documents come as, made here."""

from collections.abc import Sequence

RTF = rb"{\rtf1\ansi Diagnosis: exacerbation of COPD.\par PMH: hypertension.}"


def pdf(*lines: str, pages: int = 1) -> bytes:
    """A PDF with lines of text on each page; without lines it is as empty as a scan."""
    shown = " ".join(f"({_escaped(line)}) Tj T*" for line in lines)
    drawn = f"BT /F1 12 Tf 14 TL 50 750 Td {shown} ET".encode() if lines else b"0 0 m 9 9 l S"
    return pdf_of_stream(drawn, pages=pages)


def pdf_of_stream(stream: bytes, filtered: bytes = b"", *, pages: int = 1) -> bytes:
    """A PDF whose pages are all drawn by this stream."""
    kids = " ".join(f"{4 + page} 0 R" for page in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {4 + pages} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
            for _ in range(pages)
        ),
        b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(stream), filtered, stream),
    ]
    return _written(objects)


def _written(objects: Sequence[bytes]) -> bytes:
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    return (
        body
        + head
        + table
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, len(body))
    )


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
