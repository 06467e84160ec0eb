"""What the base of convictions says of an applicant, kept with the application as long as it is open."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from judicial_record.applications.models import ApplicationRow
from judicial_record.applications.ports import Convictions
from judicial_record.applications.rules import Outcome, is_settled, pace_of
from judicial_record.applications.statutory_clock import StatutoryClock
from judicial_record.applications.vault import ApplicationVault


@dataclass(frozen=True, slots=True)
class Answer:
    """What a look-up says, and whether that settles the case without anybody asked."""

    outcome: Outcome
    is_settled: bool


class LookUps:
    """Asks the base and paces the application by the answer. The caller holds the application's lock."""

    def __init__(
        self, convictions: Convictions, vault: ApplicationVault, clock: StatutoryClock, clocks: Clocks
    ) -> None:
        self._convictions = convictions
        self._vault = vault
        self._clock = clock
        self._clocks = clocks

    async def renew(self, db: AsyncSession, row: ApplicationRow) -> Answer:
        """Look the applicant up, keep the answer, and set lane and time limit where the answer is another.

        A case that was found open once stays in the slow lane: what was verified needs its time.
        """
        holder = self._vault.open_holder(row.holder, row.application_id)
        found = await self._convictions.look_up(
            db,
            row.citizen_id,
            born_on=holder.born_on,
            asked_on=self._clocks.legal_today(),
            personal_id=holder.personal_id,
            name=holder.name,
        )
        is_covered = all(one.get("state") == "complete" for one in found.coverage)
        settled = is_settled(found.outcome, found.findings, is_covered)
        answer = {
            "outcome": found.outcome,
            "findings": list(found.findings),
            "coverage": list(found.coverage),
            "asked_at": self._clocks.legal_now(),
        }
        row.look_up = self._vault.seal("look_up", row.application_id, answer)
        pace = pace_of(found.outcome, settled)
        if row.lane != "slow":
            row.lane = pace.lane
            self._clock.change_limit(row, pace.limit_code)
        return Answer(found.outcome, settled)
