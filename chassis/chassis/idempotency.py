"""Commands that may be sent again: the answer of the first time, instead of a second effect.

    router = APIRouter(prefix="/v1/…", route_class=IdempotentRoute)

Every POST, PUT, PATCH and DELETE of such a router needs `Idempotency-Key`. A key is claimed by a try-lock
after the caller is known and the body read; the answer is stored in the transaction of the effect (the
request's `Db`), so that both are there or neither. Rejected: a middleware around the app, which knows neither
the caller nor the transaction.
"""

import functools
import hashlib
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Protocol

import orjson
from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import handlers
from chassis.crypto import Cipher
from chassis.db import Database, Db
from chassis.errors import (
    IdempotencyKeyInFlight,
    IdempotencyKeyReused,
    MissingIdempotencyKey,
    Problem,
)
from chassis.openapi import responses

MODE = "x-idempotency"
NONE = {MODE: "none"}
"""`openapi_extra=NONE` for look-ups, verifications and trackings, which change nothing and take no key."""
DETACHED = {MODE: "detached"}
"""`openapi_extra=DETACHED` for commands of many units of work, idempotent by natural keys: the lock is held
beside the pool while they run, the answer is stored after them."""

COMMANDS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KEPT = timedelta(hours=24)
_DECISIONS = frozenset({404, 409, 410, 412, 422})
"""The refusals that are decisions about the command; the others say that it was not looked at."""
_NOT_KEPT = frozenset({"content-length", "date", "x-request-id", "traceparent"})

_TRY_LOCK = text("select pg_try_advisory_xact_lock(:lock)")
_FIND = text("""
    select request_hash, status, headers, body from idempotency_keys
    where key_hash = :key_hash and created_at > :since order by created_at limit 1
""")
_STORE = text("""
    insert into idempotency_keys (key_hash, request_hash, status, headers, body, created_at)
    values (:key_hash, :request_hash, :status, cast(:headers as json), :body, :created_at)
""")


class CommandWithoutIdempotency(Exception):
    """A command under /v1 neither takes an idempotency key nor says that it needs none."""


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


class _Replay(Exception):
    """The command was answered before; carries that answer past the endpoint."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class _Claim(Protocol):
    """A claimed key whose answer is to be stored."""

    async def store(self, response: Response) -> None: ...

    async def store_refusal(self, response: Response) -> None: ...

    async def end(self) -> None: ...


class IdempotentRoute(APIRoute):
    """A route whose commands take a key; see the module. Endpoints must be `async def`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # Any: FastAPI's own
        extra = options.get("openapi_extra") or {}
        self.takes_key = extra.get(MODE) != "none" and bool(COMMANDS & set(options.get("methods") or ()))
        if self.takes_key:
            endpoint = _claiming(endpoint, is_detached=extra.get(MODE) == "detached")
            options["openapi_extra"] = {**extra, "parameters": [*extra.get("parameters", ()), _HEADER]}
            options["responses"] = _with_responses(options.get("responses") or {})
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()
        return _storing(answer) if self.takes_key else answer


def require_keys(app: FastAPI) -> None:
    """Check that every command under /v1 takes a key or says that it needs none.

    Raises:
        CommandWithoutIdempotency: naming the routes.
    """
    found = []
    for context in iter_route_contexts(app.routes):
        route = getattr(context, "original_route", context)
        path, methods = getattr(context, "path", ""), set(getattr(context, "methods", None) or ())
        if isinstance(route, IdempotentRoute) or not path.startswith("/v1/") or not COMMANDS & methods:
            continue
        if (getattr(route, "openapi_extra", None) or {}).get(MODE) != "none":
            found.append(f"{'|'.join(sorted(methods))} {path}")
    if found:
        remedy = "route_class=IdempotentRoute, or openapi_extra=NONE"
        raise CommandWithoutIdempotency(f"{'; '.join(found)} ({remedy})")


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
    route = request.scope["route"]
    asked = (request.method, request.url.path, request.url.query)
    return CommandKey(
        key_hash=_hash(*who, request.method, route.name, key),
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


def _current_request(request: Request) -> Request:
    return request


# As a dependency, because FastAPI fills only one parameter of an endpoint with the request itself.
_CurrentRequest = Annotated[Request, Depends(_current_request)]


def _claiming(endpoint: Callable[..., Awaitable[Any]], *, is_detached: bool) -> Callable[..., Awaitable[Any]]:
    """Return the endpoint with a claim before it. FastAPI gives it the request and, attached, its `Db`."""
    if not inspect.iscoroutinefunction(endpoint):
        raise TypeError(f"{endpoint.__name__} is not an async function")

    @functools.wraps(endpoint)
    async def claiming(**arguments: Any) -> Any:  # Any: whatever the endpoint declares
        request: Request = arguments.pop("idempotency_request")
        key = await command_key(request)
        claim: _Claim
        if is_detached:
            claim = await _Detached.of(request.app.state.database, key)
        else:
            claim = await _Attached.of(arguments.pop("idempotency_db"), key)
        request.state.idempotency_claim = claim
        return await endpoint(**arguments)

    own = inspect.signature(endpoint, eval_str=True)
    added: dict[str, Any] = {"idempotency_request": _CurrentRequest}
    if not is_detached:
        added["idempotency_db"] = Db
    parameters = [
        *own.parameters.values(),
        *(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
            for name, annotation in added.items()
        ),
    ]
    claiming.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return claiming


def _storing(
    answer: Callable[[Request], Coroutine[Any, Any, Response]],
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """Return the handler with the storing of its answer behind it, before the request's transaction ends."""

    async def storing(request: Request) -> Response:
        try:
            response = await answer(request)
            claim: _Claim | None = getattr(request.state, "idempotency_claim", None)
            if claim is not None and 200 <= response.status_code < 300:
                await claim.store(response)
        except _Replay as replay:
            return replay.response
        except Problem as problem:
            claim = getattr(request.state, "idempotency_claim", None)
            if claim is None or problem.status not in _DECISIONS:
                raise
            response = handlers.answer(request, problem)
            await claim.store_refusal(response)
        finally:
            claim = getattr(request.state, "idempotency_claim", None)
            if claim is not None:
                await claim.end()
        return response

    return storing


class _Attached:
    """A claim in the request's own transaction: lock, effect and answer end together."""

    def __init__(self, db: AsyncSession, key: CommandKey) -> None:
        self._db, self._key = db, key

    @classmethod
    async def of(cls, db: AsyncSession, key: CommandKey) -> "_Attached":
        if not (await db.execute(_TRY_LOCK, {"lock": key.lock})).scalar_one():
            raise IdempotencyKeyInFlight
        await _find(db, key)
        return cls(db, key)

    async def store(self, response: Response) -> None:
        await _store(self._db, self._key, response)

    async def store_refusal(self, response: Response) -> None:
        """Undo what the command did before it was refused, then store the refusal in its place."""
        await self._db.rollback()
        if (await self._db.execute(_TRY_LOCK, {"lock": self._key.lock})).scalar_one():
            await _store(self._db, self._key, response)

    async def end(self) -> None:
        """The transaction ends the lock."""


class _Detached:
    """A claim beside the command's own units of work."""

    def __init__(self, database: Database, key: CommandKey) -> None:
        self._database, self._key = database, key

    @classmethod
    async def of(cls, database: Database, key: CommandKey) -> "_Detached":
        if not await database.side.try_hold(key.lock):
            raise IdempotencyKeyInFlight
        claim = cls(database, key)
        try:
            async with database.transaction() as db:
                await _find(db, key)
        except BaseException:
            await claim.end()
            raise
        return claim

    async def store(self, response: Response) -> None:
        async with self._database.transaction() as db:
            # A crash may lose it, since the command is idempotent by its natural keys: nobody waits for the
            # disk.
            await db.execute(text("set local synchronous_commit = off"))
            await _store(db, self._key, response)

    store_refusal = store

    async def end(self) -> None:
        await self._database.side.release(self._key.lock)


async def _find(db: AsyncSession, key: CommandKey) -> None:
    """Pass when the key is new. Raises: _Replay with the first answer; IdempotencyKeyReused."""
    values = {"key_hash": key.key_hash, "since": datetime.now(UTC) - KEPT}
    found = (await db.execute(_FIND, values)).one_or_none()
    if found is None:
        return
    request_hash, status, headers, body = found
    if request_hash != key.request_hash:
        raise IdempotencyKeyReused
    content = key.cipher.decrypt_bytes(body, context=key.context)
    response = Response(content, status)
    response.raw_headers = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    response.headers["content-length"] = str(len(content))
    response.headers["idempotency-replayed"] = "true"
    raise _Replay(response)


async def _store(db: AsyncSession, key: CommandKey, response: Response) -> None:
    headers = [
        (name.decode(), value.decode("latin-1"))
        for name, value in response.raw_headers
        if name.decode().lower() not in _NOT_KEPT
    ]
    values: Mapping[str, Any] = {
        "key_hash": key.key_hash,
        "request_hash": key.request_hash,
        "status": response.status_code,
        "headers": orjson.dumps(headers).decode(),
        "body": key.cipher.encrypt_bytes(bytes(response.body), context=key.context),
        "created_at": datetime.now(UTC),
    }
    await db.execute(_STORE, values)


_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Same key and body: the first answer again, for 24 hours. A new command takes a new key.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "3f1c2a9e-5d0b-4c57-9a68-1b7e0d4f2c11",
}


def _with_responses(given: Mapping[int | str, Any]) -> dict[int | str, Any]:
    """Add the refusals of keys to a route's documented responses."""
    merged = dict(given)
    own = responses(MissingIdempotencyKey, IdempotencyKeyInFlight, IdempotencyKeyReused)
    for status, answer in own.items():
        if status not in merged:
            merged[status] = answer
            continue
        there = merged[status]
        content = {media: dict(shape) for media, shape in there.get("content", {}).items()}
        for media, shape in answer["content"].items():
            known = content.setdefault(media, dict(shape))
            known["examples"] = {**known.get("examples", {}), **shape["examples"]}
        description = "; ".join(part for part in (there.get("description"), answer["description"]) if part)
        merged[status] = {**there, "description": description, "content": content}
    return merged
