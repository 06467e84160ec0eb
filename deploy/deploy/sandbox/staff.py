"""Staff accounts of the sandbox: who works where as what, and what they sign in with at identity's own page.

A person's account at work is not their account at VNeID: another password, another authenticator. Both follow
from public constants (see `accounts.py`); identity is given them in a file, as a personnel system would.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyotp

from deploy.sandbox.accounts import totp_from
from deploy.sandbox.personas import Persona, personas

ROLES: Mapping[str, tuple[str, ...]] = {
    "bs-hoa": ("clinician",),
    "bs-khanh": ("clinician",),
    "tiep-don": ("receptionist",),
    "cb-son": ("dossier_officer",),
    "ld-mai": ("dossier_leader",),
    "mot-cua": ("receiving_desk",),
    "danh-muc": ("catalogue_owner",),
    "cb-tuan": ("judicial_officer",),
    "ld-lan": ("judicial_leader",),
    "ops": ("operator",),
    "auditor": ("auditor",),
}
"""What each persona may do for its own organisation."""


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """One account at identity's page; the username is the persona's name."""

    persona: Persona
    roles: tuple[str, ...]

    @property
    def username(self) -> str:
        return self.persona.name

    @property
    def password(self) -> str:
        return f"congvu-{self.username}"

    @property
    def totp(self) -> pyotp.TOTP:
        return totp_from(f"staff-one-time-code:{self.username}")


def staff_accounts() -> Mapping[str, StaffAccount]:
    """Return every staff account by username, in the order of the personas."""
    return {name: StaffAccount(persona, ROLES[name]) for name, persona in personas().items() if name in ROLES}
