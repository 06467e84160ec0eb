"""HTTP of facts, for services only."""

from typing import Annotated

from fastapi import APIRouter

from chassis.access import allow
from chassis.auth import Actor
from identity.deps import Facts
from identity.facts.schemas import (
    OrganisationFactsIn,
    OrganisationsFactsOut,
    PeopleFactsOut,
    PersonFactsIn,
)

router = APIRouter(tags=["facts"])

Reader = Annotated[Actor, allow(kinds={"service"}, scope="people.read", audience="internal", rows="any")]


@router.post("/internal/v1/person-facts", operation_id="get_person_facts", summary="Get facts of people")
async def get_person_facts(body: PersonFactsIn, actor: Reader, facts: Facts) -> PeopleFactsOut:
    """Answer number, name, birth, nationality and residence of people whose case the service works on.

    For services with scope `people.read`. Leaves an access entry for each person found.
    """
    return await facts.tell_of_people(actor, body.citizen_ids, body.purpose)


@router.post(
    "/internal/v1/organisation-facts",
    operation_id="get_organisation_facts",
    summary="Get facts of organisations",
)
async def get_organisation_facts(
    body: OrganisationFactsIn, actor: Reader, facts: Facts
) -> OrganisationsFactsOut:
    """Answer tax code, name, address and legal representative. For services with scope `people.read`."""
    return await facts.tell_of_organisations(body.organisation_ids, body.tax_codes)
