"""FHIR bodies as trees: JSON and XML alike, and nothing that could harm."""

import json

import pytest

from service.messages.errors import Unreadable
from service.messages.fhir.message import read_message
from service.messages.fhir.nodes import nodes, words
from service.messages.fhir.reading import read_resource
from tests import fhir_messages as fhir

_PATIENT = (
    '<Patient xmlns="http://hl7.org/fhir"><!-- who --><id value="1"/><name><family value="A"/></name>'
    '<name><given value="B"/><given value="C"/></name>'
    '<text><div xmlns="http://www.w3.org/1999/xhtml">a<br/><b>b &lt; c</b></div></text></Patient>'
)


def test_xml_is_the_tree_that_json_would_be() -> None:
    found = read_resource(_PATIENT.encode())
    assert found["resourceType"] == "Patient"
    assert words(found, "name", "family") == "A"
    assert [one["given"] for one in nodes(found, "name") if "given" in one] == [["B", "C"]]
    assert words(found, "text", "div") == "<div>a<br><b>b &lt; c</b></div>"


def test_other_encodings_and_prefixes_are_read() -> None:
    prefixed = '<f:Patient xmlns:f="http://hl7.org/fhir"><f:id value="é"/></f:Patient>'
    latin = f'<?xml version="1.0" encoding="ISO-8859-1"?>{prefixed}'
    assert words(read_resource(latin.encode("iso-8859-1")), "id") == "é"
    assert words(read_resource(_PATIENT.encode("utf-16")), "id") == "1"
    assert words(read_resource(b"\xef\xbb\xbf" + _PATIENT.encode()), "id") == "1"


_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    '<Patient xmlns="http://hl7.org/fhir"><id value="&b;"/></Patient>'
)
_OUTSIDE = (
    '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<Patient xmlns="http://hl7.org/fhir"><id value="1"/>&x;</Patient>'
)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (_LAUGHS, "document type"),
        (_OUTSIDE, "document type"),
        ("<Patient xmlns='http://hl7.org/fhir'>", "well-formed"),
        ("<ClinicalDocument xmlns='urn:hl7-org:v3'/>", "namespace"),
        ("<a xmlns='http://hl7.org/fhir'/>", "no FHIR resource"),
        ("<Patient xmlns='http://hl7.org/fhir'>" + "<a>" * 200, "levels deep"),
        ("{", "neither JSON nor XML"),
        ("MSH|^~\\&|", "neither JSON nor XML"),
        ("[]", "resourceType"),
        ('{"resourceType": 5.0e999}', "resourceType"),
        ('{"resourceType": "Patient", "a": NaN}', "not read here"),
        ('{"resourceType": "Patient", "a": ' + "[" * 200 + "]" * 200 + "}", "levels deep"),
        ('{"resourceType": "Patient", "a": ' + "[" * 100_000, "JSON"),
        ("", "neither JSON nor XML"),
    ],
)
def test_what_is_not_fhir_is_refused_with_the_reason(sent: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_resource(sent.encode())


def test_a_body_is_known_by_its_identifier_and_timestamp_however_it_is_laid_out() -> None:
    sent = fhir.document()
    spaced = json.dumps(sent, indent=3).encode()
    first, again = read_message(fhir.as_json(sent)), read_message(spaced)
    assert (first.envelope.taken_key, first.digest) == (again.envelope.taken_key, again.digest)
    later = read_message(fhir.as_json({**sent, "timestamp": "2026-03-05T10:00:00Z"}))
    assert later.envelope.taken_key != first.envelope.taken_key
