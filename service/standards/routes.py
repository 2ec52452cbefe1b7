"""`/v1/standards` and `/v1/standards-policy`: the coding standards in force, and a policy on top."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from pydantic import Field, StringConstraints

from data.standards import Severity
from service.deps import Held, PolicyEditor, StandardsReader
from service.errors import BadRequest, BodyTooLarge, NotFound, Unprocessable, UnsupportedMedia
from service.problems import documented
from service.standards.book import newest_policy
from service.standards.policies import set_policy
from service.standards.tallies import tallies
from service.standards.views import RuleOut, rule_view, rules_found, version_view
from service.text_types import Answer
from service.text_types import Body as BodyModel

router = APIRouter(prefix="/v1", tags=["standards"])

RuleId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]
Words = Annotated[str, Query(max_length=100, description="Words, ids or codes that a rule holds.")]
_MOST_CHARACTERS = 200_000


class StandardsAnswer(Answer):
    edition: str
    digest: str
    policy: str
    """Digest of the provider's own policy; empty where it has none."""
    rules: tuple[RuleOut, ...]


class PolicyIn(BodyModel):
    text: Annotated[str, StringConstraints(max_length=_MOST_CHARACTERS)] = Field(
        description="Rules and switches as TOML; empty takes the policy away."
    )


class PolicyOut(Answer):
    number: int
    """Of the policies of this provider; 0 where it has none."""
    digest: str
    text: str
    created_at: datetime | None
    created_by: str | None


@router.get("/standards", responses=documented(Unprocessable))
def get_standards(
    held: Held, actor: StandardsReader, query: Words = "", severity: Severity | None = None
) -> StandardsAnswer:
    """The rules in force for the own provider: words, codes, examples, how often they spoke."""
    with held.db.read() as session:
        in_force = held.tables.standards.of(session, actor.provider_id)
        counted = tallies(session, actor.provider_id)
    found = rules_found(in_force.edition, query, severity)
    return StandardsAnswer.model_validate(
        {**version_view(in_force.version), "rules": tuple(rule_view(rule, counted) for rule in found)}
    )


@router.get("/standards-policy", responses=documented())
def get_policy(held: Held, actor: StandardsReader) -> PolicyOut:
    """The own provider's policy."""
    with held.db.read() as session:
        row = newest_policy(session, actor.provider_id)
        if row is None:
            return PolicyOut(number=0, digest="", text="", created_at=None, created_by=None)
        return PolicyOut.model_validate(row, from_attributes=True)


@router.put(
    "/standards-policy", responses=documented(BadRequest, BodyTooLarge, UnsupportedMedia, Unprocessable)
)
def put_policy(held: Held, actor: PolicyEditor, policy: Annotated[PolicyIn, Body()]) -> PolicyOut:
    """Puts a policy in force; the one before is kept. Codings that are finalised stay as they are."""
    with held.db.write() as session:
        row = set_policy(session, held.tables.standards, actor, policy.text, at=held.clock.now())
        return PolicyOut.model_validate(row, from_attributes=True)


@router.get("/standards/{rule_id}", responses=documented(NotFound, Unprocessable))
def get_rule(held: Held, actor: StandardsReader, rule_id: RuleId) -> RuleOut:
    """One rule."""
    with held.db.read() as session:
        rule = held.tables.standards.of(session, actor.provider_id).edition.by_id.get(rule_id)
        if rule is None:
            raise NotFound("there is no such rule")
        return rule_view(rule, tallies(session, actor.provider_id))
