"""A token is believed only when everything about it is right."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis import jws
from chassis.auth import Actor, Revocations, StaticKeys, TokenVerifier, bearer_token
from chassis.clock import Clocks
from chassis.errors import TokenExpired, TokenInvalid, TokenMissing
from chassis.ids import new_id
from chassis.keys import SigningKey
from chassis.testing import (
    OTHER_KEY,
    PUBLIC_URL,
    SIGNING_KEY,
    make_claims,
    make_token,
    make_verifier,
    sign_claims,
)
from contracts.envelope import Envelope


def unpadded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def part(value: object) -> str:
    return unpadded(json.dumps(value).encode())


async def refused(token: str, verifier: TokenVerifier | None = None) -> str:
    with pytest.raises((TokenInvalid, TokenExpired)) as problem:
        await (verifier or make_verifier("dossier")).verify(token)
    assert problem.value.status == 401
    assert problem.value.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    return str(problem.value.context.get("reason", problem.value.code))


async def test_good_token_gives_its_actor() -> None:
    subject = new_id()
    token = make_token(
        subject=str(subject), scopes=["health.read", "openid"], roles=["citizen"], client_id="mobile-app"
    )

    actor = await make_verifier("dossier").verify(token)

    assert actor.citizen_id == UUID(str(subject))
    assert actor.scopes == {"health.read", "openid"}
    assert actor.roles == {"citizen"}
    assert (actor.kind, actor.client_id, actor.acr) == ("citizen", "mobile-app", "urn:vneid:level:2")
    assert actor.audience == PUBLIC_URL
    assert actor.expires_at.tzinfo is UTC


async def test_system_token_has_an_organisation_and_no_citizen() -> None:
    actor = await make_verifier("x").verify(
        make_token(kind="system", client_id="his-99999", organisation="99999")
    )

    assert (actor.organisation, actor.citizen_id, actor.subject) == ("99999", None, "his-99999")


async def test_unsigned_token_is_refused() -> None:
    for algorithm in ("none", "None", ""):
        head = part({"alg": algorithm, "typ": "at+jwt", "kid": SIGNING_KEY.kid})
        assert await refused(f"{head}.{part(make_claims())}.") == "malformed"


async def test_public_key_taken_for_an_hmac_secret_is_refused() -> None:
    head = part({"alg": "HS256", "typ": "at+jwt", "kid": SIGNING_KEY.kid})
    body = part(make_claims())
    secret = json.dumps(SIGNING_KEY.public_jwk()).encode()
    mac = hmac.digest(secret, f"{head}.{body}".encode(), "sha256")

    assert await refused(f"{head}.{body}.{unpadded(mac)}") == "malformed"


@pytest.mark.parametrize("algorithm", ["ES384", "EdDSA", "RS256", "es256"])
async def test_other_algorithms_are_refused(algorithm: str) -> None:
    _, body, signature = make_token().split(".")
    head = part({"alg": algorithm, "typ": "at+jwt", "kid": SIGNING_KEY.kid})

    assert await refused(f"{head}.{body}.{signature}") == "malformed"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "http://evil.test"}, "issuer_or_audience"),
        ({"iss": None}, "issuer_or_audience"),
        ({"aud": "urn:lienthong:identity"}, "issuer_or_audience"),
        ({"aud": None}, "issuer_or_audience"),
        ({"aud": []}, "issuer_or_audience"),
        ({"aud": PUBLIC_URL + "/"}, "issuer_or_audience"),
        ({"exp": None}, "times"),
        ({"exp": "2999-01-01"}, "times"),
        ({"exp": True}, "times"),
        ({"exp": 1e30}, "times"),
        ({"exp": 2**40}, "times"),
        ({"iat": None}, "times"),
        ({"nbf": "soon"}, "times"),
        ({"sub": ""}, "claims"),
        ({"sub": 5}, "claims"),
        ({"jti": None}, "claims"),
        ({"kind": "root"}, "claims"),
        ({"roles": "operator"}, "claims"),
        ({"roles": [1]}, "claims"),
        ({"scope": ["health.read"]}, "claims"),
        ({"act": "someone"}, "claims"),
        ({"act": {}}, "claims"),
        ({"act": {"sub": 7}}, "claims"),
        ({"sub": "not-a-citizen-id"}, "subject"),
    ],
)
async def test_wrong_claims_are_refused(changes: dict[str, Any], reason: str) -> None:
    assert await refused(sign_claims({**make_claims(), **changes})) == reason


async def test_expired_token_says_expired() -> None:
    clocks = Clocks.fixed(datetime(2026, 11, 23, tzinfo=UTC))
    token = make_token(clocks=clocks, expires_in_seconds=600)
    later = Clocks.fixed(datetime(2026, 11, 23, 0, 10, tzinfo=UTC))
    before = Clocks.fixed(datetime(2026, 11, 23, 0, 9, 59, tzinfo=UTC))

    assert await refused(token, make_verifier("x", later)) == "token_expired"
    assert (await make_verifier("x", before).verify(token)).client_id == "cli"


async def test_cached_token_expires_too() -> None:
    start = datetime.now(UTC)
    now = [start]

    class Moving(Clocks):
        def real_now(self) -> datetime:
            return now[0]

    clocks = Moving()
    verifier = make_verifier("x", clocks)
    token = make_token(clocks=clocks)
    await verifier.verify(token)
    now[0] = start + timedelta(seconds=601)

    assert await refused(token, verifier) == "token_expired"


async def test_token_from_the_future_is_refused() -> None:
    ahead = Clocks.fixed(datetime.now(UTC) + timedelta(minutes=5))

    assert await refused(make_token(clocks=ahead)) == "not_yet_valid"


@pytest.mark.parametrize("typ", ["JWT", "at+JWT", "", "logout+jwt"])
async def test_id_tokens_and_other_types_are_refused(typ: str) -> None:
    assert await refused(sign_claims(make_claims(), typ=typ)) == "header"


async def test_unknown_key_is_refused() -> None:
    assert await refused(sign_claims(make_claims(), key=OTHER_KEY)) == "unknown_key"


async def test_known_key_id_with_another_key_is_refused() -> None:
    forged = SigningKey(SIGNING_KEY.kid, OTHER_KEY.private_key)

    assert await refused(sign_claims(make_claims(), key=forged)) == "signature"


async def test_key_in_the_token_is_not_believed() -> None:
    claims = make_claims()
    header = {"typ": "at+jwt", "kid": OTHER_KEY.kid, "jwk": OTHER_KEY.public_jwk()}

    assert await refused(jws.sign(header, claims, OTHER_KEY.private_key)) == "unknown_key"


async def test_critical_extension_is_refused() -> None:
    header = {"typ": "at+jwt", "kid": SIGNING_KEY.kid, "crit": ["b64"], "b64": False}

    assert await refused(jws.sign(header, make_claims(), SIGNING_KEY.private_key)) == "malformed"


async def test_altered_claims_are_refused() -> None:
    head, _, signature = make_token().split(".")

    assert await refused(f"{head}.{part(make_claims(roles=['operator']))}.{signature}") == "signature"


def flip_last(text: str) -> str:
    return text[:-1] + ("A" if text[-1] != "A" else "B")


@pytest.mark.parametrize(
    "alter",
    [
        lambda t: t + "=",
        lambda t: t + ".x",
        lambda t: t[:-2],
        lambda t: t.replace(".", "", 1),
        lambda t: t + "\n",
        lambda t: "é" + t,
        lambda t: "",
        lambda t: "..",
        lambda t: flip_last(t),
        lambda t: "\ud800" + t,
    ],
)
async def test_altered_tokens_are_refused(alter: Callable[[str], str]) -> None:
    assert await refused(alter(make_token())) in ("malformed", "signature")


async def test_oversize_token_is_refused_before_it_is_read() -> None:
    assert await refused("a" * 4097) == "oversize"


async def test_revoked_token_is_refused_although_cached() -> None:
    verifier = make_verifier("x")
    claims = make_claims()
    token = sign_claims(claims)
    await verifier.verify(token)

    verifier.revoke(claims["jti"])

    assert await refused(token, verifier) == "revoked"


async def test_revocation_arrives_by_event() -> None:
    verifier = make_verifier("x")
    claims = make_claims()
    token = sign_claims(claims)
    expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    envelope = Envelope(
        id=new_id(),
        source="/svc-identity",
        type="identity.token.revoked.v1",
        subject=claims["jti"],
        time=datetime.now(UTC),
        sequence="1",
        data={"token_id": claims["jti"], "expires_at": expires_at.isoformat()},
    )

    Revocations(verifier).take(b"not an event")
    Revocations(verifier).take(envelope.model_dump_json().encode())

    assert await refused(token, verifier) == "revoked"


async def test_a_signature_is_checked_once_per_token(monkeypatch: pytest.MonkeyPatch) -> None:
    checks: list[object] = []
    real = jws.is_signed_by

    def counted(*arguments: Any) -> bool:
        checks.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(jws, "is_signed_by", counted)
    verifier, token = make_verifier("x"), make_token()

    actors: list[Actor] = [await verifier.verify(token) for _ in range(3)]

    assert len(checks) == 1
    assert actors[0] is actors[2]


async def test_memory_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.auth.CACHE_ENTRIES", 3)
    verifier = make_verifier("x")

    for _ in range(5):
        await verifier.verify(make_token())

    assert len(verifier._cache) == 3


def test_bearer_header_is_read() -> None:
    assert bearer_token("Bearer abc") == "abc"
    assert bearer_token("bearer abc") == "abc"
    for missing in (None, ""):
        with pytest.raises(TokenMissing):
            bearer_token(missing)
    for wrong in ("Basic abc", "Bearer", "Bearer ", "abc"):
        with pytest.raises(TokenInvalid):
            bearer_token(wrong)


async def test_keys_that_cannot_be_read_are_passed_over() -> None:
    good = SIGNING_KEY.public_jwk()
    source = StaticKeys(
        {"keys": ["x", {**good, "kid": "bad", "x": "AAAA"}, {"kty": "RSA", "kid": "rsa"}, good]}
    )

    assert await source.get(SIGNING_KEY.kid) is not None
    assert await source.get("bad") is None
    assert await source.get("rsa") is None
