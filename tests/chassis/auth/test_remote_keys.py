"""The issuer's keys: fetched when needed, seldom, and kept while the issuer is away."""

import httpx2
import pytest

from chassis.auth import RemoteKeys, TokenVerifier
from chassis.errors import TokenInvalid, UpstreamUnavailable
from chassis.http import new_client
from chassis.keys import SigningKey
from chassis.testing import OTHER_KEY, PUBLIC_URL, SIGNING_KEY, make_claims, make_token, sign_claims


class Issuer:
    """Identity's key set, which can be changed or taken away."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys: tuple[SigningKey, ...] = keys
        self.is_up = True
        self.fetch_count = 0

    def answer(self, _request: httpx2.Request) -> httpx2.Response:
        self.fetch_count += 1
        if not self.is_up:
            return httpx2.Response(503)
        return httpx2.Response(200, json={"keys": [key.public_jwk() for key in self.keys]})

    def verifier(self, minimum_seconds: float = 3.0, maximum_seconds: float = 600.0) -> TokenVerifier:
        keys = RemoteKeys(
            "http://identity.test/oauth2/jwks",
            new_client(transport=httpx2.MockTransport(self.answer)),
            minimum_seconds=minimum_seconds,
            maximum_seconds=maximum_seconds,
        )
        return TokenVerifier(keys, issuer=PUBLIC_URL, audience=PUBLIC_URL)


async def test_keys_are_fetched_once() -> None:
    issuer = Issuer(SIGNING_KEY)
    verifier = issuer.verifier()

    for _ in range(3):
        await verifier.verify(make_token())

    assert issuer.fetch_count == 1


async def test_forged_key_ids_do_not_become_load() -> None:
    issuer = Issuer(SIGNING_KEY)
    verifier = issuer.verifier()

    for _ in range(20):
        with pytest.raises(TokenInvalid):
            await verifier.verify(sign_claims(make_claims(), key=SigningKey.generate()))

    assert issuer.fetch_count == 1


async def test_new_key_is_found_when_a_token_names_it() -> None:
    issuer = Issuer(SIGNING_KEY)
    verifier = issuer.verifier(minimum_seconds=0)
    await verifier.verify(make_token())
    issuer.keys = (OTHER_KEY, SIGNING_KEY)

    actor = await verifier.verify(sign_claims(make_claims(), key=OTHER_KEY))

    assert actor.kind == "citizen"
    assert issuer.fetch_count == 2


async def test_keys_are_kept_while_the_issuer_is_away() -> None:
    issuer = Issuer(SIGNING_KEY)
    verifier = issuer.verifier(minimum_seconds=0)
    await verifier.verify(make_token())
    issuer.is_up = False

    with pytest.raises(TokenInvalid):
        await verifier.verify(sign_claims(make_claims(), key=OTHER_KEY))
    assert (await verifier.verify(make_token())).kind == "citizen"


async def test_without_any_key_the_answer_is_503_until_the_issuer_is_back() -> None:
    issuer = Issuer(SIGNING_KEY)
    issuer.is_up = False
    verifier = issuer.verifier()
    with pytest.raises(UpstreamUnavailable) as problem:
        await verifier.verify(make_token())
    assert problem.value.headers["retry-after"]

    issuer.is_up = True

    assert (await verifier.verify(make_token())).kind == "citizen"


async def test_withdrawn_key_is_dropped_when_the_set_has_grown_old() -> None:
    issuer = Issuer(SIGNING_KEY, OTHER_KEY)
    verifier = issuer.verifier(minimum_seconds=0, maximum_seconds=0)
    await verifier.verify(sign_claims(make_claims(), key=OTHER_KEY))
    issuer.keys = (SIGNING_KEY,)

    with pytest.raises(TokenInvalid):
        await verifier.verify(sign_claims(make_claims(), key=OTHER_KEY))


@pytest.mark.parametrize("answer", [b"[]", b"{", b"null", b'{"keys": 5}', b'{"keys": []}'])
async def test_nonsense_for_a_key_set_is_as_if_the_issuer_were_away(answer: bytes) -> None:
    client = new_client(transport=httpx2.MockTransport(lambda _: httpx2.Response(200, content=answer)))
    keys = RemoteKeys("http://identity.test/oauth2/jwks", client)

    with pytest.raises(UpstreamUnavailable):
        await keys.get("any")
