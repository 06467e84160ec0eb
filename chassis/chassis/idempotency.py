"""Commands that may be sent again: the answer of the first time, instead of a second effect.

    router = APIRouter(prefix="/v1/…", route_class=IdempotentRoute)

Every POST, PUT, PATCH and DELETE of such a router needs `Idempotency-Key`. A key is claimed by a try-lock
after the caller is known and the body read; the answer is stored in the transaction of the effect (the
request's `Db`), so that both are there or neither. Rejected: a middleware around the app, which knows neither
the caller nor the transaction.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts

from chassis import handlers
from chassis.command_keys import Attached, Claim, Detached, Replay, command_key
from chassis.db import Db
from chassis.errors import IdempotencyKeyInFlight, IdempotencyKeyReused, MissingIdempotencyKey, Problem
from chassis.openapi import responses

MODE = "x-idempotency"
NONE = {MODE: "none"}
"""`openapi_extra=NONE` for look-ups, verifications and trackings, which change nothing and take no key."""
DETACHED = {MODE: "detached"}
"""`openapi_extra=DETACHED` for commands of many units of work, idempotent by natural keys: the lock is held
beside the pool while they run, the answer is stored after them."""

COMMANDS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_DECISIONS = frozenset({404, 409, 410, 412, 422})
"""The refusals that are decisions about the command; the others say that it was not looked at."""


class CommandWithoutIdempotency(Exception):
    """A command under /v1 neither takes an idempotency key nor says that it needs none."""


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


async def _current_request(request: Request) -> Request:
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
        claim: Claim
        if is_detached:
            claim = await Detached.of(request.app.state.database, key)
        else:
            claim = await Attached.of(arguments.pop("idempotency_db"), key)
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
            claim: Claim | None = getattr(request.state, "idempotency_claim", None)
            # A streamed answer is gone when it is sent; such a command must bear being done again.
            if claim is not None and 200 <= response.status_code < 300 and hasattr(response, "body"):
                await claim.store(response)
        except Replay as replay:
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
