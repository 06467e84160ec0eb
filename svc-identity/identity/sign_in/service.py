"""Sign-in: begin at a client's request, send to VNeID, come back with a code for the client."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlencode
from uuid import UUID

from chassis.clock import Clocks
from chassis.db import Database
from chassis.ids import new_id
from chassis.logging import get_logger
from identity.clients.repository import ClientRepository
from identity.clients.rules import allows_redirect
from identity.peers.vneid import VNeID
from identity.people.admission import Admission, NumberOfAnother
from identity.sign_in import refusals
from identity.sign_in.browser import Browser
from identity.sign_in.models import AuthorizationRequestRow
from identity.sign_in.refusals import SignInRefused
from identity.sign_in.repository import VNEID, SignInRepository, state_hash
from identity.sign_in.rules import (
    REQUEST_LIFETIME,
    Unfit,
    UpstreamAccount,
    Wish,
    acr_of,
    is_organisation,
    read_account,
    read_wish,
)
from identity.tokens.repository import TokenRepository
from identity.tokens.rules import CODE_LIFETIME, TOKEN_LIFETIME, Grant, with_parameters

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignInService:
    """Use cases of sign-in. `issuer` is our own name, sent back with every answer (RFC 9207)."""

    database: Database
    clocks: Clocks
    vneid: VNeID
    admission: Admission
    issuer: str

    async def begin(self, parameters: Mapping[str, str], browser: Browser, language: str) -> str:
        """Return where to send the browser: to VNeID, or back to the client with an error.

        Raises: SignInRefused: RequestUnusable where client or redirect URI are not known.
        """
        async with self.database.transaction() as db:
            client = await ClientRepository(db).find(parameters.get("client_id", ""))
        redirect_uri = parameters.get("redirect_uri", "")
        if client is None or not client.is_public or not allows_redirect(client.redirect_uris, redirect_uri):
            raise refusals.RequestUnusable("client_or_redirect_uri")
        wish = read_wish(parameters, client)
        if isinstance(wish, Unfit):
            log.info("sign_in.unfit", client_id=client.client_id, reason=wish.description)
            answer = {"error": wish.error, "error_description": wish.description}
            return self._back(redirect_uri, parameters.get("state"), answer)
        state = secrets.token_urlsafe(32)
        try:
            location = await self.vneid.authorization_url(
                state=state,
                nonce=browser.nonce(state),
                code_verifier=browser.code_verifier(state),
                level=wish.level,
                language=language,
            )
        except SignInRefused as refusal:
            self._refuse(refusal, wish.redirect_uri, wish.state, language)
        async with self.database.transaction() as db:
            await SignInRepository(db).add_request(self._row(wish, state, browser, language))
        return location

    async def finish(self, parameters: Mapping[str, str], browser: Browser | None) -> str:
        """Return the client's address with a code, after VNeID has sent the browser back.

        A sign-in is finished once, whatever comes of it. Raises: SignInRefused.
        """
        state, now = parameters.get("state", ""), self.clocks.real_now()
        async with self.database.transaction() as db:
            sign_ins = SignInRepository(db)
            request = await sign_ins.find_open_request(state, now)
            if request is None:
                raise refusals.SignInOver("state")
            if browser is None or not secrets.compare_digest(
                browser.fingerprint(), request.browser_fingerprint
            ):
                raise refusals.OtherBrowser("cookie", language=request.language)
            if not await sign_ins.finish_request(state, now):
                raise refusals.SignInOver("state", language=request.language)
        try:
            account = await self._authenticate(parameters, browser, state, request)
            if account is None:
                return self._back(request.redirect_uri, request.client_state, {"error": "access_denied"})
            citizen_id = await self._admit(account)
            code = await self._give_code(request, account, citizen_id)
        except SignInRefused as refusal:
            self._refuse(refusal, request.redirect_uri, request.client_state, request.language)
        return self._back(request.redirect_uri, request.client_state, {"code": code})

    async def _authenticate(
        self, parameters: Mapping[str, str], browser: Browser, state: str, request: AuthorizationRequestRow
    ) -> UpstreamAccount | None:
        """Return the account that VNeID vouches for, or `None` when the person said no there."""
        if parameters.get("iss", self.vneid.issuer) != self.vneid.issuer:
            raise refusals.UpstreamUntrusted("other_issuer")
        error = parameters.get("error")
        if error == "access_denied":
            return None
        if error in ("server_error", "temporarily_unavailable"):
            raise refusals.UpstreamDown(error)
        if error is not None:
            raise refusals.UpstreamUntrusted("error_answer")
        if "code" not in parameters:
            raise refusals.CodeRefused("code_missing")
        claims, details = await self.vneid.sign_in(
            parameters["code"], code_verifier=browser.code_verifier(state), nonce=browser.nonce(state)
        )
        if is_organisation(claims):
            raise refusals.OrganisationAccount
        not_before = request.created_at if request.must_be_fresh else None
        account = read_account(claims, details, not_before=not_before)
        if isinstance(account, str):
            raise refusals.UpstreamUntrusted(account)
        if request.level is not None and account.level < request.level:
            raise refusals.LevelNotReached
        return account

    async def _admit(self, account: UpstreamAccount) -> UUID:
        async with self.database.transaction() as db:
            linked = await SignInRepository(db).find_account(account.tech_id)
        try:
            return await self.admission.admit(account.personal_id, account.description, linked)
        except NumberOfAnother as failure:
            raise refusals.RecordsToBeJoined("number_of_another") from failure

    async def _give_code(
        self, request: AuthorizationRequestRow, account: UpstreamAccount, citizen_id: UUID
    ) -> str:
        now, code = self.clocks.real_now(), secrets.token_urlsafe(32)
        expires_at = now + CODE_LIFETIME
        grant = Grant(
            session_id=new_id(),
            client_id=request.client_id,
            citizen_id=citizen_id,
            redirect_uri=request.redirect_uri,
            code_challenge=request.code_challenge,
            scope=" ".join(request.scopes),
            nonce=request.nonce,
            acr=acr_of(account.level),
            auth_time=account.auth_time,
            expires_at=expires_at,
            used_at=None,
            token_id=None,
            token_expires_at=None,
        )
        async with self.database.transaction() as db:
            if await SignInRepository(db).link_account(account.tech_id, citizen_id, now) != citizen_id:
                raise refusals.RecordsToBeJoined("account_of_another")
            until = expires_at + TOKEN_LIFETIME
            await TokenRepository(db).add_code(code, grant, provider=VNEID, now=now, until=until)
        log.info("sign_in.finished", client_id=request.client_id, acr_code=grant.acr)
        return code

    def _row(self, wish: Wish, state: str, browser: Browser, language: str) -> AuthorizationRequestRow:
        now = self.clocks.real_now()
        return AuthorizationRequestRow(
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
            created_at=now,
            expires_at=now + REQUEST_LIFETIME,
        )

    def _back(self, redirect_uri: str, state: str | None, answer: Mapping[str, str]) -> str:
        given = {**answer, "iss": self.issuer} | ({"state": state} if state is not None else {})
        return with_parameters(redirect_uri, urlencode(given))

    def _refuse(
        self, refusal: SignInRefused, redirect_uri: str, state: str | None, language: str
    ) -> NoReturn:
        """Raise the refusal again, now with the way back to the client."""
        refusal.return_url = self._back(redirect_uri, state, {"error": refusal.error})
        refusal.language = language
        raise refusal
