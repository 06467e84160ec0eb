"""Sign-in: begin at a client's request, send to whom checks the person, come back from VNeID with a code."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.db import Database
from chassis.logging import get_logger
from identity.clients.repository import ClientRepository
from identity.clients.rules import allows_redirect
from identity.organisations.service import OrganisationService
from identity.peers.vneid import VNeID
from identity.people.admission import Admission, NumberOfAnother
from identity.sign_in import refusals
from identity.sign_in.authorizations import Authenticated, Authorizations
from identity.sign_in.browser import Browser
from identity.sign_in.models import AuthorizationRequestRow
from identity.sign_in.refusals import SignInRefused
from identity.sign_in.repository import VNEID, SignInRepository
from identity.sign_in.rules import (
    Unfit,
    UpstreamAccount,
    acr_of,
    company_scopes,
    read_account,
    read_wish,
)
from identity.tokens.rules import Holder

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignInService:
    """Use cases of sign-in by way of VNeID, and the fork to our own page."""

    database: Database
    clocks: Clocks
    vneid: VNeID
    admission: Admission
    authorizations: Authorizations

    async def begin(self, parameters: Mapping[str, str], browser: Browser, language: str) -> str:
        """Return where to send the browser: to VNeID, to the page for staff, or back with an error.

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
            return self.authorizations.back(redirect_uri, parameters.get("state"), answer)
        state = secrets.token_urlsafe(32)
        if wish.realm == "staff":
            query = urlencode({"sign_in": state, "ui_locales": language})
            location = f"{self.authorizations.issuer}/oauth2/staff?{query}"
        else:
            try:
                location = await self.vneid.authorization_url(
                    state=state,
                    nonce=browser.nonce(state),
                    code_verifier=browser.code_verifier(state),
                    level=wish.level,
                    language=language,
                )
            except SignInRefused as refusal:
                self.authorizations.refuse(refusal, wish.redirect_uri, wish.state, language)
        await self.authorizations.open(wish, state, browser, language)
        return location

    async def finish(self, parameters: Mapping[str, str], browser: Browser | None) -> str:
        """Return the client's address with a code, after VNeID has sent the browser back.

        A sign-in is finished once, whatever comes of it. Raises: SignInRefused.
        """
        state, authorizations = parameters.get("state", ""), self.authorizations
        async with self.database.transaction() as db:
            request = await authorizations.find(db, state, browser, "vneid")
            await authorizations.finish(db, state, request.language)
        assert browser is not None  # noqa: S101 - `find` has compared it
        try:
            account = await self._authenticate(parameters, browser, state, request)
            if account is None:
                denied = {"error": "access_denied"}
                return authorizations.back(request.redirect_uri, request.client_state, denied)
            citizen_id = await self._admit(account)
            code = await self._give_code(request, account, citizen_id)
        except SignInRefused as refusal:
            authorizations.refuse(refusal, request.redirect_uri, request.client_state, request.language)
        return authorizations.back(request.redirect_uri, request.client_state, {"code": code})

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
        not_before = request.created_at if request.must_be_fresh else None
        account = read_account(claims, details, not_before=not_before)
        if isinstance(account, str):
            raise refusals.UpstreamUntrusted(account)
        if request.level is not None and account.level < request.level:
            raise refusals.LevelNotReached
        if account.company is not None and not company_scopes(request.scopes):
            raise refusals.OrganisationAccount("scopes")
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
        now = self.clocks.real_now()
        async with self.database.transaction() as db:
            if await SignInRepository(db).link_account(account.tech_id, citizen_id, now) != citizen_id:
                raise refusals.RecordsToBeJoined("account_of_another")
            holder, scopes = Holder(), tuple(request.scopes)
            if account.company is not None:
                holder, scopes = await self._company(db, account, citizen_id), company_scopes(request.scopes)
            person = Authenticated(citizen_id, holder, acr_of(account.level), account.auth_time, VNEID)
            return await self.authorizations.give_code(db, request, person, scopes)

    async def _company(self, db: AsyncSession, account: UpstreamAccount, citizen_id: UUID) -> Holder:
        """Return the company that VNeID says the person represents, entered or renewed by its word."""
        company = account.company
        assert company is not None  # noqa: S101 - the caller has looked
        organisations = OrganisationService(db, self.clocks)
        organisation_id = await organisations.record(
            company.tax_code, company.name, address=None, representative=citizen_id
        )
        return Holder("company", organisation_id, company.tax_code, ("company",))
