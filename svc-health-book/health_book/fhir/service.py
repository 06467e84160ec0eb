"""The FHIR intake: a Bundle becomes resources, and visits of the citizen's book."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import MalformedBody, Text
from chassis.logging import get_logger
from health_book.fhir import repository
from health_book.fhir.bundles import Bundle, read_bundle
from health_book.fhir.issues import Issue, Refused
from health_book.fhir.json_text import Json, Unreadable, parse
from health_book.fhir.persons import patient_of
from health_book.fhir.plan import PlannedVisit, plan_visits
from health_book.fhir.references import CONDITIONAL, LITERAL, references
from health_book.fhir.search import uuid_of
from health_book.fhir.writer import BundleFile, BundleWriter, Person, Taken
from health_book.persons.rules import pause_before_next_attempt
from health_book.persons.service import PersonLinks
from health_book.submissions.receipt import in_language
from health_book.submissions.service import Sender, foreseen_receipt
from health_book.vault import Vault

TRANSACTION = frozenset({"transaction"})
TAKEN_AS_FILE = frozenset({"transaction", "collection", "document"})
_READ_IN_THREAD_FROM_BYTES = 64 << 10
_PATIENTS_AT_ONCE = 200

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Outer:
    """What a Bundle refers to that is there already: new references, and its patients."""

    links: dict[str, str]
    patients: dict[str, Json]
    people: dict[str, Person]


class FhirIntake:
    """Use cases of a hospital's system that speaks FHIR."""

    def __init__(
        self, database: Database, people: PersonLinks, vault: Vault, clocks: Clocks, base_url: str
    ) -> None:
        """`base_url` is the public address of the FHIR interface, without a slash at its end."""
        self._database = database
        self._writer = BundleWriter(database, vault)
        self._people = people
        self._vault = vault
        self._clocks = clocks
        self._base_url = base_url

    async def submit(
        self, sender: Sender, body: bytes, media_type: str, kinds: frozenset[str]
    ) -> tuple[Json, list[Taken]]:
        """Take a Bundle whole; return its receipt and what became of each entry. Idempotent by its keys.

        Raises: MalformedBody, Refused, PatientChanged; then nothing is stored.
        """
        received_at = self._clocks.real_now()
        sha256 = hashlib.sha256(body).digest()
        bundle = await self._read(body, kinds, sha256)
        outer, visits = await self._plan(sender, bundle, received_at)
        patients = list(bundle.of("Patient"))
        answers = await self._people.find([patient_of(entry.resource).question for entry in patients])
        receipt, taken = await self._writer.keep(
            BundleFile(
                facility_code=sender.facility_code,
                client_id=sender.client_id,
                media_type=media_type,
                size_bytes=len(body),
                sha256=sha256,
                original=self._vault.seal_original(body, sha256),
                received_at=received_at,
                bundle=bundle,
                visits=visits,
                people={entry.position: answer for entry, answer in zip(patients, answers, strict=True)},
                outer_people=outer.people,
                links=outer.links,
            )
        )
        log.info(
            "fhir.bundle_kept",
            submission_id=receipt["id"],
            accepted=receipt["accepted"],
            unchanged=receipt["unchanged"],
            unlinked=receipt["unlinked"],
            count=len(taken),
        )
        return in_language(receipt, sender.language), taken

    async def try_out(self, sender: Sender, body: bytes) -> Json:
        """Return the receipt that the Bundle would get, and store nothing. Raises: as `submit`."""
        received_at = self._clocks.real_now()
        bundle = await self._read(body, TAKEN_AS_FILE, hashlib.sha256(body).digest())
        _, visits = await self._plan(sender, bundle, received_at)
        found = {planned.number: planned.visit for planned in visits}
        receipt = await foreseen_receipt(self._database, sender.facility_code, found, received_at)
        return in_language(receipt, sender.language)

    async def link_waiting(self) -> int:
        """Ask again for patients whose person is not known; return how many were found. Idempotent."""
        now = self._clocks.real_now()
        async with self._database.statement() as connection:
            due = await repository.list_due_patients(connection, now, _PATIENTS_AT_ONCE)
        if not due:
            return 0
        answers = await self._people.find([self._vault.open_question(row["question"]) for row in due])
        async with self._database.connection() as connection:
            for row, (citizen_id, state) in zip(due, answers, strict=True):
                next_at = now + pause_before_next_attempt(state, row["attempts"])
                await repository.settle_patient(connection, row["patient_id"], citizen_id, state, next_at)
        return sum(citizen_id is not None for citizen_id, _ in answers)

    async def _read(self, body: bytes, kinds: frozenset[str], sha256: bytes) -> Bundle:
        """Read and check a Bundle; a large one beside the event loop, so that others are served meanwhile."""

        def read() -> Bundle:
            try:
                return read_bundle(parse(body), kinds, sha256.hex())
            except Unreadable as failure:
                reason = Text(
                    vi=f"Không đọc được JSON: {failure}.", en=f"The JSON cannot be read: {failure}."
                )
                raise MalformedBody(reason) from failure

        return await asyncio.to_thread(read) if len(body) >= _READ_IN_THREAD_FROM_BYTES else read()

    async def _plan(
        self, sender: Sender, bundle: Bundle, received_at: datetime
    ) -> tuple[_Outer, list[PlannedVisit]]:
        outer = await self._look_outside(sender.facility_code, bundle)
        return outer, plan_visits(bundle, sender.facility_code, received_at, outer.patients)

    async def _look_outside(self, facility_code: str, bundle: Bundle) -> _Outer:
        """Find what the Bundle refers to that the same facility sent before.

        Raises: Refused for a conditional reference that nothing fits.
        """
        asked = self._asked_outside(bundle)
        keys = {
            reference: (kind, self._vault.index_identifier(key))
            for reference, (kind, _, key) in asked.items()
        }
        ids = [found for _, found, _ in asked.values() if found is not None]
        async with self._database.statement() as connection:
            claims = await repository.find_claims(connection, facility_code, list(keys.values()))
            own = await repository.find_own(connection, facility_code, ids)
        links: dict[str, str] = {}
        missing = []
        for reference, (kind, resource_id, _) in asked.items():
            found = claims.get(keys[reference])
            if found is None and resource_id is not None and own.get(resource_id) == kind:
                found = resource_id
            if found is not None:
                links[reference] = f"{kind}/{found}"
            elif CONDITIONAL.fullmatch(reference):
                missing.append(Issue("not-found", "Bundle", "reference_not_found"))
        if missing:
            raise Refused(missing[:1])
        return await self._with_patients(bundle, links)

    def _asked_outside(self, bundle: Bundle) -> dict[str, tuple[str, UUID | None, str]]:
        """Return (type, id, key) by reference, for every reference that leads out of the Bundle to us."""
        asked: dict[str, tuple[str, UUID | None, str]] = {}
        for entry in bundle.entries.values():
            if entry.own_id and (known := uuid_of(entry.own_id)):
                asked[f"{entry.kind}/{entry.own_id}"] = (entry.kind, known, f"id|{entry.own_id}")
            for reference in references(entry.resource):
                if reference in asked or bundle.addresses.position(reference) is not None:
                    continue
                plain = reference.removeprefix(f"{self._base_url}/")
                if condition := CONDITIONAL.fullmatch(plain):
                    asked[reference] = (condition.group(1), None, f"identifier|{condition.group(2)}")
                elif "://" not in plain and (literal := LITERAL.fullmatch(plain)):
                    kind, name = literal.groups()
                    asked[reference] = (kind, uuid_of(name), f"id|{name}")
        return asked

    async def _with_patients(self, bundle: Bundle, links: dict[str, str]) -> _Outer:
        patients: dict[str, Json] = {}
        people: dict[str, Person] = {}
        for outer in {entry.outer_patient for entry in bundle.entries.values()} - {None}:
            target = links.get(str(outer)) or links.get(f"Patient/{outer}")
            if target is None:
                continue
            patient_id = UUID(target.partition("/")[2])
            async with self._database.statement() as connection:
                row = await repository.get_content(connection, patient_id, "Patient", patient_id)
                address = await repository.find_address(connection, patient_id)
            if row is not None and address is not None:
                text = self._vault.open_resource(row["content"], row["facility_code"], patient_id)
                patients[str(outer)] = parse(text)
                citizen_id = address["citizen_id"]
                people[str(outer)] = (citizen_id, "linked" if citizen_id else "waiting")
        return _Outer(links, patients, people)
