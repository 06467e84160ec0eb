"""What a dossier gets when it is filed, by whatever channel: its national code and its tracking PIN."""

from sqlalchemy.ext.asyncio import AsyncSession

from casework.numbering import dossier_code, next_number
from chassis.clock import Clocks
from dossier.dossiers.models import DossierRow
from dossier.vault import Vault


async def give_code(db: AsyncSession, dossier: DossierRow, vault: Vault, clocks: Clocks, prefix: str) -> None:
    """Give a dossier its code, once and for ever, and its PIN; without a gap in the day's numbers.

    Others who file wait from here until the transaction ends: call it when all else has been checked.
    """
    today = clocks.legal_today()
    number = await next_number(db, f"dossier:{prefix}", f"{today:%Y%m%d}")
    dossier.code = dossier_code(prefix, today, number)
    dossier.pin, dossier.pin_index = vault.new_pin(dossier.dossier_id)
    dossier.submitted_at = clocks.legal_now()
