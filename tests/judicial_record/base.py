"""A stand-in for the base of convictions and for the issuing of certificates: says what a test has it say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import UpstreamUnavailable
from chassis.ids import new_id
from judicial_record.applications.models import ApplicationRow
from judicial_record.convictions.service import FindingIn


@dataclass(frozen=True)
class Found:
    """What a look-up says."""

    outcome: Literal["clear", "hit", "gap"]
    findings: Sequence[Any] = ()
    coverage: Sequence[Any] = ()


@dataclass(frozen=True)
class Issued:
    """A certificate."""

    number: str
    certificate_id: UUID


@dataclass
class StandInBase:
    """Everybody is clear until a test says otherwise."""

    outcomes: dict[UUID, Literal["clear", "hit", "gap"]] = field(default_factory=dict)
    contents: dict[UUID, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[UUID] = field(default_factory=list)
    found: list[UUID] = field(default_factory=list)
    issued: list[UUID] = field(default_factory=list)
    status: str = "not_expunged"
    is_away: bool = False
    cannot_sign: bool = False

    async def look_up(
        self, db: AsyncSession, citizen_id: UUID, *, born_on: date, asked_on: date, **person: str | None
    ) -> Found:
        if self.is_away:
            raise UpstreamUnavailable
        outcome = self.outcomes.get(citizen_id, "clear")
        return Found(outcome, [{"status": self.status, "rule_ids": ["70.2.b"]}] if outcome == "hit" else [])

    async def certificate_content(
        self, db: AsyncSession, citizen_id: UUID, form: int, asked_on: date, *, born_on: date | None = None
    ) -> list[dict[str, Any]]:
        return self.contents.get(citizen_id, [])

    async def record_finding(
        self, db: AsyncSession, application_id: UUID, citizen_id: UUID, finding: FindingIn, recorded_by: str
    ) -> UUID:
        self.found.append(application_id)
        return new_id()

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
        self.asked.append(application_id)
        return [new_id()]

    async def issue(
        self, db: AsyncSession, application: ApplicationRow, content: list[dict[str, Any]], approver: str
    ) -> Issued:
        if self.cannot_sign:
            raise UpstreamUnavailable(peer="signing")
        self.issued.append(application.application_id)
        return Issued(f"LLTP-G01-2026-{len(self.issued):07d}", new_id())

    async def describe(self, db: AsyncSession, application: ApplicationRow) -> None:
        return None
