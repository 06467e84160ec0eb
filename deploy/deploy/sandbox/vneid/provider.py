"""The OpenID provider behind the pages: what is asked, who signed in, codes, tokens, claims.

No HTTP here: `routes.py` and `pages.py` speak it. Each sign-in stands alone (no session at the provider), so
`auth_time` is always fresh and a step-up always asks the person again. Time is real time, never legal time.
"""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from deploy.sandbox.accounts import is_right
from deploy.sandbox.register import Register, masked
from deploy.sandbox.state import State
from deploy.sandbox.vneid.claims import Account, accounts_of, identity_claims, national_claims
from deploy.sandbox.vneid.clients import Client, Clients
from deploy.sandbox.vneid.keys import SigningKeys
from deploy.sandbox.vneid.model import (
    AuthorizeError,
    AuthorizeRefused,
    Grant,
    Memory,
    Token,
    TokenError,
    Transaction,
)

CODE_SECONDS = 60
TRANSACTION_SECONDS = 600
TOKEN_SECONDS = 600
MOST_TRANSACTIONS = 10_000
LEVELS = {"LoA1": 1, "LoA2": 2}
SCOPES = ("openid", "profile")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Provider:
    """VNeID. Codes and tokens live in memory: after a restart the person signs in once more."""

    def __init__(
        self,
        *,
        issuer: str,
        clients: Clients,
        keys: SigningKeys,
        register: Register,
        state: State,
        now: Callable[[], float],
    ) -> None:
        self.issuer = issuer
        self.keys = keys
        self.clients = clients
        self._register = register
        self._state = state
        self._now = now
        self._memory = Memory()

    def begin(self, query: Mapping[str, str], browser: str) -> Transaction:
        """Open a sign-in for an authorization request.

        Raises:
            AuthorizeRefused: unknown client or address to return to; never redirected to.
            AuthorizeError: anything else that is wrong; carries where to send the browser.
        """
        client = self.clients.find(query.get("client_id", ""))
        if client is None:
            raise AuthorizeRefused("client_id")
        redirect_uri = query.get("redirect_uri", "")
        if redirect_uri not in client.redirect_uris:
            raise AuthorizeRefused("redirect_uri")
        state = query.get("state")

        def refuse(error: str, description: str) -> AuthorizeError:
            answer = {"error": error, "error_description": description}
            return AuthorizeError(self._return_to(redirect_uri, answer, state))

        scopes = tuple(scope for scope in query.get("scope", "").split() if scope in SCOPES)
        if query.get("response_type") != "code":
            raise refuse("unsupported_response_type", "only code is answered")
        if query.get("response_mode", "query") != "query":
            raise refuse("invalid_request", "only response_mode query is answered")
        if "request" in query or "request_uri" in query:
            raise refuse("request_not_supported", "request objects are not read")
        if "openid" not in scopes:
            raise refuse("invalid_scope", "scope must hold openid")
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            raise refuse("invalid_request", "PKCE with S256 is required")
        if query.get("prompt") == "none":
            raise refuse("login_required", "everybody signs in anew here")
        wanted = [LEVELS[value] for value in query.get("acr_values", "").split() if value in LEVELS]
        self._forget_old()
        if len(self._memory.transactions) >= MOST_TRANSACTIONS:
            raise refuse("temporarily_unavailable", "too many sign-ins at once")
        languages = [tag.split("-")[0] for tag in query.get("ui_locales", "").split()]
        transaction = Transaction(
            id=secrets.token_urlsafe(24),
            browser=browser,
            client=client,
            redirect_uri=redirect_uri,
            scopes=scopes,
            state=state,
            nonce=query.get("nonce"),
            challenge=query["code_challenge"],
            wanted_level=wanted[0] if wanted else None,
            language=next((tag for tag in languages if tag in ("vi", "en")), None),
            began_at=self._now(),
        )
        self._memory.transactions[transaction.id] = transaction
        return transaction

    def transaction(self, id_: str, browser: str | None) -> Transaction | None:
        """Return an open sign-in, if this browser began it."""
        self._forget_old()
        found = self._memory.transactions.get(id_)
        if found is None or browser is None or not secrets.compare_digest(found.browser, browser):
            return None
        return found

    def sign_in(self, transaction: Transaction, personal_id: str, password: str, code: str) -> bool:
        """Return whether number, password and one-time code fit; then the person is known."""
        person = self._register.find(personal_id.strip())
        now = int(self._now())
        fits = (
            person is not None
            and person.level > 0
            and person.is_alive
            and is_right(self._register.password(person), person.personal_id, password, code, now)
        )
        facts = {
            "number": masked(person.personal_id) if person else None,
            "client": transaction.client.client_id,
        }
        self._state.record("vneid", "sign_in" if fits else "sign_in_refused", **facts)
        if not fits:
            return False
        transaction.person = person
        transaction.signed_in_at = now
        transaction.is_level_settled = (transaction.wanted_level or 0) <= (person.level if person else 0)
        return True

    def settle_level(self, transaction: Transaction, *, raise_it: bool) -> None:
        """Raise the account to level 2 as the police counter would, or go on with the level it has."""
        person = transaction.person
        if person is not None and raise_it:
            transaction.person = self._register.change(person.personal_id, {"level": 2})
            self._state.record("vneid", "level_raised", number=masked(person.personal_id))
        transaction.is_level_settled = True

    def accounts(self, transaction: Transaction) -> tuple[Account, ...]:
        """Return what the person may sign in as: the own account first, then companies represented."""
        return () if transaction.person is None else accounts_of(transaction.person)

    def approve(self, transaction: Transaction, account: Account) -> str:
        """Return the address that takes the code back to the client; the sign-in is over.

        Raises:
            ValueError: nobody has signed in yet, or the level is not settled.
        """
        person = transaction.person
        if person is None or not transaction.is_level_settled:
            raise ValueError("this sign-in is not complete")
        del self._memory.transactions[transaction.id]
        code = secrets.token_urlsafe(32)
        level = min(transaction.wanted_level or person.level, person.level)
        self._memory.codes[code] = Grant(
            client_id=transaction.client.client_id,
            redirect_uri=transaction.redirect_uri,
            scopes=transaction.scopes,
            nonce=transaction.nonce,
            challenge=transaction.challenge,
            personal_id=person.personal_id,
            account=account,
            level=level,
            signed_in_at=transaction.signed_in_at,
            expires_at=self._now() + CODE_SECONDS,
        )
        facts = {"client": transaction.client.client_id, "number": masked(person.personal_id), "level": level}
        self._state.record("vneid", "consent_given", account=account.number or "personal", **facts)
        return self._return_to(transaction.redirect_uri, {"code": code}, transaction.state)

    def deny(self, transaction: Transaction) -> str:
        """Return the address that tells the client that the person said no."""
        self._memory.transactions.pop(transaction.id, None)
        self._state.record("vneid", "consent_refused", client=transaction.client.client_id)
        answer = {"error": "access_denied", "error_description": "the person said no"}
        return self._return_to(transaction.redirect_uri, answer, transaction.state)

    def authenticate(self, form: Mapping[str, str], authorization: str | None) -> Client:
        """Return the client of a token request.

        Raises:
            NotThisClient: it did not prove itself.
        """
        audiences = {self.issuer, f"{self.issuer}/token"}
        return self.clients.authenticate(form, authorization, audiences, self._now)

    def exchange(self, client: Client, form: Mapping[str, str]) -> dict[str, object]:
        """Return the token answer for a code, once.

        Raises:
            TokenError: wrong grant type, or a code that is unknown, old, used, another client's, or whose
                redirect address or PKCE verifier does not fit. A code used twice ends its token too.
        """
        if form.get("grant_type") != "authorization_code":
            raise TokenError("unsupported_grant_type", "only authorization_code is answered")
        self._forget_old()
        code = form.get("code", "")
        if code in self._memory.used_codes:
            self._memory.tokens.pop(self._memory.used_codes[code][0], None)
            raise TokenError("invalid_grant", "the code was used before")
        grant = self._memory.codes.pop(code, None)
        if grant is None or grant.client_id != client.client_id:
            raise TokenError("invalid_grant", "the code is unknown or expired")
        if form.get("redirect_uri") != grant.redirect_uri:
            raise TokenError("invalid_grant", "redirect_uri is not the one of the authorization request")
        verifier = form.get("code_verifier", "")
        digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if not _VERIFIER.fullmatch(verifier) or not secrets.compare_digest(digest, grant.challenge):
            raise TokenError("invalid_grant", "code_verifier does not fit")
        person = self._register.find(grant.personal_id)
        if person is None:
            raise TokenError("invalid_grant", "the account is gone")
        now = int(self._now())
        access_token = secrets.token_urlsafe(32)
        self._memory.tokens[access_token] = Token(grant, now + TOKEN_SECONDS)
        self._memory.used_codes[code] = (access_token, now + TOKEN_SECONDS)
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = identity_claims(person, grant.account, grant.level) | {
            "iss": self.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": grant.signed_in_at,
            "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
        }
        if grant.nonce is not None:
            claims["nonce"] = grant.nonce
        self._state.record(
            "vneid", "token_issued", client=client.client_id, number=masked(person.personal_id)
        )
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": " ".join(grant.scopes),
            "id_token": self.keys.sign(claims, client.signed_with),
        }

    def userinfo(self, access_token: str) -> dict[str, object] | None:
        """Return the claims about the person, or None when the token is not good."""
        self._forget_old()
        token = self._memory.tokens.get(access_token)
        person = self._register.find(token.grant.personal_id) if token else None
        if token is None or person is None:
            return None
        self._state.record("vneid", "userinfo_read", number=masked(person.personal_id))
        return national_claims(person, token.grant.account, token.grant.level)

    def _return_to(self, redirect_uri: str, answer: Mapping[str, str], state: str | None) -> str:
        values = {**answer, "iss": self.issuer} | ({"state": state} if state is not None else {})
        separator = "&" if urlsplit(redirect_uri).query else "?"
        return f"{redirect_uri}{separator}{urlencode(values)}"

    def _forget_old(self) -> None:
        now, memory = self._now(), self._memory
        old = [
            id_ for id_, entry in memory.transactions.items() if entry.began_at + TRANSACTION_SECONDS <= now
        ]
        for id_ in old:
            del memory.transactions[id_]
        memory.codes = {code: grant for code, grant in memory.codes.items() if grant.expires_at > now}
        memory.used_codes = {code: used for code, used in memory.used_codes.items() if used[1] > now}
        memory.tokens = {value: token for value, token in memory.tokens.items() if token.expires_at > now}
