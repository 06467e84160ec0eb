"""Which client is asking: by its id alone (public clients) or by `private_key_jwt` (RFC 7523)."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import jws
from chassis.clock import Clocks
from chassis.keys import public_key_of
from chassis.logging import get_logger
from chassis.service_tokens import ASSERTION_TYPE
from identity.clients.repository import ClientRepository
from identity.clients.rules import Client
from identity.tokens.errors import InvalidClient, InvalidRequest
from identity.tokens.repository import TokenRepository
from identity.tokens.rules import CLOCK_SKEW, assertion_refusal, instant

log = get_logger(__name__)
_REFUSED = "the client is unknown or did not prove who it is"


class ClientAuthentication:
    """Authenticates clients at the endpoints of this issuer."""

    def __init__(self, issuer: str, clocks: Clocks) -> None:
        self._audiences = frozenset({issuer, f"{issuer}/oauth2/token"})
        self._clocks = clocks

    async def authenticate(
        self, db: AsyncSession, parameters: Mapping[str, str], authorization: str | None
    ) -> Client:
        """Return the client of a request; a client assertion is taken once.

        Every refusal is the same to the caller, so that ids of clients cannot be found out.

        Raises: InvalidClient, InvalidRequest.
        """
        if authorization is not None:
            scheme = authorization.partition(" ")[0]
            challenge = {"www-authenticate": 'Basic realm="oauth2"'} if scheme.lower() == "basic" else {}
            raise InvalidClient("client authentication by header is not served", headers=challenge)
        if "client_secret" in parameters:
            raise self._refused("secret_sent", None)
        if "client_assertion" in parameters or "client_assertion_type" in parameters:
            return await self._by_assertion(db, parameters)
        if "client_id" not in parameters:
            raise InvalidRequest("client_id is missing")
        client = await ClientRepository(db).find(parameters["client_id"])
        if client is None or not client.is_public:
            raise self._refused("not_public", parameters["client_id"])
        return client

    async def _by_assertion(self, db: AsyncSession, parameters: Mapping[str, str]) -> Client:
        if parameters.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in parameters:
            raise InvalidRequest("client_assertion and its type must be sent together")
        try:
            parsed = jws.parse(parameters["client_assertion"])
            claims = orjson.loads(parsed.payload)
        except (jws.Malformed, orjson.JSONDecodeError) as failure:
            raise self._refused("malformed", None) from failure
        client_id = claims.get("sub") if isinstance(claims, dict) else None
        if not isinstance(client_id, str) or parameters.get("client_id", client_id) != client_id:
            raise self._refused("client_id", None)
        client = await ClientRepository(db).find(client_id)
        if client is None or client.jwks is None:
            raise self._refused("unknown", None)
        if not any(jws.is_signed_by(parsed, key) for key in _keys(client.jwks, parsed.header.get("kid"))):
            raise self._refused("signature", client_id)
        now = self._clocks.real_now()
        refusal = assertion_refusal(claims, client_id=client_id, audiences=self._audiences, now=now)
        expires_at = instant(claims.get("exp"))
        if refusal is not None or expires_at is None:
            raise self._refused(refusal or "expired", client_id)
        if not await TokenRepository(db).take_assertion(client_id, claims["jti"], expires_at + CLOCK_SKEW):
            raise self._refused("replayed", client_id)
        return client

    @staticmethod
    def _refused(reason: str, client_id: str | None) -> InvalidClient:
        log.info("client.refused", reason=reason, client_id=client_id)
        return InvalidClient(_REFUSED)


def _keys(jwks: dict[str, Any], kid: object) -> list[Any]:  # Any: JSON members, public keys
    """Return the registered keys that may have signed: the one named, or all when none is named."""
    return [public_key_of(jwk) for jwk in jwks["keys"] if kid is None or jwk.get("kid") == kid]
