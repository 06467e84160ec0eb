"""Puts the features of the judicial record together, by hand and in one place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from casework.calendar import WorkCalendar
from casework.judge import PdfJudge
from casework.payments.platform import PlatformClient
from casework.seals import FileSeals
from casework.signing import DocumentSigner
from casework.slips import SlipPrinter
from chassis.client_keys import ClientKeys
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
from judicial_record.certificates.service import CertificateService
from judicial_record.certificates.vault import CertificateVault
from judicial_record.certificates.verification import VerificationService
from judicial_record.clients.identity import IdentityClient
from judicial_record.settings import JudicialRecordSettings


@asynccontextmanager
async def certificates_open(
    state: Any,  # Any: starlette's State
    settings: JudicialRecordSettings,
) -> AsyncIterator[None]:
    """Add the certificates to `app.state`; keys of seals are read when something is signed."""
    vault = CertificateVault(state.cipher, state.keys)
    signer = DocumentSigner(FileSeals(settings.seal_directory), time_stamping_url=settings.time_stamping_url)
    judge = PdfJudge(settings.roots_file)
    state.certificates = CertificateService(
        vault=vault,
        applications=ApplicationVault(state.cipher),
        printer=SlipPrinter(),
        signer=signer,
        clocks=state.clocks,
        public_url=settings.public_url,
    )
    state.certificate_verifications = VerificationService(state.database, vault, judge, state.clocks)
    try:
        yield
    finally:
        await judge.close()
        signer.close()


def open_applications(
    state: Any,  # Any: starlette's State
    settings: JudicialRecordSettings,
    convictions: Convictions,
    certificates: Certificates | None,
) -> None:
    """Add the applications to `app.state`, over the parts that the chassis has opened."""
    vault, clock = ApplicationVault(state.cipher), StatutoryClock(WorkCalendar.vietnam())
    journal = Journal(vault, state.clocks)
    parts = Parts(state.database, vault, state.clocks, clock, journal, state.cursors)
    look_ups = LookUps(convictions, vault, clock, state.clocks)
    identity = IdentityClient(state.http, state.tokens, settings.identity_url, settings.person_facts_seconds)
    platform = PlatformClient(state.http, settings.payment_platform_url or "")
    state.client_keys = ClientKeys(state.http, state.tokens, settings.identity_url)
    issuing = certificates or state.certificates
    state.applications = ApplicationService(parts, identity, issuing)
    state.application_payments = ApplicationPayments(parts, state.applications, platform, settings.public_url)
    decisions = Decisions(parts, look_ups, convictions, issuing)
    state.desk = Desk(parts, decisions)
    state.portal_dossiers = PortalDossiers(parts)
    state.automation = Automation(parts, look_ups, state.application_payments)
    state.verifications = Verifications(parts)
