"""What identity loads beside its clients: the sandbox's staff accounts and its company.

Files in `var/keys`, as an agency's personnel system and the business register would deliver them; nothing of
it stands in identity's code.
"""

import json
from datetime import date
from typing import Any

from argon2 import PasswordHasher

from deploy.local.layout import Layout, write_private
from deploy.sandbox.personas import Persona, personas
from deploy.sandbox.staff import staff_accounts

GRANTED_FROM = date(2026, 1, 1)


def write(layout: Layout) -> None:
    """Write `staff.json` and `organisations.json`. Idempotent: a password is hashed once."""
    _write(layout, "staff.json", _staff(_hashes(layout)))
    _write(layout, "organisations.json", _organisations())


def _staff(hashes: dict[str, str]) -> list[dict[str, Any]]:
    hasher = PasswordHasher()
    return [
        {
            "username": username,
            "person": _person(account.persona),
            "organisation": account.persona.organisation,
            "roles": list(account.roles),
            "password_hash": hashes.get(username) or hasher.hash(account.password),
            "totp_secret": account.totp.secret,
        }
        for username, account in staff_accounts().items()
    ]


def _organisations() -> list[dict[str, Any]]:
    """The companies, each with its legal representative; everybody else of its staff is delegated."""
    companies = [persona for persona in personas().values() if persona.kind == "company"]
    return [
        {
            "tax_code": company.number,
            "name": company.title,
            "address": None,
            "representative": _person(personas()[company.represented_by or ""]),
            "delegates": [
                {"person": _person(member), "valid_from": GRANTED_FROM.isoformat()}
                for member in personas().values()
                if member.kind == "staff"
                and member.organisation == company.number
                and member.name != company.represented_by
            ],
        }
        for company in companies
    ]


def _person(persona: Persona) -> dict[str, Any]:
    person = persona.person
    if person is None:
        raise ValueError(f"{persona.name} is no person")
    return {
        "personal_id": person.personal_id,
        "name": person.name,
        "born_on": person.born_on.isoformat(),
        "sex": person.sex,
    }


def _hashes(layout: Layout) -> dict[str, str]:
    """The hashes written before; passwords of the sandbox follow from the name and do not change."""
    try:
        written = json.loads((layout.keys / "staff.json").read_text())
        return {one["username"]: one["password_hash"] for one in written}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write(layout: Layout, name: str, content: list[dict[str, Any]]) -> None:
    write_private(layout.keys / name, json.dumps(content, indent=2, ensure_ascii=False))
