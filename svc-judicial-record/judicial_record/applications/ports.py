"""What applications need of the service's other features, as they need it; `app.py` puts the real ones in.

Protocols instead of imports, because convictions call back when all answers are in
(`verifications.answers_are_in`), and two features that import each other cannot be read one after the other.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from judicial_record.applications.models import ApplicationRow
from judicial_record.applications.schemas import CertificateOut
from judicial_record.convictions.service import FindingIn

Json = dict[str, Any]  # Any: JSON members


class LookUp(Protocol):
    """What the base says of a person: `gap` means nothing found where not every source is complete."""

    @property
    def outcome(self) -> Literal["clear", "hit", "gap"]: ...

    @property
    def findings(self) -> Sequence[Json]:
        """How the expungement rules judge each judgment; `status` is what it counts for."""
        ...

    @property
    def coverage(self) -> Sequence[Json]:
        """How complete each source is; `state` is `complete` or not."""
        ...


class Convictions(Protocol):
    """The base of convictions; every call is in the caller's transaction."""

    async def look_up(
        self,
        db: AsyncSession,
        citizen_id: UUID,
        *,
        born_on: date,
        asked_on: date,
        personal_id: str | None = None,
        name: str | None = None,
    ) -> LookUp: ...

    async def certificate_content(
        self, db: AsyncSession, citizen_id: UUID, form: int, asked_on: date, *, born_on: date | None = None
    ) -> list[Json]:
        """Return what a certificate of this form shows, after expungement; empty is "nothing on record".

        Raises: a problem while it cannot be told what counts.
        """
        ...

    async def record_finding(
        self,
        db: AsyncSession,
        application_id: UUID,
        citizen_id: UUID,
        finding: FindingIn,
        recorded_by: str,
    ) -> UUID:
        """Keep what an officer found out otherwise, for the look-ups that follow."""
        ...

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
        """Ask the bodies that the look-up left open; return the ids of the questions asked."""
        ...


class Certificate(Protocol):
    """A certificate that was issued."""

    @property
    def number(self) -> str: ...

    @property
    def certificate_id(self) -> UUID: ...


class Certificates(Protocol):
    """The issuing of certificates."""

    async def issue(
        self, db: AsyncSession, application: ApplicationRow, content: list[Json], approver: str
    ) -> Certificate:
        """Number, sign, keep and announce a certificate in the caller's transaction.

        Raises: UpstreamUnavailable when signing is not possible; then nothing is kept.
        """
        ...

    async def describe(self, db: AsyncSession, application: ApplicationRow) -> CertificateOut | None:
        """Return what the holder is told of the application's certificate; None before it is issued."""
        ...
