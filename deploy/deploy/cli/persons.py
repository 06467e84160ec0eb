"""`lienthong personas`: who there is to act as, and how each one signs in."""

from typing import Any

from deploy.cli.sign_in import seconds_left
from deploy.sandbox.accounts import totp_of
from deploy.sandbox.personas import Persona, personas
from deploy.sandbox.staff import staff_accounts

__all__ = ["everybody", "seconds_left", "staff"]


def everybody(now: float) -> list[dict[str, Any]]:
    """Return every persona in the order of the public contract; codes are of `now` (seconds since 1970)."""
    return [_row(persona, now) for persona in personas().values()]


def staff(now: float) -> list[dict[str, Any]]:
    """Return every staff account with what it signs in with at identity's own page."""
    return [
        {
            "username": account.username,
            "organisation": account.persona.organisation,
            "roles": ", ".join(account.roles),
            "password": account.password,
            "one_time_code": account.totp.at(int(now)),
        }
        for account in staff_accounts().values()
    ]


def _row(persona: Persona, now: float) -> dict[str, Any]:
    person = persona.person
    has_account = persona.password is not None
    return {
        "name": persona.name,
        "kind": persona.kind,
        "who": persona.title,
        "about": persona.about_en,
        "personal_id": person.personal_id if person else None,
        "tax_code": persona.number,
        "born_on": person.born_on.isoformat() if person else None,
        "level": person.level if person and has_account else None,
        "organisation": persona.organisation,
        "password": persona.password,
        "one_time_code": totp_of(person.personal_id).at(int(now)) if person and has_account else None,
        "staff": _staff(persona, now),
        "key": f"var/clients/{persona.name}.jwk" if persona.kind == "system" else None,
    }


def _staff(persona: Persona, now: float) -> dict[str, Any] | None:
    account = staff_accounts().get(persona.name)
    if account is None:
        return None
    return {
        "roles": list(account.roles),
        "password": account.password,
        "one_time_code": account.totp.at(int(now)),
    }
