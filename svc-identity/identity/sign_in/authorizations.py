"""Sign-ins under way, whoever checks the person: begun at a client's request, ended once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.db import Database
from chassis.ids import new_id
from chassis.logging import get_logger
from identity.sign_in import refusals
from identity.sign_in.browser import Browser
from identity.sign_in.models import AuthorizationRequestRow
from identity.sign_in.refusals import SignInRefused
from identity.sign_in.repository import SignInRepository, state_hash
from identity.sign_in.rules import REQUEST_LIFETIME, Realm, Wish
from identity.tokens.repository import TokenRepository
from identity.tokens.rules import CODE_LIFETIME, TOKEN_LIFETIME, Grant, Holder, with_parameters

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A person whom somebody has checked: who, for whom, how surely, when, by which provider."""

    citizen_id: UUID
    holder: Holder
    acr: str
    auth_time: datetime
    provider: str


@dataclass(frozen=True, slots=True)
class Authorizations:
    """Authorization requests and the codes that end them. `issuer` goes with every answer (RFC 9207)."""

    database: Database
    clocks: Clocks
    issuer: str

    async def open(self, wish: Wish, state: str, browser: Browser, language: str) -> None:
        """Store a sign-in that begins, bound to its browser."""
        now = self.clocks.real_now()
        row = AuthorizationRequestRow(
            state_hash=state_hash(state),
            browser_fingerprint=browser.fingerprint(),
            client_id=wish.client_id,
            redirect_uri=wish.redirect_uri,
            client_state=wish.state,
            scopes=list(wish.scopes),
            nonce=wish.nonce,
            code_challenge=wish.code_challenge,
            level=wish.level,
            must_be_fresh=wish.must_be_fresh,
            language=language,
            realm=wish.realm,
            created_at=now,
            expires_at=now + REQUEST_LIFETIME,
        )
        async with self.database.transaction() as db:
            await SignInRepository(db).add_request(row)

    async def find(
        self, db: AsyncSession, state: str, browser: Browser | None, realm: Realm
    ) -> AuthorizationRequestRow:
        """Return a sign-in under way in this browser. Raises: SignInOver, OtherBrowser."""
        request = await SignInRepository(db).find_open_request(state, self.clocks.real_now())
        if request is None or request.realm != realm:
            raise refusals.SignInOver("state")
        if browser is None or not secrets.compare_digest(browser.fingerprint(), request.browser_fingerprint):
            raise refusals.OtherBrowser("cookie", language=request.language)
        return request

    async def finish(self, db: AsyncSession, state: str, language: str) -> None:
        """End a sign-in, whatever comes of it: of several at once, one does. Raises: SignInOver."""
        if not await SignInRepository(db).finish_request(state, self.clocks.real_now()):
            raise refusals.SignInOver("state", language=language)

    async def give_code(
        self,
        db: AsyncSession,
        request: AuthorizationRequestRow,
        person: Authenticated,
        scopes: tuple[str, ...],
    ) -> str:
        """Return a new code, good for a minute, for the scopes that the person may have."""
        now, code = self.clocks.real_now(), secrets.token_urlsafe(32)
        expires_at = now + CODE_LIFETIME
        grant = Grant(
            session_id=new_id(),
            client_id=request.client_id,
            citizen_id=person.citizen_id,
            redirect_uri=request.redirect_uri,
            code_challenge=request.code_challenge,
            scope=" ".join(scopes),
            nonce=request.nonce,
            acr=person.acr,
            auth_time=person.auth_time,
            expires_at=expires_at,
            used_at=None,
            token_id=None,
            token_expires_at=None,
            holder=person.holder,
        )
        until = expires_at + TOKEN_LIFETIME
        await TokenRepository(db).add_code(code, grant, provider=person.provider, now=now, until=until)
        log.info("sign_in.finished", client_id=request.client_id, acr_code=grant.acr, kind=person.holder.kind)
        return code

    def back(self, redirect_uri: str, state: str | None, answer: Mapping[str, str]) -> str:
        """Return the client's address with an answer."""
        given = {**answer, "iss": self.issuer} | ({"state": state} if state is not None else {})
        return with_parameters(redirect_uri, urlencode(given))

    def refuse(self, refusal: SignInRefused, redirect_uri: str, state: str | None, language: str) -> NoReturn:
        """Raise the refusal again, now with the way back to the client."""
        refusal.return_url = self.back(redirect_uri, state, {"error": refusal.error})
        refusal.language = language
        raise refusal
