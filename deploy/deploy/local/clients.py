"""OAuth clients of the sandbox profile: who may ask identity for tokens, and for which scopes.

Identity loads the registrations (`var/keys/clients.json`) when it migrates. Private keys stay in
`var/clients`.
"""

import json
from typing import Any

from deploy.local.credentials import client_key
from deploy.local.layout import Layout, write_private
from deploy.local.parts import SERVICES
from deploy.sandbox.personas import personas

SIGN_IN = ("openid", "profile", "offline_access")
CITIZEN = (*SIGN_IN, "health.read", "health.share", "judicial.apply", "dossier.file")
STAFF = (
    "health.clinical",
    "judicial.work",
    "dossier.work",
    "catalogue.write",
    "webhooks.manage",
    "ops",
    "audit",
)
LOOPBACK = "http://127.0.0.1/*"  # any port: RFC 8252, section 7.3
IDENTITY_AUDIENCE = "urn:lienthong:identity"

HOSPITAL = ("health.submit", "system/*.read", "system/*.write")

SYSTEM_SCOPES: dict[str, tuple[str, ...]] = {
    "his-99999": HOSPITAL,
    "his-01001": HOSPITAL,
    "toa-an": ("judicial.convictions",),
    "cong-an": ("judicial.convictions",),
    "dvcqg": ("portal.exchange",),
    "vnsw": ("portal.exchange",),
    "tinh-hanoi": ("portal.exchange", "webhooks.manage"),
}
"""What each system persona may do, for its own organisation."""

SIGNERS: dict[str, str] = {"thanh-toan": "Nền tảng thanh toán"}
"""Peers that only sign messages to us (RFC 9421): a key and a name, and no token for anything."""

# What a service may ask of another one, as itself: one audience and a few scopes each.
SERVICE_RIGHTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "health-book": ((IDENTITY_AUDIENCE,), ("people.resolve", "clients.read")),
    "judicial-record": ((IDENTITY_AUDIENCE,), ("people.resolve", "people.read", "clients.read")),
    "dossier": (
        (IDENTITY_AUDIENCE, "urn:lienthong:national-portal-sync"),
        ("people.resolve", "people.read", "clients.read", "inbound.read"),
    ),
    "national-portal-sync": (
        (IDENTITY_AUDIENCE, "urn:lienthong:judicial-record", "urn:lienthong:dossier"),
        ("clients.read", "portal.read"),
    ),
}

VNEID_CLIENT = "lienthong-identity"
"""Identity's own client at VNeID; not one of ours to register, but its key lies with the others."""


def write(layout: Layout, public_url: str) -> None:
    """Make the missing client keys and write the registrations for this public address. Idempotent."""
    client_key(layout.clients, VNEID_CLIENT)
    found = [
        _client(
            layout, "mobile-app", "public", "Ứng dụng di động", CITIZEN, (LOOPBACK, "lienthong://callback")
        ),
        _client(layout, "cli", "public", "Dòng lệnh", (*CITIZEN, *STAFF), (LOOPBACK,)),
    ]
    for client_id, scopes in SYSTEM_SCOPES.items():
        system = personas()[client_id]
        found.append(
            _client(layout, client_id, "system", system.about_vi, scopes)
            | {"organisation": system.organisation}
        )
    found += [
        _client(layout, client_id, "system", name, ()) | {"organisation": client_id}
        for client_id, name in SIGNERS.items()
    ]
    for service in SERVICES:
        audiences, scopes = SERVICE_RIGHTS.get(service.name, ((), ()))
        found.append(
            _client(layout, service.client_id, "service", service.name, scopes)
            | {"audiences": list(audiences)}
        )
    text = json.dumps(found, indent=2, ensure_ascii=False)
    write_private(layout.keys / "clients.json", text)


def _client(
    layout: Layout,
    client_id: str,
    kind: str,
    name: str,
    scopes: tuple[str, ...],
    redirect_uris: tuple[str, ...] = (),
) -> dict[str, Any]:
    jwks = None if kind == "public" else {"keys": [client_key(layout.clients, client_id)]}
    return {
        "client_id": client_id,
        "kind": kind,
        "name": name,
        "redirect_uris": list(redirect_uris),
        "scopes": list(scopes),
        "audiences": [],
        "organisation": None,
        "jwks": jwks,
    }
