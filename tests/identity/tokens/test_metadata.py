"""Discovery says what is served and nothing else; keys overlap."""

import httpx2
import pytest
from fastapi import FastAPI

from chassis.keys import SigningKey, SigningKeys
from chassis.testing import PUBLIC_URL
from identity.tokens.minting import Minter
from tests.identity.factories import system_form

DOCUMENT = "/.well-known/openid-configuration"


async def test_every_endpoint_named_is_there(client: httpx2.AsyncClient, app: FastAPI) -> None:
    document = (await client.get(DOCUMENT)).json()

    paths = set(app.openapi()["paths"])
    named = {value.removeprefix(PUBLIC_URL) for name, value in document.items() if name.endswith("_endpoint")}
    assert document["issuer"] == PUBLIC_URL
    assert document["jwks_uri"].removeprefix(PUBLIC_URL) in paths
    assert named <= paths
    assert {path for path in paths if path.startswith("/oauth2/")} - named == {
        "/oauth2/jwks",
        "/oauth2/callback/vneid",
        "/oauth2/staff",
    }


async def test_every_grant_named_is_served_and_no_other(client: httpx2.AsyncClient) -> None:
    grants = (await client.get(DOCUMENT)).json()["grant_types_supported"]

    for grant in ("authorization_code", "client_credentials", "refresh_token", "password", "implicit"):
        answer = await client.post("/oauth2/token", data={**system_form(), "grant_type": grant})
        assert (answer.json().get("error") == "unsupported_grant_type") == (grant not in grants)


async def test_keys_are_public_and_can_be_kept_a_while(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/oauth2/jwks")

    assert answer.headers["cache-control"] == "public, max-age=300"
    for key in answer.json()["keys"]:
        assert "d" not in key
        assert (key["alg"], key["use"], key["crv"]) == ("ES256", "sig", "P-256")


def test_the_key_before_stays_published() -> None:
    now, before = SigningKey.generate(), SigningKey.generate()

    published = Minter("https://op", SigningKeys(now, (before,))).public_keys()

    assert [key["kid"] for key in published["keys"]] == [now.kid, before.kid]


@pytest.mark.parametrize("path", [DOCUMENT, "/oauth2/jwks"])
async def test_a_host_header_changes_nothing(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers={"host": "evil.example"})

    assert "evil.example" not in answer.text
