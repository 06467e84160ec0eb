"""Slip 01: the receipt with the promised day, printed and sealed once, then given back as it was issued."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from casework.signing import Signature
from casework.slip_forms import Receipt
from chassis.errors import UpstreamUnavailable
from chassis.keys import KeyUnavailable
from dossier.attachments.repository import AttachmentRepository
from dossier.desk.papers import SLIP_KIND, lookup_url
from dossier.desk.step import certain
from dossier.desk.tools import Tools
from dossier.dossiers.errors import NotAcceptedYet
from dossier.dossiers.models import DossierRow, SlipRow
from dossier.dossiers.people import PARTIES, shown
from dossier.procedures.service import ProcedureService

RECEIPT = "01"
_DESK = "bo-y-te"


@dataclass(frozen=True, slots=True)
class ReceiptService:
    """Use case of the receipt, in the request's unit of work; the caller has locked the dossier."""

    db: AsyncSession
    tools: Tools

    async def get(self, row: DossierRow) -> bytes:
        """Return the receipt as PDF, byte for byte the same each time.

        Raises: NotAcceptedYet, UpstreamUnavailable where the desk's seal cannot be used now.
        """
        if row.accepted_at is None or row.due_at is None or row.submitted_at is None or row.parties is None:
            raise NotAcceptedYet
        kept = await self.db.get(SlipRow, (row.dossier_id, RECEIPT, 1))
        vault = self.tools.vault
        if kept is not None:
            return vault.open_bytes(kept.content, SLIP_KIND, row.dossier_id)
        slip = await self._slip(row)
        pdf = await self.tools.printer.print(type(slip).template, slip.data())
        try:
            signed = await self.tools.signer.sign(
                pdf,
                Signature(
                    by=f"{_DESK}.seal", field="seal", reason=f"Giấy tiếp nhận {row.code}", certify=True
                ),
            )
        except KeyUnavailable as failure:
            raise UpstreamUnavailable(headers={"retry-after": "60"}, peer="seal") from failure
        content = vault.seal_bytes(signed.content, SLIP_KIND, row.dossier_id)
        self.db.add(
            SlipRow(
                dossier_id=row.dossier_id,
                kind=RECEIPT,
                number=1,
                content=content,
                issued_at=self.tools.clocks.legal_now(),
            )
        )
        await self.db.flush()
        return signed.content

    async def _slip(self, row: DossierRow) -> Receipt:
        accepted_at, due_at = certain(row.accepted_at), certain(row.due_at)
        parties = self.tools.vault.open_json(certain(row.parties), PARTIES, row.dossier_id)
        procedures = ProcedureService(self.db, self.tools.clocks)
        content = (await procedures.require(row.procedure_code, row.procedure_version)).content
        names = {paper.slot: paper.name for paper in content.papers}
        files = await AttachmentRepository(self.db).list_current(row.dossier_id)
        limit = content.deadline
        return Receipt(
            agency=self.tools.offices.name_of(row.agency_code)["vi"],
            code=row.code or "",
            applicant=shown(parties),
            procedure=content.name,
            officer=self.tools.offices.name_of(_DESK)["vi"],
            issued_at=accepted_at,
            received_at=accepted_at,
            due_at=due_at,
            due_rule=_RULES[limit.unit].format(limit.value) if limit.unit and limit.value else "",
            address=parties["owner"].get("address") or "",
            papers=tuple((names.get(one.slot, one.slot), 1) for one in files),
            return_channel="Bản điện tử trên hệ thống",
            fee_vnd=sum(fee.amount_vnd for fee in content.fees),
            lookup_url=lookup_url(self.tools),
        )


_RULES = {
    "hour": "{} giờ",
    "working_hour": "{} giờ làm việc",
    "day": "{} ngày",
    "working_day": "{} ngày làm việc",
    "month": "{} tháng",
    "year": "{} năm",
    "immediate": "ngay khi tiếp nhận",
}
