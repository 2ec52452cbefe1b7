"""Evidence of a coded document: spans are checked against the text, plain quotes are located in it."""

from data.corpora.fields import Fields
from data.episodes import Document, Evidence

Documents = tuple[Document, ...]


def read_evidence(line: Fields, documents: Documents) -> tuple[Evidence, ...]:
    """The evidence of a line of a coding."""
    return tuple(read_item(line, place, item, documents) for place, item in line.items("evidence"))


def read_item(line: Fields, place: str, item: object, documents: Documents) -> Evidence:
    """One piece of evidence: a quote, `{"quote"}`, or a span with or without its text.

    Errors name the place and never quote: the text may be a patient's.

    Raises:
        CodedDocumentError: the span does not hold the text, or no document holds the quote.
    """
    if isinstance(item, str):
        return _located(line.within(place, {"text": item}), item, documents)
    span = line.within(place, item)
    if span.has("start") or span.has("end"):
        return _checked(span, documents)
    return _located(span, span.string("quote") or span.required("text"), documents)


def _checked(span: Fields, documents: Documents) -> Evidence:
    start, end, index = span.number("start"), span.number("end"), span.number("document") or 0
    text = _document(span, index, documents).text
    if start is None or end is None or not start < end <= len(text):
        raise span.problem("start", f"{start}:{end} is not a span of a text of {len(text)} characters")
    stated = span.string("text")
    if stated is not None and stated != text[start:end]:
        raise span.problem("text", f"is not what stands at {start}:{end}")
    return Evidence(index, start, end, text[start:end], span.number("mention"))


def _located(span: Fields, quote: str, documents: Documents) -> Evidence:
    """The first place where the quote stands, in the document named or in any."""
    named = span.number("document")
    if named is not None:
        _document(span, named, documents)
    for index in range(len(documents)) if named is None else (named,):
        start = documents[index].text.find(quote)
        if quote and start >= 0:
            return Evidence(index, start, start + len(quote), quote, span.number("mention"))
    raise span.problem("", "does not stand in the text")


def _document(span: Fields, index: int, documents: Documents) -> Document:
    if index >= len(documents):
        raise span.problem("document", f"there is no document {index}")
    return documents[index]
