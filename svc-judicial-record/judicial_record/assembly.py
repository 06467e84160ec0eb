"""Puts the features of the judicial record together, by hand and in one place."""

from typing import Any

from casework.calendar import WorkCalendar
from casework.payments.platform import PlatformClient
from chassis.client_keys import ClientKeys
from chassis.errors import UpstreamUnavailable
from judicial_record.applications.automation import Automation
from judicial_record.applications.decisions import Decisions
from judicial_record.applications.desk import Desk
from judicial_record.applications.journal import Journal
from judicial_record.applications.look_ups import LookUps
from judicial_record.applications.payments import ApplicationPayments
from judicial_record.applications.portal import PortalDossiers
from judicial_record.applications.ports import Certificates, Convictions
from judicial_record.applications.service import ApplicationService, Parts
from judicial_record.applications.statutory_clock import StatutoryClock
from judicial_record.applications.vault import ApplicationVault
from judicial_record.applications.verifications import Verifications
from judicial_record.clients.identity import IdentityClient
from judicial_record.settings import JudicialRecordSettings


class NotThereYet:
    """Answers that convictions and certificates are not reachable; replaced as those features land."""

    async def look_up(self, *arguments: Any, **options: Any) -> Any:  # Any: never answers
        raise UpstreamUnavailable

    certificate_content = request_verification = issue = look_up


def open_applications(
    state: Any,  # Any: starlette's State
    settings: JudicialRecordSettings,
    convictions: Convictions,
    certificates: Certificates,
) -> None:
    """Add the applications to `app.state`, over the parts that the chassis has opened."""
    vault, clock = ApplicationVault(state.cipher), StatutoryClock(WorkCalendar.vietnam())
    journal = Journal(vault, state.clocks)
    parts = Parts(state.database, vault, state.clocks, clock, journal, state.cursors)
    look_ups = LookUps(convictions, vault, clock, state.clocks)
    identity = IdentityClient(state.http, state.tokens, settings.identity_url, settings.person_facts_seconds)
    platform = PlatformClient(state.http, settings.payment_platform)
    state.client_keys = ClientKeys(state.http, state.tokens, settings.identity_url)
    state.applications = ApplicationService(parts, identity)
    state.application_payments = ApplicationPayments(parts, state.applications, platform, settings.public_url)
    state.desk = Desk(parts, Decisions(parts, look_ups, convictions, certificates))
    state.portal_dossiers = PortalDossiers(parts)
    state.automation = Automation(parts, look_ups, state.application_payments)
    state.verifications = Verifications(parts)
