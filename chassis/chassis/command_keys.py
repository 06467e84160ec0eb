"""The keys of commands in the database: claimed by a try-lock, kept with the answers that they got.

Two kinds of claim: `Attached` to the command's own transaction, and `Detached` beside a command of many
units of work. Both find and store by the same statements.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import orjson
from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.crypto import Cipher
from chassis.db import Database
from chassis.errors import IdempotencyKeyInFlight, IdempotencyKeyReused, MissingIdempotencyKey

KEPT = timedelta(hours=24)
_NOT_KEPT = frozenset({"content-length", "date", "x-request-id", "traceparent"})

_TRY_LOCK = "select pg_try_advisory_xact_lock($1)"
# Not in one statement with the lock: it would see the rows as they were before the lock was free.
_FIND = """
    select request_hash, status, headers::text, body from idempotency_keys
    where key_hash = $1 and created_at > $2 order by created_at limit 1
"""
_COLUMNS = "key_hash, request_hash, status, headers, body, created_at"
_STORE = f"insert into idempotency_keys ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6)"  # noqa: S608
# A crash may lose it, since the command is idempotent by its natural keys: nobody waits for the disk.
_STORE_SOON = f"""
    insert into idempotency_keys ({_COLUMNS}) select $1, $2, $3, $4, $5, $6
    from set_config('synchronous_commit', 'off', true)
"""  # noqa: S608


class Replay(Exception):
    """The command was answered before; carries that answer past the endpoint."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True, slots=True)
class CommandKey:
    """One use of a key: `key_hash` says whose and where, `request_hash` what was asked.

    Answers may name people, so they are stored under `cipher` only.
    """

    key_hash: bytes
    request_hash: bytes
    cipher: Cipher

    @property
    def context(self) -> bytes:
        """Where a stored answer belongs."""
        return b"idempotency_keys.body:" + self.key_hash

    @property
    def lock(self) -> int:
        """The key of its advisory lock, 64 bits signed."""
        return int.from_bytes(self.key_hash[:8], "big", signed=True)

    def where(self) -> tuple[object, ...]:
        """Return the arguments that find an answer."""
        return self.key_hash, datetime.now(UTC) - KEPT

    def replay(self, row: Any) -> None:  # Any: a row of SQLAlchemy or of asyncpg
        """Pass when there is no answer yet. Raises: Replay with it; IdempotencyKeyReused."""
        if row is None:
            return
        request_hash, status, headers, body = row
        if request_hash != self.request_hash:
            raise IdempotencyKeyReused
        content = self.cipher.decrypt_bytes(body, context=self.context)
        response = Response(content, status)
        response.raw_headers = [
            (name.encode(), value.encode("latin-1")) for name, value in orjson.loads(headers)
        ]
        response.headers["content-length"] = str(len(content))
        response.headers["idempotency-replayed"] = "true"
        raise Replay(response)

    def values(self, response: Response) -> tuple[object, ...]:
        """Return the arguments that store an answer."""
        headers = [
            (name.decode(), value.decode("latin-1"))
            for name, value in response.raw_headers
            if name.decode().lower() not in _NOT_KEPT
        ]
        return (
            self.key_hash,
            self.request_hash,
            response.status_code,
            orjson.dumps(headers).decode(),
            self.cipher.encrypt_bytes(bytes(response.body), context=self.context),
            datetime.now(UTC),
        )


async def command_key(request: Request) -> CommandKey:
    """Return the key of a request whose caller is known (`request.state.actor`, set by its access rule).

    Raises:
        MissingIdempotencyKey: no `Idempotency-Key` of 1 to 200 visible ASCII characters.
    """
    key = request.headers.get("idempotency-key", "")
    if not 1 <= len(key) <= 200 or not all("!" <= character <= "~" for character in key):
        raise MissingIdempotencyKey
    actor = getattr(request.state, "actor", None)
    who = (actor.client_id, actor.subject) if actor is not None else ("", "")
    asked = (request.method, request.url.path, request.url.query)
    return CommandKey(
        key_hash=_hash(*who, request.method, request.scope["route"].name, key),
        request_hash=_hash(*asked, await request.body()),
        cipher=request.app.state.cipher,
    )


def _hash(*parts: str | bytes) -> bytes:
    """Return SHA-256 over the parts, each with its length before it, so that no two lists run together."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


class Claim(Protocol):
    """A claimed key whose answer is to be stored."""

    async def store(self, response: Response) -> None:
        """Store the answer of a command that was done."""

    async def store_refusal(self, response: Response) -> None:
        """Store the answer of a command that was refused and left nothing."""

    async def end(self) -> None:
        """Let others claim the key."""


class Attached:
    """A claim in the request's own transaction: lock, effect and answer end together."""

    def __init__(self, db: AsyncSession, key: CommandKey) -> None:
        self._db, self._key = db, key

    @classmethod
    async def of(cls, db: AsyncSession, key: CommandKey) -> "Attached":
        """Claim a key. Raises: IdempotencyKeyInFlight, IdempotencyKeyReused, Replay."""
        claim = cls(db, key)
        if not await claim._try_lock():
            raise IdempotencyKeyInFlight
        connection = await db.connection()
        key.replay((await connection.exec_driver_sql(_FIND, key.where())).one_or_none())
        return claim

    async def store(self, response: Response) -> None:
        await (await self._db.connection()).exec_driver_sql(_STORE, self._key.values(response))

    async def store_refusal(self, response: Response) -> None:
        """Undo what the command did before it was refused, then store the refusal in its place."""
        await self._db.rollback()
        if await self._try_lock():
            await self.store(response)

    async def end(self) -> None:
        """The transaction ends the lock."""

    async def _try_lock(self) -> bool:
        connection = await self._db.connection()
        return bool((await connection.exec_driver_sql(_TRY_LOCK, (self._key.lock,))).scalar_one())


class Detached:
    """A claim beside the command's own units of work."""

    def __init__(self, database: Database, key: CommandKey) -> None:
        self._database, self._key = database, key

    @classmethod
    async def of(cls, database: Database, key: CommandKey) -> "Detached":
        """Claim a key. Raises: IdempotencyKeyInFlight, IdempotencyKeyReused, Replay."""
        if not await database.side.try_hold(key.lock):
            raise IdempotencyKeyInFlight
        claim = cls(database, key)
        try:
            async with database.statement() as connection:
                found = await connection.fetchrow(_FIND, *key.where())
            key.replay(found)
        except BaseException:
            await claim.end()
            raise
        return claim

    async def store(self, response: Response) -> None:
        async with self._database.statement() as connection:
            await connection.execute(_STORE_SOON, *self._key.values(response))

    store_refusal = store

    async def end(self) -> None:
        await self._database.side.release(self._key.lock)
