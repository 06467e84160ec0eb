"""Who may call a route: said on the route itself, checked before anything else runs, listed for tests.

    reader = Annotated[Actor, allow(kinds={"citizen"}, scope="health.read", acr=2, rows="own")]

A route that says nothing does not start (`RouteWithoutAccess`); one that is open to all says
`public(reason)`. The rule that narrows a route to its rows (`rows`) is words here and code in the service:
the access tests of each service hold the two together.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import FastAPI, Security
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.routing import iter_route_contexts
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from chassis.auth import Actor, Kind, bearer_token
from chassis.errors import (
    InsufficientUserAuthentication,
    NotAcceptable,
    RoleMissing,
    ScopeMissing,
    TokenInvalid,
)
from chassis.settings import ServiceSettings

Rows = Literal["none", "own", "facility", "organisation", "granted", "any"]
_LEVEL = "urn:vneid:level:"
_JSON = ("application/json",)
_ZERO_QUALITY = re.compile(r"q\s*=\s*0(\.0*)?")


class RouteWithoutAccess(Exception):
    """A route names nobody who may call it; the message lists such routes."""


class _Bearer(SecurityBase):
    """How a token is sent, for the OpenAPI document."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel(bearerFormat="at+jwt, ES256", description="Access token of this system.")
        self.scheme_name = "bearer"


class AccessRule(_Bearer):
    """The rule of one route; calling it returns the actor or raises a 401, 403 or 406 problem."""

    def __init__(
        self,
        *,
        kinds: Collection[Kind],
        roles: Collection[str],
        scope: str | Mapping[Kind, str] | None,
        acr: Literal[1, 2] | None,
        audience: Literal["public", "internal"],
        rows: Rows,
        produces: Sequence[str],
    ) -> None:
        super().__init__()
        self.kinds = frozenset(kinds)
        self.roles = frozenset(roles)
        self.scopes = dict.fromkeys(kinds, scope) if isinstance(scope, str) else dict(scope or {})
        self.acr = acr
        self.audience = audience
        self.rows = rows
        self.produces = tuple(produces)

    def __str__(self) -> str:
        parts = [f"audience={self.audience}", f"kinds={','.join(sorted(self.kinds))}"]
        parts += [f"roles={','.join(sorted(self.roles))}"] if self.roles else []
        parts += [f"scope={self._scope_words()}"] if self.scopes else []
        parts += [f"acr={self.acr}"] if self.acr else []
        return " ".join([*parts, f"rows={self.rows}"])

    @property
    def scope(self) -> str | None:
        """The scope of the first kind of actor, by name; the only one where they do not differ."""
        return self.scopes.get(min(self.kinds))

    def _scope_words(self) -> str:
        """Return the scope, or one per kind of actor where they differ."""
        if len(set(self.scopes.values())) == 1:
            return next(iter(self.scopes.values()))
        return ",".join(f"{scope}({kind})" for kind, scope in sorted(self.scopes.items()))

    async def __call__(self, request: Request) -> Actor:
        actor: Actor = await request.app.state.verifier.verify(
            bearer_token(request.headers.get("authorization"))
        )
        request.state.actor = actor
        self._require_audience(actor, request.app.state.settings)
        self._require_rights(actor)
        require_acceptable(request, self.produces)
        return actor

    def _require_audience(self, actor: Actor, settings: ServiceSettings) -> None:
        wanted = settings.public_url if self.audience == "public" else settings.internal_audience
        if actor.audience != wanted:
            raise TokenInvalid(
                headers={"www-authenticate": 'Bearer error="invalid_token"'}, reason="audience"
            )

    def _require_rights(self, actor: Actor) -> None:
        if actor.kind not in self.kinds or (self.roles and not self.roles & actor.roles):
            raise RoleMissing(kind=actor.kind)
        scope = self.scopes.get(actor.kind)
        if scope is not None and scope not in actor.scopes:
            challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
            raise ScopeMissing(headers={"www-authenticate": challenge}, scope=scope)
        if (
            self.acr is not None
            and actor.kind in ("citizen", "company")
            and vneid_level(actor.acr) < self.acr
        ):
            challenge = f'Bearer error="insufficient_user_authentication", acr_values="{_LEVEL}{self.acr}"'
            raise InsufficientUserAuthentication(headers={"www-authenticate": challenge})


class PublicRule:
    """Open to all, for a stated reason."""

    def __init__(self, reason: str, produces: Sequence[str]) -> None:
        self.reason = reason
        self.produces = tuple(produces)

    def __str__(self) -> str:
        return f"public: {self.reason}"

    async def __call__(self, request: Request) -> None:
        require_acceptable(request, self.produces)


def allow(
    *,
    kinds: Collection[Kind],
    roles: Collection[str] = (),
    scope: str | Mapping[Kind, str] | None = None,
    acr: Literal[1, 2] | None = None,
    audience: Literal["public", "internal"] = "public",
    rows: Rows = "none",
    produces: Sequence[str] = _JSON,
) -> Any:  # Any: FastAPI takes the marker where an Actor is declared
    """Return the dependency that gives the Actor; all conditions hold together, any one of `roles` suffices.

    `scope` is one for all kinds, or one per kind. `acr` is the least VNeID level of citizens and companies.
    `audience` internal takes only tokens of services. `produces` are the media types that the route can
    answer, for `Accept`.
    """
    if not kinds:
        raise ValueError("a rule names at least one kind of actor")
    rule = AccessRule(
        kinds=kinds, roles=roles, scope=scope, acr=acr, audience=audience, rows=rows, produces=produces
    )
    return Security(rule, scopes=sorted(set(rule.scopes.values())))


def public(reason: str, *, produces: Sequence[str] = _JSON) -> Any:  # Any: as `allow`
    """Return the dependency of a route that is open to all, for `dependencies=[public("…")]`."""
    if not reason:
        raise ValueError("an open route says why it is open")
    return Security(PublicRule(reason, produces))


def require_acceptable(request: Request, produces: Sequence[str]) -> None:
    """Refuse when `Accept` excludes every type that the route can answer. Raises: NotAcceptable."""
    accept = request.headers.get("accept")
    if accept and not any(_accepts(accept, media_type) for media_type in produces):
        raise NotAcceptable(headers={"accept": ", ".join(produces)})


def _accepts(accept: str, media_type: str) -> bool:
    """Return whether an Accept value admits a media type; the most specific range decides (RFC 9110,
    12.5.1).
    """
    best: tuple[int, bool] = (-1, False)
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        rank = {media_type: 2, media_type.split("/")[0] + "/*": 1, "*/*": 0}.get(media_range, -1)
        if rank > best[0]:
            best = (rank, not any(_ZERO_QUALITY.fullmatch(parameter) for parameter in parameters))
    return best[1]


def vneid_level(acr: str | None) -> int:
    """Return the VNeID level that an `acr` names, 0 for none; for rules that depend on the case."""
    level = (acr or "").removeprefix(_LEVEL)
    return int(level) if level in ("1", "2") else 0


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One line of the access table."""

    method: str
    path: str
    rule: AccessRule | PublicRule = field(compare=False)


def access_table(app: FastAPI) -> list[AccessEntry]:
    """Return (method, path, rule) of every route, by path and method. Raises: RouteWithoutAccess."""
    entries: list[AccessEntry] = []
    open_routes: list[str] = []
    for methods, path, rules in _routes(app):
        if len(rules) == 1:
            entries += [AccessEntry(method, path, rules[0]) for method in methods]
        else:
            open_routes.append(f"{'|'.join(methods) or 'MOUNT'} {path} has {len(rules)} rules")
    if open_routes:
        raise RouteWithoutAccess("; ".join(open_routes))
    return sorted(entries, key=lambda e: (e.path, e.method))


def rules_of(dependant: Dependant) -> list[AccessRule | PublicRule]:
    """Return the access rules among a route's dependencies, each once."""
    found: list[AccessRule | PublicRule] = []
    if isinstance(dependant.call, AccessRule | PublicRule):
        found.append(dependant.call)
    for dependency in dependant.dependencies:
        found += [rule for rule in rules_of(dependency) if rule not in found]
    return found


def _routes(app: FastAPI) -> Iterator[tuple[list[str], str, list[AccessRule | PublicRule]]]:
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        rules = rules_of(dependant) if isinstance(dependant, Dependant) else []
        yield sorted(context.methods or ()), context.path or "?", rules
