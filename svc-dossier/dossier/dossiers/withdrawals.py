"""Withdrawal: asked by the applicant, taken back while nobody has decided; the officer decides."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from casework.transitions import PREVIOUS
from chassis.auth import Actor
from chassis.clock import Clocks
from dossier.desk.table import APPLICANT, key_of, transitions
from dossier.dossiers.models import DossierRow
from dossier.dossiers.service import Move, change_status


@dataclass(frozen=True, slots=True)
class WithdrawalService:
    """Use cases of withdrawal, in the request's unit of work; the caller has locked the dossier."""

    db: AsyncSession
    clocks: Clocks

    async def ask(self, row: DossierRow, actor: Actor, reason: str) -> None:
        """Ask for a dossier back. Raises: IllegalTransition for a draft, a decided or an asked one."""
        await self._move(row, actor, "request_withdrawal", reason)

    async def take_back(self, row: DossierRow, actor: Actor) -> None:
        """Undo the asking: the dossier goes on where it was. Raises: IllegalTransition."""
        await self._move(row, actor, "take_back_withdrawal", None)

    async def _move(self, row: DossierRow, actor: Actor, action: str, note: str | None) -> None:
        step = transitions().find(key_of(row.status), action, APPLICANT)
        target = row.status_before if step.to_status == PREVIOUS else int(step.to_status)
        assert target is not None  # noqa: S101 - the database keeps the status before a withdrawal
        await change_status(
            self.db, row, Move(step.transition_id, step.action, target), actor, note, self.clocks
        )
