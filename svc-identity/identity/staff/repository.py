"""Queries of `staff`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.staff.models import SignInAttemptRow, StaffAccountRow


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """An active account as a sign-in needs it."""

    username: str
    citizen_id: UUID
    organisation: str
    roles: tuple[str, ...]
    password_hash: str
    totp_secret_ciphertext: bytes
    last_totp_step: int | None


class StaffRepository:
    """Accounts of staff, and counted attempts."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, username: str) -> StaffAccount | None:
        """Return an active account."""
        row = await self._db.get(StaffAccountRow, username)
        if row is None or not row.is_active:
            return None
        return StaffAccount(
            username=row.username,
            citizen_id=row.citizen_id,
            organisation=row.organisation,
            roles=tuple(row.roles),
            password_hash=row.password_hash,
            totp_secret_ciphertext=row.totp_secret_ciphertext,
            last_totp_step=row.last_totp_step,
        )

    async def use_step(self, username: str, step: int, now: datetime) -> bool:
        """Return whether the code of this step is used by this call: of several at once, one does."""
        done = await self._db.execute(
            update(StaffAccountRow)
            .where(
                StaffAccountRow.username == username,
                StaffAccountRow.is_active,
                or_(StaffAccountRow.last_totp_step.is_(None), StaffAccountRow.last_totp_step < step),
            )
            .values(last_totp_step=step, last_sign_in_at=now)
            .returning(StaffAccountRow.username)
        )
        return done.first() is not None

    async def citizens(self) -> dict[str, UUID]:
        """Return whose account each username is, inactive ones too."""
        rows = await self._db.execute(select(StaffAccountRow.username, StaffAccountRow.citizen_id))
        return {row.username: row.citizen_id for row in rows}

    async def put(self, username: str, values: dict[str, Any]) -> None:  # Any: column values
        """Store an account as registered. Used codes stay used."""
        await self._db.execute(
            insert(StaffAccountRow)
            .values(username=username, **values)
            .on_conflict_do_update(index_elements=["username"], set_=values)
        )

    async def deactivate_others(self, kept: list[str], now: datetime) -> None:
        """Make the accounts inactive that are not among the registered ones."""
        await self._db.execute(
            update(StaffAccountRow)
            .where(StaffAccountRow.username.not_in(kept), StaffAccountRow.is_active)
            .values(is_active=False, updated_at=now)
        )

    async def count_attempt(self, key_hash: bytes, now: datetime, forgotten_before: datetime) -> int | None:
        """Count an attempt as failed until it is known to have succeeded; return the failures so far.

        `None` while nobody may try under this key. Attempts at once are counted one after another, so that
        none of them slips past the limit.
        """
        fresh = SignInAttemptRow.last_at < forgotten_before
        counted = insert(SignInAttemptRow).values(key_hash=key_hash, failure_count=1, last_at=now)
        counted = counted.on_conflict_do_update(
            index_elements=["key_hash"],
            set_={
                "failure_count": SignInAttemptRow.failure_count + 1,
                "last_at": now,
            },
            where=or_(SignInAttemptRow.blocked_until.is_(None), SignInAttemptRow.blocked_until <= now),
        )
        await self._db.execute(delete(SignInAttemptRow).where(SignInAttemptRow.key_hash == key_hash, fresh))
        found = await self._db.execute(counted.returning(SignInAttemptRow.failure_count))
        return found.scalar_one_or_none()

    async def block(self, key_hash: bytes, until: datetime) -> None:
        """Let nobody try under a key until then."""
        await self._db.execute(
            update(SignInAttemptRow).where(SignInAttemptRow.key_hash == key_hash).values(blocked_until=until)
        )

    async def blocked_until(self, key_hash: bytes) -> datetime | None:
        """Return until when nobody may try under a key."""
        row = await self._db.get(SignInAttemptRow, key_hash, populate_existing=True)
        return row.blocked_until if row is not None else None

    async def forget_attempts(self, key_hash: bytes) -> None:
        """Forget the failures of a key, after a success."""
        await self._db.execute(delete(SignInAttemptRow).where(SignInAttemptRow.key_hash == key_hash))

    async def take_back(self, key_hash: bytes) -> None:
        """Count one failure less: the attempt has succeeded."""
        await self._db.execute(
            update(SignInAttemptRow)
            .where(SignInAttemptRow.key_hash == key_hash)
            .values(failure_count=SignInAttemptRow.failure_count - 1, blocked_until=None)
        )

    async def forget_old(self, before: datetime, rows: int) -> int:
        """Delete at most `rows` counters that nothing was added to since; return how many."""
        statement = (
            "delete from sign_in_attempts where key_hash = any(array("
            "select key_hash from sign_in_attempts where last_at < :before limit :rows))"
        )
        result = await self._db.execute(text(statement), {"before": before, "rows": rows})
        return int(getattr(result, "rowcount", 0))
