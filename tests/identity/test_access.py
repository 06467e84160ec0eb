"""Every route of identity, and who gets what answer there."""

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from chassis.access import access_table
from chassis.ids import new_id
from chassis.keys import SigningKey, SigningKeys
from chassis.testing import PUBLIC_URL, bearer
from identity.tokens.minting import Bearer, Minter
from identity.tokens.service import TokenService
from tests.identity.factories import person_item

INTERNAL = "urn:lienthong:identity"

TABLE = {
    ("GET", "/.well-known/openid-configuration"): "public: metadata is public",
    ("GET", "/oauth2/authorize"): "public: a person who signs in has no token yet",
    ("POST", "/oauth2/authorize"): "public: a person who signs in has no token yet",
    ("GET", "/oauth2/callback/vneid"): "public: a person who signs in has no token yet",
    ("GET", "/oauth2/staff"): "public: a person who signs in has no token yet",
    ("POST", "/oauth2/staff"): "public: a person who signs in has no token yet",
    ("GET", "/oauth2/jwks"): "public: public keys are public",
    ("POST", "/oauth2/revoke"): "public: clients prove who they are in the form itself",
    ("POST", "/oauth2/token"): "public: clients prove who they are in the form itself",
    ("GET", "/oauth2/userinfo"): "audience=public kinds=citizen,staff scope=openid rows=own",
    ("POST", "/oauth2/userinfo"): "audience=public kinds=citizen,staff scope=openid rows=own",
    ("GET", "/v1/me"): "audience=public kinds=citizen rows=own",
    ("PATCH", "/v1/me"): "audience=public kinds=citizen rows=own",
    ("GET", "/v1/me/acting-for"): "audience=public kinds=citizen rows=own",
    ("GET", "/v1/me/notifications"): "audience=public kinds=citizen rows=own",
    ("POST", "/v1/me/notifications/{notification_id}/read"): "audience=public kinds=citizen rows=own",
    ("POST", "/internal/v1/person-resolutions"): (
        "audience=internal kinds=service scope=people.resolve rows=any"
    ),
    ("POST", "/internal/v1/person-facts"): "audience=internal kinds=service scope=people.read rows=any",
    ("POST", "/internal/v1/organisation-facts"): "audience=internal kinds=service scope=people.read rows=any",
    ("GET", "/internal/v1/clients/{client_id}/keys"): (
        "audience=internal kinds=service scope=clients.read rows=any"
    ),
}
OF_THE_CHASSIS = {"/healthz", "/livez", "/readyz", "/openapi.json"}

BEARERS: dict[str, dict[str, Any]] = {
    "citizen": {"kind": "citizen", "scopes": ["openid"], "roles": ["citizen"], "acr": "urn:vneid:level:2"},
    "citizen without openid": {"kind": "citizen", "scopes": ["health.read"], "roles": ["citizen"]},
    "company": {"kind": "company", "scopes": ["openid"], "roles": ["company"]},
    "staff": {"kind": "staff", "scopes": ["openid", "ops"], "roles": ["operator"]},
    "system": {"kind": "system", "scopes": ["health.submit"], "roles": ["facility_system"]},
    "service": {
        "kind": "service",
        "scopes": ["people.resolve"],
        "roles": ["service"],
        "audience": INTERNAL,
    },
    "service that reads": {
        "kind": "service",
        "scopes": ["people.read", "clients.read"],
        "roles": ["service"],
        "audience": INTERNAL,
    },
    "service without scope": {"kind": "service", "scopes": [], "roles": ["service"], "audience": INTERNAL},
    "service of another audience": {
        "kind": "service",
        "scopes": ["people.resolve"],
        "roles": ["service"],
        "audience": "urn:lienthong:dossier",
    },
    "system with the scope": {
        "kind": "system",
        "scopes": ["people.resolve"],
        "roles": [],
        "audience": INTERNAL,
    },
}
REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "/oauth2/userinfo"): {},
    ("POST", "/oauth2/userinfo"): {},
    ("GET", "/v1/me"): {},
    ("PATCH", "/v1/me"): {"json": {"language": "en"}},
    ("GET", "/v1/me/acting-for"): {},
    ("GET", "/v1/me/notifications"): {},
    ("POST", f"/v1/me/notifications/{new_id()}/read"): {},
    ("POST", "/internal/v1/person-resolutions"): {"json": {"items": [person_item()]}},
    ("POST", "/internal/v1/person-facts"): {"json": {"citizen_ids": [str(new_id())], "purpose": "a case"}},
    ("POST", "/internal/v1/organisation-facts"): {"json": {"organisation_ids": [str(new_id())]}},
    ("GET", "/internal/v1/clients/his-99999/keys"): {},
}
ALLOWED = {
    "/oauth2/userinfo": {"citizen", "staff"},
    "/v1/me": {"citizen", "citizen without openid"},
    "/internal/v1/person-resolutions": {"service"},
    "/internal/v1/person-facts": {"service that reads"},
    "/internal/v1/organisation-facts": {"service that reads"},
    "/internal/v1/clients": {"service that reads"},
}


def token(app: FastAPI, name: str) -> str:
    """Return a token as identity itself would mint it for such a bearer."""
    service: TokenService = app.state.token_service
    fields = {"audience": PUBLIC_URL, "subject": str(new_id()), "client_id": "cli", **BEARERS[name]}
    return service.minter.access_token(Bearer(**fields), service.clocks.real_now()).value


def test_the_access_table_is_this(app: FastAPI) -> None:
    found = {
        (entry.method, entry.path): str(entry.rule)
        for entry in access_table(app)
        if entry.path not in OF_THE_CHASSIS
    }

    assert found == TABLE


@pytest.mark.parametrize("name", sorted(BEARERS))
@pytest.mark.parametrize("route", sorted(REQUESTS), ids=str)
async def test_each_kind_of_bearer_at_each_route(
    client: httpx2.AsyncClient, app: FastAPI, route: tuple[str, str], name: str
) -> None:
    """Allowed is 200, or 404 where the person (made up here) does not exist; all else is 401 or 403."""
    method, path = route
    headers = {**bearer(token(app, name)), "idempotency-key": str(new_id())}

    answer = await client.request(method, path, headers=headers, **REQUESTS[route])

    may = name in next(names for start, names in ALLOWED.items() if path.startswith(start))
    assert (answer.status_code in (200, 404)) == may, answer.text
    assert may or answer.status_code in (401, 403)


@pytest.mark.parametrize("route", sorted(REQUESTS), ids=str)
async def test_no_token_a_forged_one_and_one_of_another_issuer_are_refused(
    client: httpx2.AsyncClient, app: FastAPI, route: tuple[str, str]
) -> None:
    method, path = route
    service: TokenService = app.state.token_service
    citizen = Bearer(str(new_id()), "cli", "citizen", PUBLIC_URL, ["openid"], ["citizen"])
    now = service.clocks.real_now()
    stranger = Minter(PUBLIC_URL, SigningKeys(SigningKey.generate(), ())).access_token(citizen, now).value
    elsewhere = Minter("https://evil.example", service.minter.keys).access_token(citizen, now).value
    for headers in ({}, bearer("x"), bearer(stranger), bearer(elsewhere)):
        answer = await client.request(
            method, path, headers={**headers, "idempotency-key": "1"}, **REQUESTS[route]
        )
        assert answer.status_code == 401
        assert "www-authenticate" in answer.headers


async def test_an_id_token_opens_nothing(client: httpx2.AsyncClient, app: FastAPI) -> None:
    service: TokenService = app.state.token_service
    citizen = Bearer(str(new_id()), PUBLIC_URL, "citizen", PUBLIC_URL, ["openid"], ["citizen"])
    id_token = service.minter.id_token(
        citizen, "x", session_id=new_id(), nonce=None, now=service.clocks.real_now()
    )

    assert (await client.get("/v1/me", headers=bearer(id_token))).json()["code"] == "token_invalid"
