"""The token endpoint's use cases: codes, client credentials and tokens become tokens; tokens are revoked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import outbox
from chassis.auth import TokenVerifier
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import TokenExpired, TokenInvalid
from chassis.logging import get_logger
from contracts.events.identity import TokenRevokedV1
from identity.clients.rules import Client
from identity.tokens.authentication import ClientAuthentication
from identity.tokens.errors import (
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    OAuthError,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from identity.tokens.exchange import GRANT as EXCHANGE
from identity.tokens.exchange import TokenExchange
from identity.tokens.minting import Bearer, Minter
from identity.tokens.parameters import require
from identity.tokens.repository import TokenRepository
from identity.tokens.rules import Grant, grant_refusal

log = get_logger(__name__)
GRANTS = ("authorization_code", "client_credentials", EXCHANGE)
Answer = dict[str, Any]  # Any: JSON members of a token answer


@dataclass(frozen=True, slots=True)
class TokenService:
    """Issues and revokes tokens."""

    database: Database
    clocks: Clocks
    minter: Minter
    authentication: ClientAuthentication
    verifier: TokenVerifier
    exchange: TokenExchange

    async def issue(self, parameters: Mapping[str, str], authorization: str | None) -> Answer:
        """Return the token answer of RFC 6749, section 5.1. Raises: OAuthError."""
        grant_type = require(parameters, "grant_type")
        if grant_type not in GRANTS:
            raise UnsupportedGrantType("only the grants named in the metadata are served")
        if grant_type == EXCHANGE:
            async with self.database.transaction() as db:
                client = await self.authentication.authenticate(db, parameters, authorization)
            return await self.exchange.answer(client, parameters)
        # What was seen (an assertion, a code) stays seen when the answer is a refusal, hence no raise inside.
        async with self.database.transaction() as db:
            client = await self.authentication.authenticate(db, parameters, authorization)
            answer = (
                await self._redeem(db, client, parameters)
                if grant_type == "authorization_code"
                else self._for_itself(client, parameters)
            )
        if isinstance(answer, OAuthError):
            raise answer
        return answer

    async def revoke(self, parameters: Mapping[str, str], authorization: str | None) -> None:
        """Revoke an access token of the client that asks; what is no such token is no error (RFC 7009).

        Raises: OAuthError.
        """
        refusal: OAuthError | None = None
        async with self.database.transaction() as db:
            client = await self.authentication.authenticate(db, parameters, authorization)
            if "token" not in parameters:
                refusal = InvalidRequest("token is missing")
            else:
                refusal = await self._revoke_own(db, client, parameters["token"])
        if refusal is not None:
            raise refusal

    async def _revoke_own(self, db: AsyncSession, client: Client, token: str) -> OAuthError | None:
        try:
            actor = await self.verifier.verify(token)
        except (TokenInvalid, TokenExpired):
            return None
        if actor.client_id != client.client_id:
            return InvalidGrant("the token was issued to another client")
        await self._take_back(db, actor.token_id, actor.expires_at, "revoked_by_client")
        return None

    async def _take_back(self, db: AsyncSession, token_id: str, expires_at: Any, reason: str) -> None:
        now = self.clocks.real_now()
        if expires_at > now and await TokenRepository(db).revoke(token_id, expires_at, now, reason):
            await outbox.add(db, TokenRevokedV1(token_id=token_id, expires_at=expires_at))
            self.verifier.revoke(token_id, expires_at=expires_at)
            log.info("token.revoked", token_id=token_id, reason=reason)

    async def _redeem(
        self, db: AsyncSession, client: Client, parameters: Mapping[str, str]
    ) -> Answer | OAuthError:
        """Exchange a code. One presentation uses it up, good or bad; a second one revokes what it gave."""
        refused = InvalidGrant("the code is not valid for this request")
        missing = [n for n in ("code", "redirect_uri", "code_verifier") if n not in parameters]
        if missing:
            return InvalidRequest(f"{missing[0]} is missing")
        tokens, code, now = TokenRepository(db), parameters["code"], self.clocks.real_now()
        grant = await tokens.lock_grant(code)
        if grant is None:
            return refused
        refusal = grant_refusal(
            grant,
            client_id=client.client_id,
            redirect_uri=parameters["redirect_uri"],
            code_verifier=parameters["code_verifier"],
            now=now,
        )
        if refusal is None:
            return await self._tokens_for(tokens, client, code, grant)
        log.warning("code.refused", client_id=client.client_id, reason=refusal)
        if grant.used_at is None:
            await tokens.use_code(code, now, None, None)
        elif grant.token_id is not None:
            await self._take_back(db, grant.token_id, grant.token_expires_at, "code_reused")
        return refused

    async def _tokens_for(self, tokens: TokenRepository, client: Client, code: str, grant: Grant) -> Answer:
        now, scopes = self.clocks.real_now(), grant.scope.split()
        holder, person = grant.holder, str(grant.citizen_id)
        is_company = holder.kind == "company"
        bearer = Bearer(
            subject=str(holder.organisation_id) if is_company else person,
            client_id=client.client_id,
            kind=holder.kind,
            audience=self.minter.issuer,
            scopes=scopes,
            roles=holder.roles,
            organisation=holder.organisation,
            acr=grant.acr,
            auth_time=grant.auth_time,
            act={"sub": person} if is_company else None,
        )
        access = self.minter.access_token(bearer, now)
        await tokens.use_code(code, now, access.token_id, access.expires_at)
        answer: Answer = {
            "access_token": access.value,
            "token_type": "Bearer",
            "expires_in": access.expires_in_seconds,
            "scope": grant.scope,
        }
        if "openid" in scopes:
            answer["id_token"] = self.minter.id_token(
                bearer, access.value, session_id=grant.session_id, nonce=grant.nonce, now=now
            )
        return answer

    def _for_itself(self, client: Client, parameters: Mapping[str, str]) -> Answer | OAuthError:
        """Return the token of a system or service that acts as itself."""
        if client.is_public:
            return UnauthorizedClient("client_credentials is for clients that prove who they are")
        audience = self._audience(client, parameters)
        if audience is None:
            return InvalidTarget("the client may not have tokens for this resource")
        asked = list(dict.fromkeys(parameters.get("scope", "").split()))
        if any(scope not in client.scopes for scope in asked):
            return InvalidScope("a scope asked for is not registered for this client")
        scopes = asked or sorted(client.scopes)
        if not scopes:
            return InvalidScope("no scope is registered for this client")
        bearer = Bearer(
            subject=client.client_id,
            client_id=client.client_id,
            kind=client.kind,
            audience=audience,
            scopes=scopes,
            roles=client.roles,
            organisation=client.organisation,
        )
        access = self.minter.access_token(bearer, self.clocks.real_now())
        return {
            "access_token": access.value,
            "token_type": "Bearer",
            "expires_in": access.expires_in_seconds,
            "scope": " ".join(scopes),
        }

    def _audience(self, client: Client, parameters: Mapping[str, str]) -> str | None:
        """Return the one audience of a token: the resource asked for (RFC 8707), else the client's first.

        A service is for other services: it has the audiences it is registered for and never the public one.
        """
        public = () if client.kind == "service" else (self.minter.issuer,)
        allowed = client.audiences or public
        asked = parameters.get("resource", parameters.get("audience"))
        if asked is None:
            return allowed[0] if allowed else None
        return asked if asked in allowed else None
