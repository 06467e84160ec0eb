"""What routes ask for, as annotated aliases."""

from typing import Annotated

from fastapi import Depends, Request

from judicial_record.applications.desk import Desk
from judicial_record.applications.payments import ApplicationPayments
from judicial_record.applications.portal import PortalDossiers
from judicial_record.applications.service import ApplicationService
from judicial_record.certificates.service import CertificateService
from judicial_record.certificates.verification import VerificationService


async def get_applications(request: Request) -> ApplicationService:
    service: ApplicationService = request.app.state.applications
    return service


async def get_application_payments(request: Request) -> ApplicationPayments:
    service: ApplicationPayments = request.app.state.application_payments
    return service


async def get_desk(request: Request) -> Desk:
    service: Desk = request.app.state.desk
    return service


async def get_portal_dossiers(request: Request) -> PortalDossiers:
    service: PortalDossiers = request.app.state.portal_dossiers
    return service


async def get_certificates(request: Request) -> CertificateService:
    service: CertificateService = request.app.state.certificates
    return service


async def get_certificate_verifications(request: Request) -> VerificationService:
    service: VerificationService = request.app.state.certificate_verifications
    return service


Applications = Annotated[ApplicationService, Depends(get_applications)]
PaymentsOfApplications = Annotated[ApplicationPayments, Depends(get_application_payments)]
OfficeDesk = Annotated[Desk, Depends(get_desk)]
DossiersForPortal = Annotated[PortalDossiers, Depends(get_portal_dossiers)]
Certificates = Annotated[CertificateService, Depends(get_certificates)]
Verifications = Annotated[VerificationService, Depends(get_certificate_verifications)]
