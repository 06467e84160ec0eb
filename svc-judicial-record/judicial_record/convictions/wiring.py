"""Puts the base of convictions together, and shows it to applications as the one thing that they ask for."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from judicial_record.clients.identity import IdentityClient
from judicial_record.convictions.intake import ConvictionIntake
from judicial_record.convictions.office import OfficeRecords
from judicial_record.convictions.peers import HttpSourcePeer, SourcePeer
from judicial_record.convictions.persons import IdentityResolver, WaitingPeople
from judicial_record.convictions.service import ConvictionService, FindingIn, LookUp
from judicial_record.convictions.vault import ConvictionVault
from judicial_record.convictions.verifications import AnswersAreIn, VerificationService
from judicial_record.settings import JudicialRecordSettings

Json = dict[str, Any]  # Any: JSON members


class ConvictionBase:
    """The base of convictions; every call is in the caller's transaction."""

    def __init__(self, service: ConvictionService, verifications: VerificationService) -> None:
        self._service = service
        self._verifications = verifications

    async def look_up(
        self,
        db: AsyncSession,
        citizen_id: UUID,
        *,
        born_on: date,
        asked_on: date,
        personal_id: str | None = None,
        name: str | None = None,
    ) -> LookUp:
        """See `ConvictionService.look_up`."""
        return await self._service.look_up(
            db, citizen_id, born_on=born_on, asked_on=asked_on, personal_id=personal_id, name=name
        )

    async def certificate_content(
        self, db: AsyncSession, citizen_id: UUID, form: int, asked_on: date, *, born_on: date | None = None
    ) -> list[Json]:
        """See `ConvictionService.certificate_content`. Raises: RecordUndetermined."""
        return await self._service.certificate_content(db, citizen_id, form, asked_on, born_on=born_on)

    async def request_verification(
        self,
        db: AsyncSession,
        application_id: UUID,
        citizen_id: UUID,
        *,
        reason: str,
        requested_by: str,
        since: date | None = None,
    ) -> Sequence[UUID]:
        """See `VerificationService.request`."""
        return await self._verifications.request(
            db, application_id, citizen_id, reason=reason, requested_by=requested_by, since=since
        )

    async def record_finding(
        self, db: AsyncSession, application_id: UUID, citizen_id: UUID, finding: FindingIn, recorded_by: str
    ) -> UUID:
        """See `ConvictionService.record_finding`."""
        return await self._service.record_finding(db, application_id, citizen_id, finding, recorded_by)


class _People:
    """Describes citizens by what identity knows."""

    def __init__(self, identity: IdentityClient) -> None:
        self._identity = identity

    async def describe(self, citizen_id: UUID) -> Json | None:
        person = await self._identity.person_facts(citizen_id, "judicial_record_verification")
        if person is None:
            return None
        return {
            "name": person.name,
            "born_on": person.born_on,
            "sex": person.sex,
            "personal_id": person.personal_id,
        }


def open_convictions(
    state: Any,  # Any: starlette's State
    settings: JudicialRecordSettings,
    peer: SourcePeer | None = None,
) -> ConvictionBase:
    """Add the base to `app.state`, over the parts that the chassis has opened, and return it.

    `peer` stands for the sources' systems in tests.
    """
    vault = ConvictionVault(state.keys)
    resolver = IdentityResolver(state.http, state.tokens, settings.identity_url)
    identity = IdentityClient(state.http, state.tokens, settings.identity_url, settings.person_facts_seconds)
    peer = peer or HttpSourcePeer(
        state.http, settings.sources_address, settings.client_key_file, f"svc-{settings.service}"
    )
    state.conviction_intake = ConvictionIntake(state.database, resolver, vault, state.clocks)
    state.waiting_convictions = WaitingPeople(state.database, resolver, vault, state.clocks)
    state.conviction_verifications = VerificationService(
        state.database, vault, state.conviction_intake, peer, _People(identity), state.clocks
    )
    service = ConvictionService(vault, state.clocks)
    state.office_records = OfficeRecords(state.database, service, state.clocks)
    base = ConvictionBase(service, state.conviction_verifications)
    state.convictions = base
    return base


def call_back(state: Any, answers_are_in: AnswersAreIn) -> None:  # Any: as above
    """Say who is told in the transaction of an application's last answer."""
    verifications: VerificationService = state.conviction_verifications
    verifications.answers_are_in = answers_are_in


async def link_waiting_convictions(state: Any) -> None:  # Any: as above
    """Ask identity again for the people of documents that wait."""
    waiting: WaitingPeople = state.waiting_convictions
    await waiting.link_waiting()


async def send_verifications(state: Any) -> None:  # Any: as above
    """Send, or ask after, what courts and police are asked."""
    verifications: VerificationService = state.conviction_verifications
    await verifications.send_due()
