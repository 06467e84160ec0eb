"""Admission: a person whom VNeID has authenticated gets their `citizen_id`, confirmed.

VNeID speaks for the population register, so what it says about name and birth replaces what a hospital wrote,
with one exception: where the number was entered by a hospital under a clearly different person, whatever
was recorded there is not shown to the one who signs in (decision 0005).
"""

from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clocks
from chassis.db import Database
from chassis.ids import new_id
from chassis.logging import get_logger
from identity.people import rules
from identity.people.papers import Paper, PaperKind
from identity.people.repository import KnownPerson, NewPerson, PeopleRepository
from identity.people.rules import Agreement, Description
from identity.people.service import Vault

BY_VNEID = "vneid"
BY_REGISTER = "population_register"

log = get_logger(__name__)


class NumberOfAnother(Exception):
    """The number belongs to a person other than the one whom the account is linked to."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Admits authenticated people."""

    database: Database
    vault: Vault
    clocks: Clocks

    async def admit(
        self, personal_id: str, official: Description, citizen_id: UUID | None, *, by: str = BY_VNEID
    ) -> UUID:
        """Return the person of a number, entered or confirmed under the official description. Idempotent.

        `by` names who vouches for the description. `citizen_id` is the person that the account is already
        linked to, who keeps it under a new number.

        Raises: NumberOfAnother.
        """
        key = self.vault.key(Paper(PaperKind.PERSONAL_ID, personal_id))
        now = self.clocks.real_now()
        async with self.database.connection() as connection:
            people = PeopleRepository(connection)
            known = (await people.find([key])).get(key)
            if known is None:
                made = citizen_id or new_id()
                owner = await people.claim(key, made, now)
                if owner == made:
                    sealed = self.vault.seal(personal_id, made)
                    if citizen_id is None:
                        await people.add_confirmed(NewPerson(key, made, sealed, official), now, by)
                        return made
                    await people.set_number(made, sealed, now)
                known = (await people.find([key]))[key]
            if citizen_id is not None and known.citizen_id != citizen_id:
                raise NumberOfAnother
            if self._was_entered_for_another(known, official):
                made = new_id()
                if await people.reclaim(key, known.citizen_id, made):
                    sealed = self.vault.seal(personal_id, made)
                    await people.add_confirmed(NewPerson(key, made, sealed, official), now, by)
                    log.warning("people.number_reclaimed", citizen_id=str(known.citizen_id))
                    return made
                known = (await people.find([key]))[key]
            await people.confirm(known.citizen_id, official, now, by)
            return known.citizen_id

    @staticmethod
    def _was_entered_for_another(known: KnownPerson, official: Description) -> bool:
        if known.state == "confirmed":
            return False
        return rules.compare(official, known.description).agreement is Agreement.CONFLICT
