"""For whom a citizen may act: companies by our own register of grants, children by the population register's
word of this moment.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from chassis import access_log
from chassis.access_log import AccessEntry
from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import UpstreamUnavailable
from identity.acting.rules import scopes_for_child
from identity.facts.repository import FactsRepository
from identity.organisations.repository import OrganisationRepository
from identity.organisations.rules import COMPANY_SCOPES
from identity.peers.population_register import PopulationRegister, RegisterEntry
from identity.people.admission import BY_REGISTER, Admission
from identity.people.service import Vault

LONGEST_WAIT_SECONDS = 3.0
PURPOSE = "acting-for"
LEGAL_GROUND = "parent by the population register"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody for whom a citizen may act. `organisation` is a company's tax code."""

    id: UUID
    kind: Literal["child", "company"]
    name: str
    basis: Literal["parent", "legal_representative", "delegate"]
    scopes: frozenset[str]
    born_on: str | None = None
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class ActingService:
    """Use cases of acting. `register` is `None` where none is set up: then there are no children."""

    database: Database
    vault: Vault
    clocks: Clocks
    admission: Admission
    register: PopulationRegister | None

    async def list_principals(self, actor: Actor, citizen_id: UUID) -> tuple[list[Principal], bool]:
        """Return for whom a citizen may act, and whether that is everybody; the children see that they were
        shown.
        """
        found = await self._companies(citizen_id)
        try:
            children, is_complete = await self._children(citizen_id), True
        except UpstreamUnavailable:
            children, is_complete = [], False
        async with self.database.transaction() as db:
            for child in children:
                await access_log.record(db, _entry(actor, child.id, sections=("identity",)))
        return found + children, is_complete

    async def find_principal(self, actor: Actor, citizen_id: UUID, principal_id: UUID) -> Principal | None:
        """Return for whom a citizen asks to act, or `None` when they may not; a child sees either.

        Raises: UpstreamUnavailable: no company of theirs, and the register does not answer.
        """
        mine = [one for one in await self._companies(citizen_id) if one.id == principal_id]
        if mine:
            return mine[0]
        child = next((one for one in await self._children(citizen_id) if one.id == principal_id), None)
        async with self.database.connection() as connection:
            is_person = bool(await FactsRepository(connection).find_people([principal_id]))
        if child is not None:
            async with self.database.transaction() as db:
                await access_log.record(db, _entry(actor, child.id, sections=("token",)))
        elif is_person:
            await access_log.record_refusal(self.database, _entry(actor, principal_id, reason="no_relation"))
        return child

    async def _companies(self, citizen_id: UUID) -> list[Principal]:
        async with self.database.transaction() as db:
            organisations = OrganisationRepository(db)
            found = await organisations.list_representations(citizen_id, self.clocks.legal_today())
        return [
            Principal(
                one.organisation_id,
                "company",
                one.name,
                one.basis,
                COMPANY_SCOPES,
                organisation=one.tax_code,
            )
            for one in found
        ]

    async def _children(self, citizen_id: UUID) -> list[Principal]:
        """Return the minor children with a number. Raises: UpstreamUnavailable."""
        if self.register is None:
            return []
        async with self.database.connection() as connection:
            parent = (await FactsRepository(connection).find_people([citizen_id])).get(citizen_id)
        if parent is None or parent.personal_id_ciphertext is None:
            return []
        number = self.vault.open(parent.personal_id_ciphertext, citizen_id)
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                entries = await self._registered_children(self.register, number)
        except TimeoutError as failure:
            raise UpstreamUnavailable(headers={"retry-after": "30"}, peer="population-register") from failure
        found = [await self._principal(child_number, entry) for child_number, entry in entries]
        return sorted((one for one in found if one.scopes), key=lambda one: one.born_on or "")

    async def _registered_children(
        self, register: PopulationRegister, number: str
    ) -> list[tuple[str, RegisterEntry]]:
        """Return numbers and entries of the living children of a living parent."""
        parent = await register.find(number)
        if parent is None or not parent.is_alive:
            return []
        numbers = [one.personal_id for one in parent.relatives if one.kind == "child" and one.personal_id]
        entries = [(one, await register.find(one)) for one in numbers]
        return [(one, entry) for one, entry in entries if entry is not None and entry.is_alive]

    async def _principal(self, number: str, entry: RegisterEntry) -> Principal:
        child = entry.description
        scopes = scopes_for_child(child.born_on, self.clocks.legal_today())
        child_id = await self.admission.admit(number, child, None, by=BY_REGISTER)
        return Principal(child_id, "child", child.name, "parent", scopes, born_on=child.born_on)


def _entry(
    actor: Actor, citizen_id: UUID, *, sections: tuple[str, ...] = (), reason: str | None = None
) -> AccessEntry:
    return AccessEntry(
        citizen_id=citizen_id,
        actor_kind=actor.kind,
        actor_subject=actor.person,
        actor_role="parent" if reason is None else None,
        actor_organisation=None,
        purpose=PURPOSE,
        legal_ground=LEGAL_GROUND if reason is None else "none",
        sections=sections,
        outcome="allowed" if reason is None else "refused",
        reason=reason,
        resource="acting-for",
    )
