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

Json = dict[str, Any]  # Any: JSON members


class LookUp(Protocol):
    """What the base says of a person: `gap` means nothing found where not every source is complete."""

    @property
    def outcome(self) -> Literal["clear", "hit", "gap"]: ...

    @property
    def findings(self) -> Sequence[Any]: ...  # Any: whatever JSON the expungement engine explains itself by

    @property
    def coverage(self) -> Sequence[Any]: ...  # Any: as above


class Convictions(Protocol):
    """The base of convictions; every call is in the caller's transaction."""

    async def look_up(
        self, db: AsyncSession, citizen_id: UUID, *, born_on: date, asked_on: date
    ) -> LookUp: ...

    async def certificate_content(
        self, db: AsyncSession, citizen_id: UUID, form: int, asked_on: date
    ) -> list[Json]:
        """Return what a certificate of this form shows, after expungement; empty is "nothing on record"."""
        ...

    async def request_verification(
        self, db: AsyncSession, application_id: UUID, citizen_id: UUID, *, reason: str, requested_by: str
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
