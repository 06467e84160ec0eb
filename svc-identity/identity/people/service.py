"""Resolution: from papers to people, in batches (decision 0005)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.clock import Clocks
from chassis.crypto import BlindIndex, Cipher
from chassis.db import Database
from chassis.ids import new_id
from identity.people import rules
from identity.people.papers import Paper, PaperKind, is_personal_id, paper_number, read_born_on, stored_name
from identity.people.repository import ClaimKey, KnownPerson, NewPerson, PeopleRepository
from identity.people.rules import Agreement, Description, Finding
from identity.people.schemas import PersonIn


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer for one item."""

    ref: str
    citizen_id: UUID | None
    state: str
    reason: Finding | None = None
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Vault:
    """What turns papers into what the database may hold."""

    cipher: Cipher
    blind_index: BlindIndex

    def key(self, paper: Paper) -> ClaimKey:
        """Return the database's key of a paper; the kind is part of what is hashed."""
        return ClaimKey(paper.kind, self.blind_index.of(f"{paper.kind.value}:{paper.number}"))

    def seal(self, personal_id: str, citizen_id: UUID) -> bytes:
        """Return a personal number encrypted for its row."""
        return self.cipher.encrypt(personal_id, context=_context(citizen_id))

    def open(self, ciphertext: bytes, citizen_id: UUID) -> str:
        """Return the personal number of a row. Raises: Undecryptable."""
        return self.cipher.decrypt(ciphertext, context=_context(citizen_id))


@dataclass(slots=True)
class _Asked:
    """One item on its way through."""

    ref: str
    description: Description
    personal_id: str | None
    keys: list[ClaimKey]
    findings: list[Finding] = field(default_factory=list)


class PeopleService:
    """Use cases of people."""

    def __init__(self, database: Database, vault: Vault, clocks: Clocks) -> None:
        self._database = database
        self._vault = vault
        self._clocks = clocks

    async def resolve(self, items: Sequence[PersonIn]) -> list[Resolution]:
        """Return the person behind each item, in order; enter unknown numbers as unconfirmed people.

        Idempotent, also under concurrency: a number has one owner in the database. One transaction of two
        statements when everybody is known, four when somebody is new.
        """
        asked = [self._read(item) for item in items]
        async with self._database.connection() as connection:
            people = PeopleRepository(connection)
            keys = list({key for one in asked for key in one.keys})
            known = await people.find(keys) if keys else {}
            new = self._new_people(asked, known)
            if new:
                entered = await people.add_unconfirmed(new, self._clocks.real_now())
                for person in new:
                    if person.citizen_id in entered:
                        known[person.key] = KnownPerson(person.citizen_id, "unconfirmed", person.description)
                lost = [person.key for person in new if person.citizen_id not in entered]
                known |= await people.find(lost) if lost else {}
        return [self._answer(one, known) for one in asked]

    def _read(self, item: PersonIn) -> _Asked:
        born_on = read_born_on(item.born_on)
        description = Description(stored_name(item.name), born_on, item.sex)
        findings = [] if born_on or not item.born_on else [Finding.BIRTH_UNREADABLE]
        number = paper_number(item.personal_id) if item.personal_id else None
        personal_id = number if number and is_personal_id(number) else None
        papers = []
        if personal_id:
            papers.append(Paper(PaperKind.PERSONAL_ID, personal_id))
            findings += rules.number_warnings(personal_id, description, self._clocks.legal_today())
        elif number:
            findings.append(Finding.NUMBER_MALFORMED)
        papers += [Paper(PaperKind(p.kind), paper_number(p.number)) for p in item.other_papers]
        if item.insurance_card:
            papers.append(Paper(PaperKind.INSURANCE_CARD, paper_number(item.insurance_card)))
        keys = [self._vault.key(paper) for paper in papers if paper.number]
        return _Asked(item.ref, description, personal_id, keys, findings)

    def _new_people(self, asked: Sequence[_Asked], known: dict[ClaimKey, KnownPerson]) -> list[NewPerson]:
        """Return who is to be entered: each unknown number once, as first described in the batch."""
        new: dict[ClaimKey, NewPerson] = {}
        for one in asked:
            if not rules.can_start_a_person(one.personal_id, one.description.name):
                continue
            key = one.keys[0]
            if key in known or key in new or one.personal_id is None:
                continue
            citizen_id = new_id()
            sealed = self._vault.seal(one.personal_id, citizen_id)
            new[key] = NewPerson(key, citizen_id, sealed, one.description)
        return list(new.values())

    def _answer(self, one: _Asked, known: dict[ClaimKey, KnownPerson]) -> Resolution:
        if not one.description.name:
            return Resolution(one.ref, None, "insufficient", Finding.NO_NAME)
        # A personal number decides alone: other papers are only asked where there is none.
        keys = one.keys[:1] if one.personal_id else one.keys
        person = next((known[key] for key in keys if key in known), None)
        if person is None:
            reason = Finding.PAPER_UNKNOWN if keys else Finding.NO_USABLE_PAPER
            if Finding.NUMBER_MALFORMED in one.findings:
                reason = Finding.NUMBER_MALFORMED
            return Resolution(one.ref, None, "insufficient", reason)
        comparison = rules.compare(person.description, one.description)
        if comparison.agreement is Agreement.CONFLICT:
            return Resolution(one.ref, None, "conflict", comparison.findings[0], tuple(one.findings))
        warnings = (*one.findings, *comparison.findings)
        return Resolution(one.ref, person.citizen_id, person.state, None, warnings)


def _context(citizen_id: UUID) -> bytes:
    return b"people.personal_id:" + citizen_id.bytes
