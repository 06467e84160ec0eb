"""HTTP of person resolution, for services only."""

from typing import Annotated

from fastapi import APIRouter

from chassis.access import allow
from chassis.auth import Actor
from identity.deps import People
from identity.people.rules import Finding
from identity.people.schemas import (
    FindingOut,
    PersonResolutionsIn,
    PersonResolutionsOut,
    ResolvedPersonOut,
    WordsOut,
)
from identity.people.service import Resolution
from identity.people.wording import WORDING

router = APIRouter(tags=["people"])

Resolver = Annotated[Actor, allow(kinds={"service"}, scope="people.resolve", audience="internal", rows="any")]


@router.post("/internal/v1/person-resolutions", operation_id="resolve_people", summary="Resolve people")
async def resolve_people(body: PersonResolutionsIn, actor: Resolver, people: People) -> PersonResolutionsOut:
    """Find the person behind each item; enter unknown numbers as unconfirmed people.

    For services with scope `people.resolve`. Repeating it changes nothing.
    """
    resolved = await people.resolve(body.items)
    return PersonResolutionsOut(items=[_out(resolution) for resolution in resolved])


def _out(resolution: Resolution) -> ResolvedPersonOut:
    return ResolvedPersonOut.model_validate(
        {
            "ref": resolution.ref,
            "citizen_id": resolution.citizen_id,
            "state": resolution.state,
            "reason": _finding(resolution.reason) if resolution.reason else None,
            "warnings": [_finding(finding) for finding in resolution.warnings],
        }
    )


def _finding(finding: Finding) -> FindingOut:
    wording = WORDING[finding]
    return FindingOut(code=finding.value, message=WordsOut(**wording.message), rule=wording.rule)
