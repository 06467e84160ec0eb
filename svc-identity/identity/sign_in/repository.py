"""Queries of `sign_in`."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.sign_in.models import AccountRow, AuthorizationRequestRow

VNEID = "vneid"


def state_hash(state: str) -> bytes:
    """Return what is stored of a state; states are 256 random bits."""
    return hashlib.sha256(state.encode()).digest()


class SignInRepository:
    """Sign-ins under way, and upstream accounts."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def add_request(self, row: AuthorizationRequestRow) -> None:
        """Store a sign-in that begins."""
        self._db.add(row)
        await self._db.flush()

    async def find_open_request(self, state: str, now: datetime) -> AuthorizationRequestRow | None:
        """Return a sign-in that is neither finished nor expired."""
        row = await self._db.get(AuthorizationRequestRow, state_hash(state))
        return row if row is not None and row.finished_at is None and row.expires_at > now else None

    async def finish_request(self, state: str, now: datetime) -> bool:
        """Return whether this call finishes the sign-in: of several at once, one does."""
        done = await self._db.execute(
            update(AuthorizationRequestRow)
            .where(
                AuthorizationRequestRow.state_hash == state_hash(state),
                AuthorizationRequestRow.finished_at.is_(None),
            )
            .values(finished_at=now)
            .returning(AuthorizationRequestRow.state_hash)
        )
        return done.first() is not None

    async def find_account(self, account_id: str) -> UUID | None:
        """Return the person of a VNeID account."""
        row = await self._db.get(AccountRow, (VNEID, account_id))
        return row.citizen_id if row is not None else None

    async def link_account(self, account_id: str, citizen_id: UUID, now: datetime) -> UUID | None:
        """Link an account to a person unless either has another partner; return the account's person."""
        await self._db.execute(
            insert(AccountRow)
            .values(
                provider=VNEID,
                account_id=account_id,
                citizen_id=citizen_id,
                created_at=now,
                last_sign_in_at=now,
            )
            .on_conflict_do_nothing()
        )
        return await self._db.scalar(
            update(AccountRow)
            .where(AccountRow.provider == VNEID, AccountRow.account_id == account_id)
            .values(last_sign_in_at=now)
            .returning(AccountRow.citizen_id)
        )

    async def forget_expired(self, now: datetime, rows: int) -> int:
        """Delete at most `rows` sign-ins that expired; return how many."""
        statement = (
            "delete from authorization_requests where state_hash = any(array("
            "select state_hash from authorization_requests where expires_at < :now limit :rows))"
        )
        result = await self._db.execute(text(statement), {"now": now, "rows": rows})
        return int(getattr(result, "rowcount", 0))
