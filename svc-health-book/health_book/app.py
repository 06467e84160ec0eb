"""Wires the health book."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from chassis.app import create_service_app
from chassis.auth import TokenVerifier
from chassis.clock import Clocks
from chassis.keys import KeyProvider
from chassis.timers import Timer
from health_book.access_log import routes as access_log_routes
from health_book.access_log.service import AccessLogService
from health_book.clients.identity import IdentityClient
from health_book.fhir import routes as fhir_routes
from health_book.fhir.issues import PatientChanged
from health_book.fhir.reader import FhirReader
from health_book.fhir.service import FhirIntake
from health_book.persons.service import PersonLinks
from health_book.settings import HealthBookSettings
from health_book.submissions import routes as submission_routes
from health_book.submissions.errors import NoDossierAccepted
from health_book.submissions.service import SubmissionService
from health_book.submissions.signature import read_facility_keys
from health_book.vault import Vault
from health_book.visits import routes as visit_routes
from health_book.visits.service import VisitService


def create_app(
    settings: HealthBookSettings,
    *,
    clocks: Clocks | None = None,
    keys: KeyProvider | None = None,
    verifier: TokenVerifier | None = None,
) -> FastAPI:
    """Return the app; `clocks`, `keys` and `verifier` replace the real ones in tests."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        vault = Vault(state.keys)
        identity = IdentityClient(
            state.http, state.tokens, settings.identity_url, settings.person_resolution_seconds
        )
        state.people = PersonLinks(state.database, identity, vault, state.clocks)
        keys_file = settings.facility_keys_file
        state.submissions = SubmissionService(
            state.database,
            state.people,
            vault,
            state.clocks,
            facility_keys=read_facility_keys(keys_file) if keys_file else {},
            is_summary_paper_expected=settings.is_record_summary_expected,
        )
        state.visits = VisitService(state.database, vault, state.cursors)
        state.fhir = FhirIntake(
            state.database, state.people, vault, state.clocks, f"{settings.public_url}{fhir_routes.BASE}"
        )
        state.fhir_reader = FhirReader(state.database, vault, state.cursors)
        state.access_log = AccessLogService(state.database, state.cursors)
        yield

    return create_service_app(
        settings,
        title="Health book",
        description="What any facility sent, shown to its owner.",
        routers=[
            submission_routes.router,
            visit_routes.router,
            access_log_routes.router,
            fhir_routes.router,
        ],
        timers=[
            Timer("link-waiting-visits", settings.link_interval_seconds, link_waiting_visits),
            Timer("link-waiting-patients", settings.link_interval_seconds, link_waiting_patients),
        ],
        resources=resources,
        problems=[NoDossierAccepted, PatientChanged],
        clocks=clocks,
        keys=keys,
        verifier=verifier,
    )


async def link_waiting_visits(state: Any) -> None:  # Any: starlette's State
    """Ask identity again for the persons of unlinked visits."""
    people: PersonLinks = state.people
    await people.link_waiting()


async def link_waiting_patients(state: Any) -> None:  # Any: starlette's State
    """Ask identity again for the persons of FHIR's Patients."""
    fhir: FhirIntake = state.fhir
    await fhir.link_waiting()
