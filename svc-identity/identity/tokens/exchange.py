"""Token exchange (RFC 8693): a citizen's own token for one that acts for a child or a company."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.auth import Actor, TokenVerifier
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import TokenExpired, TokenInvalid
from chassis.logging import get_logger
from identity.acting.service import ActingService, Principal
from identity.clients.rules import Client
from identity.tokens.errors import InvalidRequest, InvalidScope, InvalidTarget
from identity.tokens.minting import Bearer, Minter
from identity.tokens.parameters import require
from identity.tokens.repository import TokenRepository
from identity.tokens.rules import subject_refusal

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TokenExchange:
    """Exchanges tokens."""

    database: Database
    clocks: Clocks
    minter: Minter
    verifier: TokenVerifier
    acting: ActingService

    async def answer(self, client: Client, parameters: Mapping[str, str]) -> dict[str, Any]:  # Any: JSON
        """Return the answer of RFC 8693, section 2.2.1.

        Raises: OAuthError: the token may not be exchanged, or not for this subject; UpstreamUnavailable.
        """
        self._require_served(parameters)
        actor = await self._actor(client, require(parameters, "subject_token"))
        assert actor.citizen_id is not None  # noqa: S101 - see subject_refusal
        principal = await self._principal(actor, actor.citizen_id, require(parameters, "requested_subject"))
        scopes = self._scopes(parameters.get("scope", ""), actor, client, principal)
        bearer = Bearer(
            subject=str(principal.id),
            client_id=client.client_id,
            kind="company" if principal.kind == "company" else "citizen",
            audience=self.minter.issuer,
            scopes=scopes,
            roles=["company"] if principal.kind == "company" else ["citizen"],
            organisation=principal.organisation,
            acr=actor.acr,
            auth_time=actor.auth_time,
            act={"sub": actor.subject},
            not_after=actor.expires_at,
        )
        access = self.minter.access_token(bearer, self.clocks.real_now())
        log.info("token.exchanged", client_id=client.client_id, kind=bearer.kind, name=principal.basis)
        return {
            "access_token": access.value,
            "issued_token_type": ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": access.expires_in_seconds,
            "scope": " ".join(scopes),
        }

    def _require_served(self, parameters: Mapping[str, str]) -> None:
        if require(parameters, "subject_token_type") != ACCESS_TOKEN:
            raise InvalidRequest("only access tokens are exchanged")
        if parameters.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
            raise InvalidRequest("only access tokens are given")
        if "actor_token" in parameters or "actor_token_type" in parameters:
            raise InvalidRequest("the subject_token says who acts; no actor_token is taken")
        for name in ("resource", "audience"):
            if parameters.get(name, self.minter.issuer) != self.minter.issuer:
                raise InvalidTarget("exchanged tokens are for this system's public interface alone")

    async def _actor(self, client: Client, token: str) -> Actor:
        """Return whom the token to be exchanged speaks for."""
        refused = InvalidRequest("the subject_token cannot be exchanged by this client")
        try:
            actor = await self.verifier.verify(token)
        except (TokenInvalid, TokenExpired) as failure:
            raise refused from failure
        refusal = subject_refusal(actor, client_id=client.client_id, audience=self.minter.issuer)
        if refusal is None:
            async with self.database.transaction() as db:
                refusal = "revoked" if await TokenRepository(db).is_revoked(actor.token_id) else None
        if refusal is not None:
            log.warning("exchange.refused", client_id=client.client_id, reason=refusal)
            raise refused
        return actor

    async def _principal(self, actor: Actor, citizen_id: UUID, asked: str) -> Principal:
        try:
            principal_id = UUID(asked)
        except ValueError as failure:
            raise InvalidRequest("requested_subject is no id") from failure
        principal = await self.acting.find_principal(actor, citizen_id, principal_id)
        if principal is None:
            log.warning("exchange.refused", client_id=actor.client_id, reason="no_relation")
            raise InvalidRequest("the holder of the subject_token may not act for requested_subject")
        return principal

    @staticmethod
    def _scopes(asked: str, actor: Actor, client: Client, principal: Principal) -> list[str]:
        """Return the scopes asked for, or all that there can be."""
        allowed = actor.scopes & client.scopes & principal.scopes
        scopes = list(dict.fromkeys(asked.split())) or sorted(allowed)
        if not scopes or not allowed.issuperset(scopes):
            raise InvalidScope("a scope asked for is beyond the subject_token or beyond acting for another")
        return scopes
