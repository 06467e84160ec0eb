"""Signed requests through a service's app: taken from us and from a foreign library, refused in every other
case.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import asyncpg
import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, FastAPI, Request
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.access import allow
from chassis.app import create_service_app
from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.db import Db
from chassis.errors import Overloaded
from chassis.http_signatures import KnownKeys, PrivateKey, sign, verify
from chassis.jws import encode_base64url
from chassis.keys import SigningKey
from chassis.settings import ServiceSettings
from chassis.testing import (
    PUBLIC_URL,
    MemoryKeys,
    bearer,
    make_settings,
    make_token,
    make_verifier,
    service_client,
)
from tests.support.databases import ServiceDatabase

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PATH = "/v1/judgments"
URL = PUBLIC_URL + PATH
BODY = '{"bản án": "12/2026/HS-ST"}'.encode()
JSON = {"content-type": "application/json"}
COURT, COURT_OLD, POLICE = SigningKey.generate(), SigningKey.generate(), SigningKey.generate()
EDWARDS = Ed25519PrivateKey.generate()
EDWARDS_JWK = {
    "kty": "OKP",
    "crv": "Ed25519",
    "kid": "ed",
    "x": encode_base64url(EDWARDS.public_key().public_bytes_raw()),
}
KEYS = KnownKeys(
    {
        "toa-an": {"keys": [COURT.public_jwk(), COURT_OLD.public_jwk(), EDWARDS_JWK, {"kty": "RSA"}]},
        "cong-an": {"keys": [POLICE.public_jwk()]},
    }
)

Court = Annotated[Actor, allow(kinds={"system"})]
router = APIRouter()


@router.post("/judgments/{number:path}", status_code=201)
@router.post("/judgments", status_code=201)
async def record_judgment(request: Request, actor: Court, db: Db, fail: bool = False) -> dict[str, str]:
    clocks: Clocks = request.app.state.clocks
    signed = await verify(
        request, await request.body(), KEYS, client_id=actor.client_id, db=db, clocks=clocks
    )
    if fail:
        raise Overloaded
    return {"client_id": signed.client_id, "kid": signed.kid}


class Settings(ServiceSettings):
    service = "things"


@pytest.fixture
async def client(chassis_database: ServiceDatabase) -> AsyncIterator[httpx2.AsyncClient]:
    app: FastAPI = create_service_app(
        make_settings(Settings, database_url=chassis_database.url),
        title="Judgments",
        routers=[],
        keys=MemoryKeys(),
        clocks=Clocks.fixed(NOW + timedelta(days=900), real=NOW),
        verifier=make_verifier("things"),
    )
    app.include_router(router, prefix="/v1")
    async with service_client(app) as client:
        yield client


def signed(
    *,
    key: PrivateKey = COURT,
    keyid: str = "toa-an",
    url: str = URL,
    method: str = "POST",
    body: bytes = BODY,
    at: datetime = NOW,
    **options: Any,
) -> dict[str, str]:
    return sign(method, url, JSON, body, key=key, keyid=keyid, at=at, **options)


async def send(
    client: httpx2.AsyncClient,
    headers: Mapping[str, str],
    *,
    url: str = URL,
    body: bytes = BODY,
    client_id: str = "toa-an",
) -> tuple[int, Any]:
    token = bearer(make_token(kind="system", client_id=client_id))
    raw = [(name, value.encode("latin-1")) for name, value in {**token, **headers}.items()]
    answer = await client.post(url, content=body, headers=raw)
    return answer.status_code, answer.json().get("code") or answer.json()


@pytest.mark.parametrize(
    ("key", "keyid", "kid"),
    [
        (COURT, "toa-an", COURT.kid),
        (COURT, COURT.kid, COURT.kid),
        (COURT_OLD, "toa-an", COURT_OLD.kid),
        (COURT_OLD, COURT_OLD.kid, COURT_OLD.kid),
        (EDWARDS, "ed", "ed"),
        (EDWARDS, "toa-an", "ed"),
    ],
)
async def test_own_key_is_taken_by_its_id_or_its_owners(
    client: httpx2.AsyncClient, key: PrivateKey, keyid: str, kid: str
) -> None:
    assert await send(client, signed(key=key, keyid=keyid)) == (201, {"client_id": "toa-an", "kid": kid})


@pytest.mark.parametrize("query", ["", "?dry_run=1&q=%C3%A1%20b", "?a=1&a=2"])
async def test_path_and_query_are_signed_as_they_are_sent(client: httpx2.AsyncClient, query: str) -> None:
    url = f"{URL}/12%2F2026%2FHS-ST{query}"

    assert (await send(client, signed(url=url), url=url))[0] == 201
    assert (await send(client, signed(url=url), url=f"{url}{'&' if query else '?'}x=1"))[0] == 401


async def test_default_port_and_case_of_the_host_do_not_matter(client: httpx2.AsyncClient) -> None:
    assert (await send(client, signed(url="HTTP://LienThong.test:80/v1/judgments")))[0] == 201


class Foreign:
    """A request signed by another implementation of RFC 9421."""

    COVERED = ("@method", "@target-uri", "content-digest", "content-type")

    @staticmethod
    def sign(
        key: PrivateKey = COURT,
        keyid: str = "toa-an",
        *,
        covered: tuple[str, ...] = COVERED,
        at: datetime = NOW,
        nonce: str | None = "n-1",
        expires: datetime | None = None,
        include_alg: bool = True,
        body: bytes | None = BODY,
        append_to: httpx2.Request | None = None,
    ) -> httpx2.Request:
        is_edwards = isinstance(key, Ed25519PrivateKey)
        private: Any = key if isinstance(key, Ed25519PrivateKey) else key.private_key
        request = append_to or httpx2.Request("POST", URL, content=BODY, headers=JSON)
        HTTPMessageSigner(
            signature_algorithm=algorithms.ED25519 if is_edwards else algorithms.ECDSA_P256_SHA256,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={keyid: private}),
        ).sign(
            request,
            key_id=keyid,
            created=at,
            expires=expires,
            nonce=nonce,
            label="another" if append_to else None,
            include_alg=include_alg,
            covered_component_ids=covered,
            append_if_signature_exists=append_to is not None,
            use_existing_digest=append_to is not None,
            body=body,
        )
        return request


async def send_foreign(client: httpx2.AsyncClient, request: httpx2.Request) -> tuple[int, Any]:
    return await send(client, dict(request.headers))


@pytest.mark.parametrize("key", [COURT, EDWARDS])
@pytest.mark.parametrize("include_alg", [True, False])
@pytest.mark.parametrize(
    "more", [(), ("@authority", "@path", "@query", "@scheme", "@request-target", "content-length")]
)
async def test_foreign_signature_is_taken(
    client: httpx2.AsyncClient, key: PrivateKey, include_alg: bool, more: tuple[str, ...]
) -> None:
    request = Foreign.sign(key, covered=(*Foreign.COVERED, *more), include_alg=include_alg)

    assert (await send_foreign(client, request))[0] == 201


@pytest.mark.parametrize("left_out", Foreign.COVERED)
async def test_each_needed_part_must_be_covered(client: httpx2.AsyncClient, left_out: str) -> None:
    covered = tuple(part for part in Foreign.COVERED if part != left_out)
    digest = sign("POST", URL, JSON, BODY, key=COURT, keyid="x")["content-digest"]
    request = httpx2.Request("POST", URL, content=BODY, headers={**JSON, "content-digest": digest})
    HTTPMessageSigner(
        signature_algorithm=algorithms.ECDSA_P256_SHA256,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={"toa-an": COURT.private_key}),
    ).sign(
        request,
        key_id="toa-an",
        created=NOW,
        nonce="n-1",
        covered_component_ids=covered,
        use_existing_digest=True,
    )

    assert await send_foreign(client, request) == (401, "signature_invalid")


async def test_foreign_signature_without_nonce_is_refused(client: httpx2.AsyncClient) -> None:
    assert await send_foreign(client, Foreign.sign(nonce=None)) == (401, "signature_invalid")


async def test_second_signature_is_refused(client: httpx2.AsyncClient) -> None:
    twice = Foreign.sign(append_to=Foreign.sign(), nonce="n-2")

    assert await send_foreign(client, twice) == (401, "signature_invalid")


async def test_expires_is_kept_to(client: httpx2.AsyncClient) -> None:
    soon, past = NOW + timedelta(seconds=60), NOW - timedelta(seconds=1)

    assert (await send_foreign(client, Foreign.sign(expires=soon)))[0] == 201
    late = Foreign.sign(at=NOW - timedelta(seconds=60), expires=past, nonce="n-2")
    assert await send_foreign(client, late) == (401, "signature_expired")


async def test_unsigned_request_is_refused_and_told_how(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        URL, content=BODY, headers={**bearer(make_token(kind="system", client_id="toa-an")), **JSON}
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_missing")
    assert (answer.json()["fault"], answer.json()["retry"]) == ("caller", "no")
    assert answer.headers["www-authenticate"] == "Signature"
    assert '"@target-uri"' in answer.headers["accept-signature"]


async def test_half_a_signature_is_a_missing_one(client: httpx2.AsyncClient) -> None:
    for left_out in ("signature", "signature-input"):
        headers = {name: value for name, value in signed().items() if name != left_out}
        assert await send(client, headers) == (401, "signature_missing")


@pytest.mark.parametrize(
    "changes",
    [
        {"key": POLICE, "keyid": "cong-an"},
        {"key": POLICE, "keyid": POLICE.kid},
        {"key": POLICE, "keyid": "toa-an"},
        {"key": SigningKey.generate()},
        {"keyid": "nobody"},
        {"keyid": COURT_OLD.kid},
        {"method": "PUT"},
        {"url": URL + "/1"},
        {"url": URL + "?a=1"},
        {"url": "http://elsewhere.test/v1/judgments"},
        {"url": "https://lienthong.test/v1/judgments"},
        {"body": BODY + b" "},
        {"nonce": "n" * 129},
        {"nonce": ""},
    ],
)
async def test_what_was_not_signed_by_this_client_is_refused(
    client: httpx2.AsyncClient, changes: dict[str, Any]
) -> None:
    if changes.get("nonce") == "":
        headers = {**signed(), "signature-input": 'sig=("@method");created=1;nonce="";keyid="toa-an"'}
    else:
        headers = signed(**changes)

    assert await send(client, headers) == (401, "signature_invalid")


async def test_other_clients_token_does_not_go_with_the_signature(client: httpx2.AsyncClient) -> None:
    assert await send(client, signed(), client_id="cong-an") == (401, "signature_invalid")
    assert await send(client, signed(), client_id="unknown") == (401, "signature_invalid")


async def test_altered_body_is_refused_also_with_its_own_digest(client: httpx2.AsyncClient) -> None:
    altered = BODY.replace(b"12", b"13")
    headers = signed()
    digest = signed(body=altered)["content-digest"]

    assert await send(client, headers, body=altered) == (401, "signature_invalid")
    assert await send(client, {**headers, "content-digest": digest}, body=altered) == (
        401,
        "signature_invalid",
    )


@pytest.mark.parametrize("digest", ["", "sha-256=:AAAA:", "md5=:AAAA:", "sha-256=1", "x", "sha-256=:AA"])
async def test_garbage_for_a_digest_is_refused(client: httpx2.AsyncClient, digest: str) -> None:
    assert await send(client, {**signed(), "content-digest": digest}) == (401, "signature_invalid")


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(0, True), (-300, True), (300, True), (-301, False), (301, False)]
)
async def test_created_is_at_most_five_minutes_away(
    client: httpx2.AsyncClient, seconds: int, is_taken: bool
) -> None:
    expected = 201 if is_taken else 401
    status, answer = await send(client, signed(at=NOW + timedelta(seconds=seconds)))

    assert status == expected
    assert is_taken or answer == "signature_expired"


async def test_signature_counts_once(client: httpx2.AsyncClient) -> None:
    headers = signed()

    assert (await send(client, headers))[0] == 201
    assert await send(client, headers) == (409, "signature_replayed")
    assert (await send(client, signed()))[0] == 201


async def test_same_signature_at_once_counts_once(client: httpx2.AsyncClient) -> None:
    headers = signed()

    answers = await asyncio.gather(*(send(client, headers) for _ in range(4)))

    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]


async def test_nonces_of_two_clients_do_not_meet(client: httpx2.AsyncClient) -> None:
    assert (await send(client, signed(nonce="one")))[0] == 201
    police = signed(key=POLICE, keyid="cong-an", nonce="one")
    assert (await send(client, police, client_id="cong-an"))[0] == 201


async def test_request_without_effect_may_be_sent_again(client: httpx2.AsyncClient) -> None:
    url = URL + "?fail=true"
    headers = signed(url=url, nonce="kept")

    assert (await send(client, headers, url=url))[0] == 503
    assert (await send(client, headers, url=url))[0] == 503
    assert (await send(client, signed(nonce="kept")))[0] == 201


async def test_old_nonces_go_with_new_ones(
    client: httpx2.AsyncClient, chassis_database: ServiceDatabase
) -> None:
    rows = await asyncpg.connect(chassis_database.superuser_url)
    try:
        await rows.execute(
            "insert into signature_nonces select 'toa-an', n::text, $1 from generate_series(1, 15) n",
            NOW - timedelta(seconds=1),
        )
        await send(client, signed())
        await send(client, signed())

        assert await rows.fetchval("select count(*) from signature_nonces") == 2
    finally:
        await rows.close()


GARBAGE = [
    "",
    "sig",
    "sig=",
    "sig=1",
    "sig=()",
    'sig=("@method"',
    'sig=("@method" "@method" "@target-uri" "content-digest" "content-type");created=1;nonce="a";keyid="b"',
    'sig=("@method";req "@target-uri" "content-digest" "content-type");created=1;nonce="a";keyid="b"',
    'sig=(1 2 3);created=1;nonce="a";keyid="b"',
    "sig=?1, sig=?0",
    'sig=("@status");created=1',
    "\u00e9",
]


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("field", ["signature", "signature-input"])
async def test_garbage_is_refused(client: httpx2.AsyncClient, field: str, garbage: str) -> None:
    garbage = garbage.replace("created=1", f"created={int(NOW.timestamp())}")

    assert await send(client, {**signed(), field: garbage}) == (401, "signature_invalid")


@pytest.mark.parametrize(
    "parameters",
    [
        'created="1";nonce="a";keyid="toa-an"',
        'created=1.5;nonce="a";keyid="toa-an"',
        'nonce="a";keyid="toa-an"',
        'created=NOW;nonce=a;keyid="toa-an"',
        'created=NOW;nonce="a";keyid=toa-an',
        'created=NOW;nonce="a"',
        'created=NOW;nonce="a";keyid="toa-an";alg=1',
        'created=NOW;nonce="a";keyid="toa-an";expires=?1',
        'created=NOW;nonce="a";keyid="toa-an";alg="hmac-sha256"',
        'created=NOW;nonce="a";keyid="toa-an";alg="ed25519"',
        'created=999999999999999;nonce="a";keyid="toa-an"',
    ],
)
async def test_parameters_of_other_kinds_are_refused(client: httpx2.AsyncClient, parameters: str) -> None:
    head = 'sig=("@method" "@target-uri" "content-digest" "content-type");'
    value = head + parameters.replace("NOW", str(int(NOW.timestamp())))

    status, code = await send(client, {**signed(), "signature-input": value})

    assert (status, code) in {(401, "signature_invalid"), (401, "signature_expired")}


ANY_TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=80
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(["signature", "signature-input", "content-digest"]), value=ANY_TEXT)
async def test_any_text_is_refused(client: httpx2.AsyncClient, field: str, value: str) -> None:
    assert await send(client, {**signed(), field: value}) == (401, "signature_invalid")
