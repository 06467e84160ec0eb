"""Queries of `tokens`."""

import hashlib
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.tokens.models import AuthorizationCodeRow, ClientAssertionRow, RevokedTokenRow, SessionRow
from identity.tokens.rules import Grant, Holder

_EXPIRED = (
    "delete from client_assertions where ctid = any(array(select ctid from client_assertions"
    " where expires_at < :now limit :rows))",
    "delete from revoked_tokens where ctid = any(array(select ctid from revoked_tokens"
    " where expires_at < :now limit :rows))",
    "delete from sessions where session_id = any(array(select session_id from sessions"
    " where expires_at < :now limit :rows))",
)


def code_hash(code: str) -> bytes:
    """Return what is stored of a code. Codes are 256 random bits, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(code.encode()).digest()


class TokenRepository:
    """Sessions, codes, assertions and revocations."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def add_code(
        self, code: str, grant: Grant, *, provider: str, now: datetime, until: datetime
    ) -> None:
        """Store a new sign-in and its code; both are forgotten after `until`."""
        self._db.add(
            SessionRow(
                session_id=grant.session_id,
                citizen_id=grant.citizen_id,
                client_id=grant.client_id,
                provider=provider,
                acr=grant.acr,
                auth_time=grant.auth_time,
                created_at=now,
                expires_at=until,
                kind=grant.holder.kind,
                organisation_id=grant.holder.organisation_id,
                organisation=grant.holder.organisation,
                roles=list(grant.holder.roles),
            )
        )
        await self._db.flush()
        self._db.add(
            AuthorizationCodeRow(
                code_hash=code_hash(code),
                session_id=grant.session_id,
                client_id=grant.client_id,
                redirect_uri=grant.redirect_uri,
                code_challenge=grant.code_challenge,
                scope=grant.scope,
                nonce=grant.nonce,
                expires_at=grant.expires_at,
            )
        )
        await self._db.flush()

    async def lock_grant(self, code: str) -> Grant | None:
        """Return what a code was given for and keep others off it until the transaction ends."""
        row = (
            await self._db.execute(
                select(AuthorizationCodeRow, SessionRow)
                .join(SessionRow, SessionRow.session_id == AuthorizationCodeRow.session_id)
                .where(AuthorizationCodeRow.code_hash == code_hash(code))
                .with_for_update(of=AuthorizationCodeRow)
            )
        ).one_or_none()
        if row is None:
            return None
        given, session = row
        return Grant(
            session_id=session.session_id,
            client_id=given.client_id,
            citizen_id=session.citizen_id,
            redirect_uri=given.redirect_uri,
            code_challenge=given.code_challenge,
            scope=given.scope,
            nonce=given.nonce,
            acr=session.acr,
            auth_time=session.auth_time,
            expires_at=given.expires_at,
            used_at=given.used_at,
            token_id=given.token_id,
            token_expires_at=given.token_expires_at,
            holder=Holder(
                cast("Any", session.kind),
                session.organisation_id,
                session.organisation,
                tuple(session.roles),
            ),
        )

    async def use_code(
        self, code: str, now: datetime, token_id: str | None, token_expires_at: datetime | None
    ) -> None:
        """Mark a code as used, with the token that it gave, if any."""
        await self._db.execute(
            update(AuthorizationCodeRow)
            .where(AuthorizationCodeRow.code_hash == code_hash(code))
            .values(used_at=now, token_id=token_id, token_expires_at=token_expires_at)
        )

    async def take_assertion(self, client_id: str, assertion_id: str, expires_at: datetime) -> bool:
        """Return whether this assertion is taken for the first time."""
        taken = await self._db.execute(
            insert(ClientAssertionRow)
            .values(client_id=client_id, assertion_id=assertion_id, expires_at=expires_at)
            .on_conflict_do_nothing()
            .returning(ClientAssertionRow.assertion_id)
        )
        return taken.first() is not None

    async def revoke(self, token_id: str, expires_at: datetime, now: datetime, reason: str) -> bool:
        """Return whether the token is revoked by this call (and was not before)."""
        revoked = await self._db.execute(
            insert(RevokedTokenRow)
            .values(token_id=token_id, expires_at=expires_at, revoked_at=now, reason=reason)
            .on_conflict_do_nothing()
            .returning(RevokedTokenRow.token_id)
        )
        return revoked.first() is not None

    async def is_revoked(self, token_id: str) -> bool:
        """Return whether a token is revoked."""
        return await self._db.get(RevokedTokenRow, token_id) is not None

    async def forget_expired(self, now: datetime, rows: int) -> int:
        """Delete at most `rows` of each kind that has no further use; return how many were deleted."""
        deleted = 0
        for statement in _EXPIRED:
            result = await self._db.execute(text(statement), {"now": now, "rows": rows})
            deleted += getattr(result, "rowcount", 0)
        return deleted
