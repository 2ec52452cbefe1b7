"""FHIR bodies in the shapes that NHS systems send; every patient is made up."""

import base64
import json
from typing import Any

Node = dict[str, Any]

NHS = "https://fhir.nhs.uk/Id/nhs-number"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
SNOMED = "http://snomed.info/sct"
FUNCTION = "https://fhir.nhs.uk/CodeSystem/NHSDataModelAndDictionary-treatment-function"
HEADINGS = "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings"
PATIENT, STAY, AUTHOR, TRUST, WARD = (
    f"urn:uuid:{digit * 8}-1111-4111-8111-111111111111" for digit in "12345"
)


def concept(code: str, display: str = "", system: str = SNOMED) -> Node:
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}


def patient(nhs_number: str = "9434765919") -> Node:
    verified = {
        "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
        "valueCodeableConcept": concept("number-present-and-verified", system="urn:x"),
    }
    return {
        "resourceType": "Patient",
        "identifier": [
            {"extension": [verified], "system": NHS, "value": nhs_number},
            {"system": "https://hospital.example/Id/local", "value": "H1"},
        ],
        "name": [{"use": "official", "family": "Holloway", "given": ["Edith", "May"]}],
        "gender": "female",
        "birthDate": "1941-03-09",
    }


def encounter(number: str = "V1", status: str = "finished", **more: Any) -> Node:
    return {
        "resourceType": "Encounter",
        "extension": [coded_extension("AdmissionMethod", "21"), coded_extension("DischargeMethod", "1")],
        "hospitalization": {"admitSource": concept("19"), "dischargeDisposition": concept("54")},
        "identifier": [{"system": "https://hospital.example/Id/spell-number", "value": number}],
        "status": status,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "serviceType": concept("340", system=FUNCTION),
        "subject": {"reference": PATIENT},
        "participant": [
            {"type": [concept("ATND", system="urn:x")], "individual": {"reference": AUTHOR}},
        ],
        "period": {"start": "2026-03-01T09:00:00+00:00", "end": "2026-03-04T15:00:00+00:00"},
        "location": [{"location": {"reference": WARD}}],
        **more,
    }  # fmt: skip


def coded_extension(name: str, code: str) -> Node:
    return {
        "url": f"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-{name}",
        "valueCodeableConcept": concept(
            code, system=f"https://fhir.hl7.org.uk/CodeSystem/UKCore-{name}England"
        ),
    }


def section(title: str, html: str, code: str = "", **more: Any) -> Node:
    coded = {"code": concept(code, system=HEADINGS)} if code else {}
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{html}</div>'
    return {"title": title, **coded, "text": {"status": "generated", "div": div}, **more}


SECTIONS = (
    section(
        "Diagnoses",
        "<table><tr><th>Diagnosis name</th><td>Infective exacerbation of COPD</td></tr></table>",
        "diagnoses",
    ),
    section("Past history", "<ul><li>type 2 diabetes</li><li>hypertension, <b>ex-smoker</b></li></ul>"),
    section(
        "Clinical summary",
        "<p>No pulmonary embolism.<br/>Had a gastroscopy on day&#160;2.</p>",
        "clinical-summary",
    ),
)


def composition(document: str = "D1", sections: tuple[Node, ...] = SECTIONS, **more: Any) -> Node:
    return {
        "resourceType": "Composition",
        "identifier": {"system": "urn:x", "value": document},
        "status": "final",
        "type": concept("373942005", "Discharge summary"),
        "subject": {"reference": PATIENT},
        "encounter": {"reference": STAY},
        "date": "2026-03-04T16:00:00+00:00",
        "author": [{"reference": AUTHOR}],
        "title": "Discharge summary",
        "custodian": {"reference": TRUST},
        "section": list(sections),
        **more,
    }


def practitioner() -> Node:
    return {
        "resourceType": "Practitioner",
        "identifier": [{"system": "https://fhir.hl7.org.uk/Id/gmc-number", "value": "C1234567"}],
        "name": [{"family": "Okafor", "given": ["Ada"], "prefix": ["Dr"]}],
    }


def trust(code: str = "A") -> Node:
    return {"resourceType": "Organization", "identifier": [{"system": ODS, "value": code}], "name": "Trust"}


def ward() -> Node:
    site = {"system": "https://fhir.nhs.uk/Id/ods-site-code", "value": "RXX01"}
    return {"resourceType": "Location", "identifier": [site], "name": "Ward 4"}


def bundle(*entries: tuple[str, Node], kind: str = "document", number: str = "B1", **more: Any) -> Node:
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:x", "value": number},
        "type": kind,
        "timestamp": "2026-03-04T16:00:00+00:00",
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
        **more,
    }


def document(number: str = "B1", *, main: Node | None = None, stay: Node | None = None, **more: Any) -> Node:
    """A document Bundle of UK Core."""
    return bundle(
        ("urn:uuid:99999999-1111-4111-8111-111111111111", main or composition()),
        (PATIENT, patient()),
        (STAY, stay or encounter()),
        (AUTHOR, practitioner()),
        (TRUST, trust()),
        (WARD, ward()),
        number=number,
        **more,
    )


def reference(data: bytes, content_type: str, document: str = "D2", **more: Any) -> Node:
    """A DocumentReference with its file inside."""
    attachment = {"contentType": content_type, "data": base64.b64encode(data).decode()}
    return {
        "resourceType": "DocumentReference",
        "identifier": [{"value": document}],
        "status": "current",
        "type": concept("373942005", "Discharge summary"),
        "subject": {"identifier": {"system": NHS, "value": "9434765919"}, "display": "Edith Holloway"},
        "date": "2026-03-04T16:00:00+00:00",
        "content": [{"attachment": attachment}],
        "context": {"encounter": [{"identifier": {"system": "urn:x", "value": "V1"}}]},
        **more,
    }


def transfer_of_care(inner: bytes, number: str = "B9") -> Node:
    """A message as ITK3 has it: the STU3 document is base64 in a Binary that a DocumentReference names."""
    file = "urn:uuid:77777777-1111-4111-8111-111111111111"
    header = {
        "resourceType": "MessageHeader",
        "id": "66666666-1111-4111-8111-111111111111",
        "eventCoding": {"system": "https://fhir.nhs.uk/CodeSystem/message-event", "code": "document"},
        "source": {"endpoint": "urn:nhs-uk:addressing:ods:A"},
        "sender": {"identifier": {"system": ODS, "value": "A"}},
    }
    held = {"resourceType": "Binary", "contentType": STU3, "data": base64.b64encode(inner).decode()}
    points = reference(b"-", STU3)
    points["content"] = [{"attachment": {"contentType": STU3, "url": file}}]
    del points["context"]
    return bundle(
        ("urn:uuid:66666666-1111-4111-8111-111111111111", header),
        ("urn:uuid:55555555-2222-4111-8111-111111111111", points),
        (file, held),
        kind="message",
        number=number,
    )


STU3 = "application/fhir+xml; fhirVersion=3.0"
STU3_DOCUMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- A document as CareConnect has it -->
<Bundle xmlns="http://hl7.org/fhir">
  <meta><profile value="https://fhir.nhs.uk/STU3/StructureDefinition/ITK-Document-Bundle-1"/></meta>
  <identifier><system value="urn:x"/><value value="S1"/></identifier>
  <type value="document"/>
  <entry><fullUrl value="urn:uuid:aaaaaaaa-1111-4111-8111-111111111111"/><resource><!-- the document -->
    <Composition>
      <identifier><value value="STU3-1"/></identifier>
      <status value="final"/>
      <type><coding><system value="http://snomed.info/sct"/><code value="373942005"/></coding></type>
      <subject><reference value="Patient/p"/></subject>
      <encounter><reference value="Encounter/e"/></encounter>
      <date value="2026-03-04T23:30:00+01:00"/>
      <author><reference value="Practitioner/c"/></author>
      <title value="Cardiology &amp; chest discharge summary"/>
      <section>
        <title value="Section 1"/>
        <code><coding><system value="http://snomed.info/sct"/><code value="887161000000102"/></coding></code>
        <text><status value="additional"/><div xmlns="http://www.w3.org/1999/xhtml">
          <table width="100%"><tbody>
            <tr><th>Diagnosis name</th><td>Infective exacerbation of COPD</td></tr>
            <tr><th>Comment</th><td><p>Sats &lt; 88 %.</p><p>Also hypertension.</p></td></tr>
          </tbody></table></div></text>
        <entry><reference value="List/l"/></entry>
      </section>
      <section>
        <code><coding><system value="http://snomed.info/sct"/><code value="887171000000109"/></coding></code>
        <entry><reference value="List/l"/></entry>
      </section>
    </Composition></resource></entry>
  <entry><resource><List><id value="l"/>
    <entry><item><reference value="Procedure/r"/></item></entry></List></resource></entry>
  <entry><resource><Procedure><id value="r"/>
    <code><coding><code value="1"/><display value="gastroscopy"/></coding></code>
    <bodySite><text value="stomach"/></bodySite></Procedure></resource></entry>
  <entry><resource><Patient><id value="p"/>
    <identifier>
      <extension url="https://fhir.hl7.org.uk/STU3/Extension-CareConnect-NHSNumberVerificationStatus-1">
      <valueCodeableConcept><coding><code value="01"/></coding></valueCodeableConcept></extension>
      <system value="https://fhir.nhs.uk/Id/nhs-number"/><value value="943 476 5919"/></identifier>
    <name><family value="Holloway"/><given value="Edith"/></name>
    <gender value="female"/><birthDate value="1941-03-09"/>
  </Patient></resource></entry>
  <entry><resource><Encounter><id value="e"/>
    <extension url="https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-AdmissionMethod-1">
      <valueCodeableConcept><coding><code value="21"/></coding></valueCodeableConcept></extension>
    <identifier><value value="STU3-V1"/></identifier>
    <status value="finished"/><class><code value="IMP"/></class>
    <subject><reference value="Patient/p"/></subject>
    <participant><individual><reference value="Practitioner/c"/></individual></participant>
    <period><start value="2026-03-01T09:00:00+00:00"/><end value="2026-03-04T15:00:00+00:00"/></period>
  </Encounter></resource></entry>
  <entry><resource><Practitioner><id value="c"/>
    <identifier><system value="https://fhir.nhs.uk/Id/sds-user-id"/><value value="G1"/></identifier>
    <identifier><system value="https://fhir.hl7.org.uk/Id/gmc-number"/><value value="C1234567"/></identifier>
    <name><text value="Dr A Okafor"/></name></Practitioner></resource></entry>
</Bundle>
"""


def as_json(resource: Node) -> bytes:
    return json.dumps(resource).encode()
