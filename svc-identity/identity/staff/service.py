"""Staff sign in: a name, a password, a one-time code, and as many tries as a person needs."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.db import Database
from chassis.logging import get_logger
from identity.clients.repository import ClientRepository
from identity.people.service import Vault
from identity.sign_in import refusals
from identity.sign_in.authorizations import Authenticated, Authorizations
from identity.sign_in.browser import Browser
from identity.sign_in.models import AuthorizationRequestRow
from identity.sign_in.rules import SIGN_IN_SCOPES
from identity.staff import rules
from identity.staff.passwords import Passwords, TooBusy
from identity.staff.repository import StaffAccount, StaffRepository
from identity.tokens.rules import Holder

PROVIDER = "staff"

log = get_logger(__name__)


class NotRecognised(Exception):
    """Name, password and code do not fit together; which of them does not is never said."""


class Throttled(Exception):
    """Too many failures: nobody may try until then."""

    def __init__(self, seconds: int) -> None:
        super().__init__("throttled")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a member of staff has typed."""

    username: str
    password: str
    code: str


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """What the page shows of a sign-in under way."""

    client_name: str
    redirect_uri: str
    cancel_url: str
    language: str


@dataclass(frozen=True, slots=True)
class StaffSignIn:
    """Use cases of staff sign-in. `attempts_key` hides names and addresses in the counters."""

    database: Database
    clocks: Clocks
    vault: Vault
    passwords: Passwords
    authorizations: Authorizations
    attempts_key: bytes

    async def show(self, state: str, browser: Browser | None) -> PendingSignIn:
        """Return what the page shows. Raises: SignInOver, OtherBrowser."""
        async with self.database.transaction() as db:
            request = await self.authorizations.find(db, state, browser, "staff")
            client = await ClientRepository(db).find(request.client_id)
        denied = {"error": "access_denied"}
        return PendingSignIn(
            client_name=client.name if client is not None else request.client_id,
            redirect_uri=request.redirect_uri,
            cancel_url=self.authorizations.back(request.redirect_uri, request.client_state, denied),
            language=request.language,
        )

    async def sign_in(self, state: str, browser: Browser | None, given: Credentials, address: str) -> str:
        """Return the client's address with a code.

        A failure leaves the sign-in open for another try; every try is counted against the name and against
        the address before it is looked at, so that tries at once count as well.

        Raises: NotRecognised, Throttled, SignInRefused (SignInOver, OtherBrowser, StaffRoleMissing, Busy).
        """
        async with self.database.transaction() as db:
            request = await self.authorizations.find(db, state, browser, "staff")
        keys = (self._key("account", given.username), self._key("address", rules.address_of(address)))
        await self._count(keys)
        account, step = await self._recognise(given, keys[1])
        scopes = self._scopes(request, account)
        async with self.database.transaction() as db:
            staff, now = StaffRepository(db), self.clocks.real_now()
            if not await staff.use_step(account.username, step, now):
                raise self._unrecognised("code_used")
            await self.authorizations.finish(db, state, request.language)
            await staff.forget_attempts(keys[0])
            code = await self._give_code(db, request, account, scopes, now) if scopes else None
        if code is None:
            refusal = refusals.StaffRoleMissing("scopes")
            self.authorizations.refuse(refusal, request.redirect_uri, request.client_state, request.language)
        return self.authorizations.back(request.redirect_uri, request.client_state, {"code": code})

    async def _recognise(self, given: Credentials, address_key: bytes) -> tuple[StaffAccount, int]:
        """Return the account and the step of its code; takes as long whatever is wrong.

        A right password is no failure of the address, whose count is there against trying many names.
        """
        account = None
        if rules.is_username(given.username):
            async with self.database.transaction() as db:
                account = await StaffRepository(db).find(given.username)
        try:
            is_right = await self.passwords.is_right(
                given.password, account.password_hash if account is not None else None
            )
        except TooBusy as failure:
            raise refusals.Busy("passwords") from failure
        if account is None or not is_right:
            raise self._unrecognised("account" if account is None else "password")
        secret = self.vault.cipher.decrypt(
            account.totp_secret_ciphertext, context=secret_context(account.username)
        )
        async with self.database.transaction() as db:
            await StaffRepository(db).take_back(address_key)
        now = int(self.clocks.real_now().timestamp())
        step = rules.step_of(given.code, secret, now, account.last_totp_step)
        if step is None:
            raise self._unrecognised("code")
        return account, step

    async def _count(self, keys: tuple[bytes, bytes]) -> None:
        """Count a try against name and address, or refuse it. Raises: Throttled."""
        now = self.clocks.real_now()
        async with self.database.transaction() as db:
            staff = StaffRepository(db)
            for key, of in zip(keys, rules.COUNTED, strict=True):
                failures = await staff.count_attempt(key, now, now - rules.FORGOTTEN_AFTER)
                if failures is None:
                    until = await staff.blocked_until(key)
                    log.info("staff.throttled", name=of)
                    raise Throttled(_seconds(until, now))
                wait = rules.wait_after(failures, of)
                if wait is not None:
                    await staff.block(key, now + wait)

    def _scopes(self, request: AuthorizationRequestRow, account: StaffAccount) -> tuple[str, ...]:
        """Return the scopes for which the roles suffice; none where nothing of staff would be among them."""
        allowed = rules.scopes_of(account.roles)
        if not allowed.intersection(request.scopes):
            return ()
        return tuple(scope for scope in request.scopes if scope in allowed | SIGN_IN_SCOPES)

    async def _give_code(
        self,
        db: AsyncSession,
        request: AuthorizationRequestRow,
        account: StaffAccount,
        scopes: tuple[str, ...],
        now: datetime,
    ) -> str:
        holder = Holder("staff", None, account.organisation, account.roles)
        person = Authenticated(account.citizen_id, holder, rules.STAFF_ACR, now, PROVIDER)
        return await self.authorizations.give_code(db, request, person, scopes)

    def _key(self, of: str, value: str) -> bytes:
        return hmac.digest(self.attempts_key, f"{of}:{value}".encode("utf-8", "surrogatepass"), "sha256")

    @staticmethod
    def _unrecognised(reason: str) -> NotRecognised:
        log.info("staff.not_recognised", reason=reason)
        return NotRecognised(reason)


def secret_context(username: str) -> bytes:
    """Return what the secret of a second factor is bound to."""
    return b"staff_accounts.totp_secret:" + username.encode()


def _seconds(until: datetime | None, now: datetime) -> int:
    return max(1, int((until - now).total_seconds()) + 1) if until is not None else 1
