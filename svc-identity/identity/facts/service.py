"""Facts of people and organisations, for services only.

Residence is the register's to say and decides which office is competent, so what is older than a day is asked
for again. A register that is away or slow delays nobody: what is known is answered.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from chassis.access_log import AccessEntry
from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import UpstreamUnavailable
from chassis.logging import get_logger
from identity.facts.repository import FactsRepository, StoredPerson
from identity.facts.schemas import (
    OrganisationFactsOut,
    OrganisationsFactsOut,
    PeopleFactsOut,
    PersonFactsOut,
)
from identity.peers.population_register import PopulationRegister, RegisterEntry
from identity.people import rules
from identity.people.papers import Sex
from identity.people.repository import PeopleRepository
from identity.people.rules import Agreement, Description
from identity.people.service import Vault

FRESH_FOR = timedelta(days=1)
AT_ONCE = 4
LONGEST_WAIT_SECONDS = 3.0
SECTIONS = ("identity", "residence")
LEGAL_GROUND = "the person's case before the service that asks"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FactsService:
    """Use cases of facts. `register` is `None` where none is set up."""

    database: Database
    vault: Vault
    clocks: Clocks
    register: PopulationRegister | None

    async def tell_of_people(self, actor: Actor, citizen_ids: Sequence[UUID], purpose: str) -> PeopleFactsOut:
        """Return the facts of those known; leaves an access entry for each of them. Changes nothing else
        but what the register newly says.
        """
        asked = list(dict.fromkeys(citizen_ids))
        async with self.database.connection() as connection:
            known = await FactsRepository(connection).find_people(asked)
        fresh = await self._ask_register([one for one in known.values() if self._is_stale(one)])
        async with self.database.connection() as connection:
            facts = FactsRepository(connection)
            for person, entry in fresh:
                known[person.citizen_id] = await self._take(connection, person, entry)
            found = [known[citizen_id] for citizen_id in asked if citizen_id in known]
            await facts.record([_entry(actor, person.citizen_id, purpose) for person in found])
        return PeopleFactsOut(
            items=[self._out(person) for person in found],
            missing=[citizen_id for citizen_id in asked if citizen_id not in known],
        )

    async def tell_of_organisations(
        self, organisation_ids: Sequence[UUID], tax_codes: Sequence[str] = ()
    ) -> OrganisationsFactsOut:
        """Return the facts of the organisations that are known by id, then of those by tax code."""
        asked = list(dict.fromkeys(organisation_ids))
        async with self.database.connection() as connection:
            known = await FactsRepository(connection).find_organisations(asked, tax_codes)
        shown = [*(one for one in asked if one in known), *(one for one in known if one not in asked)]
        return OrganisationsFactsOut(
            items=[OrganisationFactsOut.model_validate(known[one]) for one in shown],
            missing=[one for one in asked if one not in known],
        )

    def _is_stale(self, person: StoredPerson) -> bool:
        told_at = person.register_facts_at
        return person.personal_id_ciphertext is not None and (
            told_at is None or told_at < self.clocks.real_now() - FRESH_FOR
        )

    async def _ask_register(self, people: Sequence[StoredPerson]) -> list[tuple[StoredPerson, RegisterEntry]]:
        """Return what the register says now of those about whom it answers in time."""
        if self.register is None or not people:
            return []
        at_once, answers = asyncio.Semaphore(AT_ONCE), dict[UUID, RegisterEntry]()
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await asyncio.gather(*(self._ask(one, self.register, at_once, answers) for one in people))
        except (UpstreamUnavailable, TimeoutError):
            log.warning("facts.register_unavailable", count=len(people) - len(answers))
        return [(one, answers[one.citizen_id]) for one in people if one.citizen_id in answers]

    async def _ask(
        self,
        person: StoredPerson,
        register: PopulationRegister,
        at_once: asyncio.Semaphore,
        answers: dict[UUID, RegisterEntry],
    ) -> None:
        assert person.personal_id_ciphertext is not None  # noqa: S101 - see _is_stale
        personal_id = self.vault.open(person.personal_id_ciphertext, person.citizen_id)
        async with at_once:
            entry = await register.find(personal_id)
        told = Description(person.name, person.born_on, Sex(person.sex))
        if entry is None or rules.compare(entry.description, told).agreement is Agreement.CONFLICT:
            log.warning("facts.register_differs", citizen_id=str(person.citizen_id))
            return
        answers[person.citizen_id] = entry

    async def _take(
        self, connection: Any, person: StoredPerson, entry: RegisterEntry
    ) -> StoredPerson:  # Any: asyncpg's connection
        """Store what the register says, which also confirms a person who was not yet."""
        now = self.clocks.real_now()
        sealed = seal_facts(self.vault, entry, person.citizen_id)
        await FactsRepository(connection).set_register_facts(person.citizen_id, sealed, now)
        person = replace(person, register_facts_ciphertext=sealed, register_facts_at=now)
        if person.state == "confirmed":
            return person
        official = entry.description
        await PeopleRepository(connection).confirm(person.citizen_id, official, now, "population_register")
        return replace(
            person,
            state="confirmed",
            name=official.name,
            born_on=official.born_on,
            sex=official.sex.value,
        )

    def _out(self, person: StoredPerson) -> PersonFactsOut:
        number, facts = person.personal_id_ciphertext, person.register_facts_ciphertext
        told = open_facts(self.vault, facts, person.citizen_id) if facts is not None else {}
        return PersonFactsOut.model_validate(
            {
                "citizen_id": person.citizen_id,
                "personal_id": self.vault.open(number, person.citizen_id) if number is not None else None,
                "name": person.name,
                "born_on": person.born_on,
                "sex": person.sex,
                "nationality": told.get("nationality", "VN"),
                "residence": told.get("residence"),
                "confirmed": person.state == "confirmed",
            }
        )


def seal_facts(vault: Vault, entry: RegisterEntry, citizen_id: UUID) -> bytes:
    """Return nationality and residence encrypted for a person's row."""
    told = {"nationality": entry.nationality, "residence": entry.residence}
    return vault.cipher.encrypt_bytes(orjson.dumps(told), context=_context(citizen_id))


def open_facts(vault: Vault, ciphertext: bytes, citizen_id: UUID) -> dict[str, Any]:  # Any: JSON members
    """Return what `seal_facts` was given: `nationality` and `residence`. Raises: Undecryptable."""
    told: dict[str, Any] = orjson.loads(vault.cipher.decrypt_bytes(ciphertext, context=_context(citizen_id)))
    return told


def _context(citizen_id: UUID) -> bytes:
    return b"people.register_facts:" + citizen_id.bytes


def _entry(actor: Actor, citizen_id: UUID, purpose: str) -> AccessEntry:
    return AccessEntry(
        citizen_id=citizen_id,
        actor_kind=actor.kind,
        actor_subject=actor.person,
        actor_role="service",
        actor_organisation=actor.organisation,
        purpose=purpose,
        legal_ground=LEGAL_GROUND,
        sections=SECTIONS,
        outcome="allowed",
        resource="person-facts",
    )
