"""What staff may do by their roles, which code is good, and how long to wait after failures. Pure."""

import hmac
import ipaddress
import re
from collections.abc import Collection
from datetime import timedelta
from typing import Literal

import pyotp

ROLE_SCOPES: dict[str, frozenset[str]] = {
    "judicial_officer": frozenset({"judicial.work"}),
    "judicial_leader": frozenset({"judicial.work"}),
    "receiving_desk": frozenset({"dossier.work"}),
    "dossier_officer": frozenset({"dossier.work"}),
    "dossier_leader": frozenset({"dossier.work"}),
    "catalogue_owner": frozenset({"catalogue.write"}),
    "operator": frozenset({"ops", "webhooks.manage"}),
    "auditor": frozenset({"audit"}),
    "clinician": frozenset({"health.clinical"}),
    "receptionist": frozenset({"health.clinical"}),
}
"""The scopes that each role may have; which of them a route takes is the route's own rule."""

STAFF_SCOPES = frozenset().union(*ROLE_SCOPES.values())
STAFF_ACR = "urn:lienthong:staff:2"
"""Assurance of a staff sign-in: a password and a one-time code, at our own page."""

USERNAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
_USERNAME = re.compile(USERNAME, re.ASCII)
PERIOD_SECONDS = 30
STEPS_FORGIVEN = 1
Counted = Literal["account", "address"]
COUNTED: tuple[Counted, Counted] = ("account", "address")
FREE_FAILURES: dict[Counted, int] = {"account": 5, "address": 50}
"""Failures in a row after which the next try has to wait."""

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)


def scopes_of(roles: Collection[str]) -> frozenset[str]:
    """Return the scopes that somebody with these roles may have.

    Source: decision 0014.
    """
    return frozenset().union(*(ROLE_SCOPES.get(role, frozenset()) for role in roles))


def is_username(text: str) -> bool:
    """Return whether the text can be a username: small letters, digits, `.`, `_` and `-`.

    Source: decision 0014.
    """
    return _USERNAME.fullmatch(text) is not None


def step_of(code: str, secret: str, now: int, last_step: int | None) -> int | None:
    """Return the 30-second step that a one-time code belongs to, or `None` when it is not to be taken.

    `now` is real time in seconds since 1970. One step of difference between clocks is forgiven; a code of
    the last step used, or of one before it, is not taken again.

    Source: RFC 6238, sections 5.2 (one use, one step of delay) and 6 (drift).
    """
    code = "".join(code.split())
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    generator, current = pyotp.TOTP(secret, interval=PERIOD_SECONDS), now // PERIOD_SECONDS
    for step in range(current - STEPS_FORGIVEN, current + STEPS_FORGIVEN + 1):
        is_unused = last_step is None or step > last_step
        if is_unused and hmac.compare_digest(generator.at(step * PERIOD_SECONDS), code):
            return step
    return None


def wait_after(failures: int, of: Counted) -> timedelta | None:
    """Return how long nobody may try again after so many failures in a row, or `None` when at once.

    Doubles with each failure beyond the free ones, up to a quarter of an hour: guessing stops, and an officer
    whom somebody else locks out is not locked out for the day.

    Source: decision 0014; NIST SP 800-63B, section 5.2.2 (limit of consecutive failures).
    """
    over = failures - FREE_FAILURES[of]
    if over < 0:
        return None
    return min(FIRST_WAIT * (1 << min(over, 10)), LONGEST_WAIT)


def address_of(address: str) -> str:
    """Return what attempts of an address are counted under: an IPv4 address, or the /64 of an IPv6 one.

    Source: decision 0014 (a subscriber of IPv6 has a whole /64).
    """
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if read.version == 4:
        return str(read)
    mapped = read.ipv4_mapped if isinstance(read, ipaddress.IPv6Address) else None
    return str(mapped or ipaddress.ip_network((int(read), 64), strict=False))
