"""The browser that a sign-in belongs to.

An encrypted cookie holds a random browser id. The secrets of the upstream leg (PKCE verifier, nonce) are
stored nowhere: they are derived from the browser id and the state, so a sign-in begun in one browser cannot
be finished in another, and a copy of the database finishes none.
"""

import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.jws import Malformed, decode_base64url, encode_base64url

COOKIE_SECONDS = 3600
_ID_BYTES = 32
_NONCE_BYTES = 12
_CONTEXT = b"sign-in browser"


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser and the secrets of its sign-ins."""

    browser_id: bytes
    key: bytes

    def fingerprint(self) -> bytes:
        """Return what is stored with a sign-in to know the browser again."""
        return hmac.digest(self.key, b"fingerprint" + self.browser_id, "sha256")

    def code_verifier(self, state: str) -> str:
        """Return the PKCE verifier of one upstream sign-in: 43 characters."""
        return self._derived(b"verifier", state)

    def nonce(self, state: str) -> str:
        """Return the nonce of one upstream sign-in."""
        return self._derived(b"nonce", state)

    def _derived(self, purpose: bytes, state: str) -> str:
        message = purpose + self.browser_id + state.encode()
        return encode_base64url(hmac.digest(self.key, message, "sha256"))


class Browsers:
    """Reads and writes the cookie."""

    def __init__(self, key: bytes, *, is_https: bool) -> None:
        self._key = key
        self._cipher = AESGCM(hmac.digest(key, b"cookie", "sha256"))
        self._is_https = is_https

    @property
    def cookie_name(self) -> str:
        return "__Host-lienthong-sign-in" if self._is_https else "lienthong-sign-in"

    def of(self, cookie: str | None) -> Browser | None:
        """Return the browser of a cookie, or `None` when there is none or it is not ours."""
        try:
            sealed = decode_base64url(cookie or "")
            browser_id = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _CONTEXT)
        except (Malformed, InvalidTag, ValueError):
            return None
        return Browser(browser_id, self._key)

    def new(self) -> Browser:
        """Return a browser that has no cookie yet."""
        return Browser(secrets.token_bytes(_ID_BYTES), self._key)

    def set_cookie(self, browser: Browser) -> str:
        """Return the `Set-Cookie` header: not for scripts, sent on the way back from VNeID."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        value = encode_base64url(nonce + self._cipher.encrypt(nonce, browser.browser_id, _CONTEXT))
        where = "Path=/; Secure" if self._is_https else "Path=/oauth2"
        return f"{self.cookie_name}={value}; {where}; HttpOnly; SameSite=Lax; Max-Age={COOKIE_SECONDS}"
