"""What routes ask for, as annotated aliases."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from chassis.auth import Actor
from chassis.errors import RoleMissing
from health_book.access_log.service import AccessLogService
from health_book.fhir.reader import FhirReader
from health_book.fhir.service import FhirIntake
from health_book.submissions.service import SubmissionService
from health_book.visits.service import VisitService


async def get_submissions(request: Request) -> SubmissionService:
    service: SubmissionService = request.app.state.submissions
    return service


async def get_visits(request: Request) -> VisitService:
    service: VisitService = request.app.state.visits
    return service


async def get_access_log(request: Request) -> AccessLogService:
    service: AccessLogService = request.app.state.access_log
    return service


async def get_fhir(request: Request) -> FhirIntake:
    service: FhirIntake = request.app.state.fhir
    return service


async def get_fhir_reader(request: Request) -> FhirReader:
    service: FhirReader = request.app.state.fhir_reader
    return service


def own_citizen_id(actor: Actor) -> UUID:
    """Return whose book the actor may read. Raises: RoleMissing."""
    if actor.citizen_id is None:
        raise RoleMissing(kind=actor.kind)
    return actor.citizen_id


Submissions = Annotated[SubmissionService, Depends(get_submissions)]
Visits = Annotated[VisitService, Depends(get_visits)]
Fhir = Annotated[FhirIntake, Depends(get_fhir)]
FhirReading = Annotated[FhirReader, Depends(get_fhir_reader)]
AccessLog = Annotated[AccessLogService, Depends(get_access_log)]
