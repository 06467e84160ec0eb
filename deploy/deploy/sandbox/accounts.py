"""Passwords and one-time codes of the sandbox's VNeID accounts.

Both follow from public constants: everybody may sign in as anybody here, which is what a sandbox is for and
why it refuses to start in production. One-time codes are TOTP (RFC 6238), so that an authenticator app or any
TOTP library can make them; one step of clock difference is forgiven.
"""

import base64
import hashlib
import hmac
from uuid import UUID

import pyotp

PERIOD_SECONDS = 30


def password_of(word: str) -> str:
    """Return the password of a persona (by its name) or of a townsperson (by the last six digits)."""
    return f"matkhau-{word}"


def tech_id_of(personal_id: str) -> str:
    """Return VNeID's stable key of an account: opaque, the same in every sandbox."""
    return str(UUID(bytes=hashlib.sha256(f"tech-id:{personal_id}".encode()).digest()[:16], version=4))


def totp_of(personal_id: str) -> pyotp.TOTP:
    """Return the code generator of a VNeID account."""
    return totp_from(f"one-time-code:{personal_id}")


def totp_from(words: str) -> pyotp.TOTP:
    """Return the code generator that follows from some words."""
    seed = hashlib.sha256(words.encode()).digest()[:20]
    return pyotp.TOTP(base64.b32encode(seed).decode(), interval=PERIOD_SECONDS)


def is_right(expected_password: str, personal_id: str, password: str, code: str, now: int) -> bool:
    """Return whether password and one-time code fit; `now` is real time in seconds since 1970."""
    fits = hmac.compare_digest(expected_password.encode(), password.encode())
    return totp_of(personal_id).verify(code.replace(" ", ""), for_time=now, valid_window=1) and fits
