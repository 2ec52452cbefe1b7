"""The OpenAPI document keeps the rules that generators of clients need: names, references, failures."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from service.clinicians.schemas import AutonomyPolicyIn, ClinicianIn, DeclarationIn
from service.episodes.posted import PostedEpisode
from service.suggestions.routes import SuggestionsIn
from tests.service_fixtures import Stage

_OTHER_BODIES = {("post", "/hl7v2"), ("get", "/v1/extracts"), ("get", "/v1/extracts/missing")}
"""What is not JSON in and out."""
_FHIR = "/fhir"
"""Its bodies have schemas of their own, and its failures are OperationOutcomes."""
_PLAIN = {"/metrics", "/healthz", "/readyz"}
PROBLEM = {"$ref": "#/components/schemas/Problem"}


@pytest.fixture
def document(stage: Stage) -> Any:
    return stage.client.get("/openapi.json").json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def references(part: Any) -> Iterator[str]:
    for name, value in part.items() if isinstance(part, dict) else enumerate(part):
        if name == "$ref":
            yield value
        elif isinstance(value, dict | list):
            yield from references(value)


def test_every_operation_has_a_name_of_its_own_that_can_name_a_method(document: Any) -> None:
    names = Counter(operation["operationId"] for _, _, operation in operations(document))
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []


def test_every_operation_says_what_it_does_and_under_which_tag(document: Any) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    assert all(tag["description"] for tag in document["tags"])
    for method, path, operation in operations(document):
        assert operation.get("tags"), (method, path)
        assert set(operation["tags"]) <= tags, (method, path)
        assert operation["summary"], (method, path)
        assert operation.get("description"), (method, path)
    assert tags == {tag for _, _, operation in operations(document) for tag in operation["tags"]}


def test_schemas_have_plain_names_and_every_reference_leads_to_one(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert [name for name in schemas if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)] == []
    assert {one.removeprefix("#/components/schemas/") for one in references(document)} <= set(schemas)


def test_bodies_and_answers_are_named_schemas_never_loose_objects(document: Any) -> None:
    for method, path, operation in operations(document):
        if path in _PLAIN or (method, path) in _OTHER_BODIES or path.startswith(_FHIR):
            continue
        contents = [response.get("content", {}) for response in operation["responses"].values()]
        contents.append(operation.get("requestBody", {}).get("content", {}))
        for schema in (
            one["schema"].get("items", one["schema"]) for content in contents for one in content.values()
        ):
            assert "$ref" in schema or "oneOf" in schema or "anyOf" in schema, (method, path, schema)


def test_every_failure_is_documented_as_problem_details(document: Any) -> None:
    for method, path, operation in operations(document):
        if path.startswith(_FHIR):
            continue
        failures = {s: r for s, r in operation["responses"].items() if s[0] in "45"}
        for status, response in failures.items():
            if path in _PLAIN or ((method, path) in _OTHER_BODIES and status == "422"):
                continue
            assert response["content"]["application/problem+json"]["schema"] == PROBLEM, (path, status)
        if path.startswith("/v1/"):
            assert {"401", "403", "503"} <= set(failures), (method, path)
            assert operation["security"] == [{"key": []}]


def test_every_part_of_a_path_is_a_parameter(document: Any) -> None:
    for method, path, operation in operations(document):
        named = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), (method, path)
        assert "body" not in named, "generators call what is sent so"
        assert "requestBody" not in operation or method in ("post", "put", "patch")


@pytest.mark.parametrize(
    "model", [PostedEpisode, SuggestionsIn, ClinicianIn, DeclarationIn, AutonomyPolicyIn]
)
def test_what_is_sent_most_has_examples_that_are_valid(document: Any, model: type[BaseModel]) -> None:
    examples = document["components"]["schemas"][model.__name__]["examples"]
    assert examples
    for example in examples:
        model.model_validate(example)


def test_links_lead_to_operations_that_are_there(document: Any) -> None:
    names = {operation["operationId"] for _, _, operation in operations(document)}
    links = document["paths"]["/v1/episodes"]["post"]["responses"]["201"]["links"]
    assert {link["operationId"] for link in links.values()} <= names
