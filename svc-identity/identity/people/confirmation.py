"""The worker that has unconfirmed people confirmed by the population register.

People are leased, asked about outside any transaction, and settled one by one: a slow register holds no lock,
a worker that dies loses nothing but its lease.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import UpstreamUnavailable
from chassis.logging import get_logger
from identity.peers.population_register import PopulationRegister
from identity.people import rules
from identity.people.repository import PeopleRepository, PersonToCheck
from identity.people.rules import Agreement
from identity.people.service import Vault

BATCH = 50
MOST_BATCHES = 20
AT_ONCE = 4
LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(days=1)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Asks the register about people whose check is due."""

    database: Database
    vault: Vault
    clocks: Clocks
    register: PopulationRegister

    async def run(self) -> int:
        """Settle who is due, at most 1,000 people a turn; return how many were confirmed. Idempotent."""
        confirmed = 0
        for _ in range(MOST_BATCHES):
            now = self.clocks.real_now()
            async with self.database.connection() as connection:
                due = await PeopleRepository(connection).lease_unconfirmed(now, now + LEASE, BATCH)
            at_once = asyncio.Semaphore(AT_ONCE)
            settled = await asyncio.gather(*(self._settle(person, at_once) for person in due))
            confirmed += settled.count(True)
            if due:
                log.info("people.checked", count=len(due), confirmed_count=settled.count(True))
            if len(due) < BATCH or None in settled:
                break
        return confirmed

    async def _settle(self, person: PersonToCheck, at_once: asyncio.Semaphore) -> bool | None:
        """Return whether a person is confirmed now, or `None` when the register does not answer."""
        async with at_once:
            try:
                return await self._check(person)
            except UpstreamUnavailable:
                log.warning("people.register_unavailable", citizen_id=str(person.citizen_id))
                await self._postpone(person, "register_unavailable", timedelta(seconds=30))
                return None

    async def _check(self, person: PersonToCheck) -> bool:
        personal_id = self.vault.open(person.ciphertext, person.citizen_id)
        entry = await self.register.find(personal_id)
        if entry is None:
            await self._postpone(person, "not_found", next_wait(person.check_count))
            return False
        official = entry.description
        if rules.compare(official, person.description).agreement is Agreement.CONFLICT:
            await self._postpone(person, "differs", LONGEST_WAIT)
            log.warning("people.register_differs", citizen_id=str(person.citizen_id))
            return False
        async with self.database.connection() as connection:
            now = self.clocks.real_now()
            await PeopleRepository(connection).confirm(
                person.citizen_id, official, now, "population_register"
            )
        return True

    async def _postpone(self, person: PersonToCheck, outcome: str, wait: timedelta) -> None:
        async with self.database.connection() as connection:
            next_check_at = self.clocks.real_now() + wait
            await PeopleRepository(connection).postpone(person.citizen_id, outcome, next_check_at)


def next_wait(check_count: int) -> timedelta:
    """Return how long to wait after the given number of earlier checks: a minute, doubled, at most a day."""
    return min(timedelta(minutes=1 << min(check_count, 12)), LONGEST_WAIT)
