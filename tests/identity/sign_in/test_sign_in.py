"""A whole sign-in."""

import httpx2

from tests.identity.factories import citizen_tokens


async def test_a_sign_in_ends_with_the_persons_own_identity(client: httpx2.AsyncClient) -> None:
    tokens = await citizen_tokens(client)

    me = await client.get("/v1/me", headers={"authorization": f"Bearer {tokens['access_token']}"})

    assert me.json()["personal_id"] == "001085000017"
