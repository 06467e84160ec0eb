"""HTTP of public statistics."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis.access import public
from chassis.errors import Invalid
from chassis.openapi import responses
from dossier.deps import Statistics
from dossier.statistics.repository import Group
from dossier.statistics.schemas import StatisticsOut

router = APIRouter(tags=["statistics"])
Code = Annotated[str | None, Query(max_length=80, description="Only this one.", examples=["1.002088"])]


@router.get(
    "/v1/public/statistics",
    operation_id="get_public_statistics",
    summary="Get public statistics",
    dependencies=[public("counts without a person in them")],
    responses=responses(Invalid),
)
async def get_public_statistics(
    response: Response,
    statistics: Statistics,
    group_by: Annotated[Group, Query(description="What to group by.", examples=["agency"])] = "agency",
    since: Annotated[
        date | None, Query(description="First legal day of filing; a year before `until` by default.")
    ] = None,
    until: Annotated[date | None, Query(description="Last legal day of filing; today by default.")] = None,
    agency: Code = None,
    procedure: Code = None,
) -> StatisticsOut:
    """Count dossiers received, processed, on time and overdue; small groups are not shown. For anyone."""
    response.headers["cache-control"] = "public, max-age=60"
    return await statistics.count(group_by, since, until, agency, procedure)
