"""Makes a dossier out of what a peer handed over, once per peer and code.

What the desk can judge is taken as it is: an incomplete form or a file of a wrong type is no reason to lose a
dossier that somebody filed elsewhere. What it cannot work without (a procedure in force, an owner that
identity knows) fails the event, which is tried again and then lies with the operator.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from chassis.errors import Problem
from chassis.ids import new_id
from chassis.logging import get_logger
from contracts.events.national_portal_sync import InboundDossierReceivedV1
from contracts.portal import InboundDossier, InboundPaper, PortalOwner
from dossier.attachments.service import Upload
from dossier.clients.identity import IdentityClient
from dossier.clients.portal_sync import PortalSyncClient
from dossier.dossiers.applicant import ApplicantSide
from dossier.dossiers.forms import cleaned
from dossier.dossiers.models import DossierRow
from dossier.dossiers.parties import Owner
from dossier.dossiers.status import DRAFT
from dossier.dossiers.views import FORM
from dossier.procedures.fold import slug
from dossier.procedures.schemas import Paper

log = get_logger(__name__)

_SYSTEM_SLOT = "portal"


class OwnerUnknown(Exception):
    """Identity does not know whom a peer names as owner."""


@dataclass(frozen=True, slots=True)
class InboundService:
    """Use case of taking a handed-over dossier, in the event's unit of work."""

    side: ApplicantSide
    identity: IdentityClient
    portal_sync: PortalSyncClient

    async def take(self, event: InboundDossierReceivedV1) -> DossierRow | None:
        """Create and file the dossier of an event; None where it is here already.

        Idempotent by peer and code, which the database holds unique. A later version of a dossier that is
        here already changes nothing: what it adds is asked for and answered by a supplement.

        Raises: UpstreamUnavailable, NotFound, OwnerUnknown.
        """
        if await self._find(event) is not None:
            log.info("inbound.known_already", inbound_id=str(event.inbound_id), version=event.version)
            return None
        given = await self.portal_sync.inbound(event.inbound_id)
        owner = await self._owner(given.owner)
        row = await self._draft(event, given, owner)
        refused = [paper.slot for paper in given.papers if not await self._put(row, paper)]
        if refused:
            log.warning("inbound.papers_refused", dossier_id=str(row.dossier_id), count=len(refused))
        await self.side.submissions.file(row, owner, _parties(given.owner), None)
        return row

    async def _find(self, event: InboundDossierReceivedV1) -> DossierRow | None:
        statement = select(DossierRow).where(
            DossierRow.peer == event.peer, DossierRow.external_code == event.external_code
        )
        return (await self.side.db.scalars(statement)).one_or_none()

    async def _owner(self, given: PortalOwner) -> Owner:
        if given.kind == "citizen" and given.personal_id is not None:
            citizen_id = await self.identity.resolve(given.personal_id, given.name)
            if citizen_id is not None:
                return Owner("citizen", citizen_id, None, None)
        if given.kind == "company" and given.tax_code is not None:
            company = await self.identity.organisation_of(given.tax_code)
            if company is not None:
                return Owner("company", company.organisation_id, company.tax_code, None)
        raise OwnerUnknown

    async def _draft(
        self, event: InboundDossierReceivedV1, given: InboundDossier, owner: Owner
    ) -> DossierRow:
        procedure = await self.side.submissions.procedures.require(given.procedure_code)
        now, dossier_id = self.side.submissions.clocks.legal_now(), new_id()
        form = self.side.submissions.vault.seal_json(cleaned(dict(given.form)), FORM, dossier_id)
        row = DossierRow(
            dossier_id=dossier_id,
            version=1,
            procedure_code=procedure.code,
            procedure_version=procedure.version,
            agency_code=procedure.content.agency.code,
            channel=given.channel,
            status=DRAFT,
            owner_kind=owner.kind,
            owner_id=owner.owner_id,
            owner_organisation=owner.organisation,
            form=form,
            peer=event.peer,
            external_code=event.external_code,
            created_at=now,
            updated_at=now,
            supplement_round=0,
        )
        self.side.db.add(row)
        await self.side.db.flush()
        return row

    async def _put(self, row: DossierRow, given: InboundPaper) -> bool:
        """Keep a paper; return whether it could be kept. A slot that the procedure has not is kept too."""
        paper = Paper(
            slot=slug(given.slot)[:40].strip("-") or _SYSTEM_SLOT,
            name=given.slot[:500] or _SYSTEM_SLOT,
            original_count=0,
            copy_count=0,
            is_required=False,
            confidence="none",
        )
        try:
            content = base64.b64decode(given.content, validate=True)
            upload = Upload(content, given.file_name, given.media_type, origin="portal")
            await self.side.attachments.put(row, paper, upload)
        except (binascii.Error, ValueError, Problem):
            return False
        return True


def _parties(given: PortalOwner) -> dict[str, Any]:  # Any: JSON members
    """Return the parties as the peer vouches for them."""
    owner: dict[str, Any] = {"kind": given.kind, "name": given.name}
    if given.kind == "company":
        owner |= {"tax_code": given.tax_code, "address": None}
    else:
        owner |= {"personal_id": given.personal_id, "born_on": None, "address": None}
    return {"owner": owner, "acting": {"name": given.acting_name} if given.acting_name else None}
