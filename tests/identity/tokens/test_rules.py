"""Codes and assertions, clause by clause."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.jws import encode_base64url
from identity.tokens import rules
from identity.tokens.errors import InvalidRequest
from identity.tokens.parameters import read_parameters
from identity.tokens.rules import CLOCK_SKEW, MAX_ASSERTION_LIFETIME, Grant

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""The pair of RFC 7636, appendix B."""

GRANT = Grant(
    session_id=UUID(int=1),
    client_id="cli",
    citizen_id=UUID(int=2),
    redirect_uri="http://127.0.0.1:1/cb",
    code_challenge=CHALLENGE,
    scope="openid",
    nonce=None,
    acr="urn:vneid:level:2",
    auth_time=NOW,
    expires_at=NOW + timedelta(seconds=60),
    used_at=None,
    token_id=None,
    token_expires_at=None,
)


def test_the_rfcs_verifier_fits_the_rfcs_challenge() -> None:
    assert rules.proves_possession(VERIFIER, CHALLENGE)


@pytest.mark.parametrize(
    "verifier", ["", "a" * 42, "a" * 129, VERIFIER + "!", CHALLENGE, VERIFIER[:-1] + "K"]
)
def test_other_verifiers_do_not(verifier: str) -> None:
    assert not rules.proves_possession(verifier, CHALLENGE)


@pytest.mark.parametrize("length", [43, 128])
def test_verifiers_of_both_boundary_lengths_are_taken(length: int) -> None:
    verifier = "a" * length
    challenge = encode_base64url(hashlib.sha256(verifier.encode()).digest())

    assert rules.proves_possession(verifier, challenge)


@pytest.mark.parametrize(
    ("value", "is_one"), [(CHALLENGE, True), (CHALLENGE[:-1], False), (CHALLENGE + "=", False), ("", False)]
)
def test_a_challenge_is_43_characters_of_base64url(value: str, is_one: bool) -> None:
    assert rules.is_code_challenge(value) == is_one


@pytest.mark.parametrize(
    ("grant", "request_fields", "refusal"),
    [
        (GRANT, {}, None),
        (replace(GRANT, used_at=NOW), {}, "used"),
        (GRANT, {"client_id": "mobile-app"}, "other_client"),
        (replace(GRANT, expires_at=NOW), {}, "expired"),
        (GRANT, {"redirect_uri": "http://127.0.0.1:2/cb"}, "other_redirect_uri"),
        (GRANT, {"code_verifier": "a" * 43}, "code_verifier"),
    ],
)
def test_a_code_is_good_for_exactly_its_own_request(
    grant: Grant, request_fields: dict[str, str], refusal: str | None
) -> None:
    fields = {
        "client_id": "cli",
        "redirect_uri": "http://127.0.0.1:1/cb",
        "code_verifier": VERIFIER,
        **request_fields,
    }

    assert rules.grant_refusal(grant, now=NOW, **fields) == refusal


def claims(**overrides: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    made = {"iss": "c", "sub": "c", "aud": "https://op", "jti": "1", "iat": now, "exp": now + 60, **overrides}
    return {name: value for name, value in made.items() if value is not None}


SECONDS = int(NOW.timestamp())
SKEW = int(CLOCK_SKEW.total_seconds())
LONGEST = int(MAX_ASSERTION_LIFETIME.total_seconds()) + SKEW


@pytest.mark.parametrize(
    ("made", "refusal"),
    [
        (claims(), None),
        (claims(aud=["https://op"]), None),
        (claims(aud="https://op/oauth2/token"), None),
        (claims(iat=None), None),
        (claims(iss="d"), "issuer_or_subject"),
        (claims(sub="d"), "issuer_or_subject"),
        (claims(iss=None), "issuer_or_subject"),
        (claims(aud="https://other"), "audience"),
        (claims(aud=["https://op", "https://other"]), "audience"),
        (claims(aud=[]), "audience"),
        (claims(aud=None), "audience"),
        (claims(aud={"https://op": 1}), "audience"),
        (claims(aud=[["https://op"]]), "audience"),
        (claims(jti=None), "jti"),
        (claims(jti=""), "jti"),
        (claims(jti="j" * 201), "jti"),
        (claims(jti="j" * 200), None),
        (claims(jti="a\x00"), "jti"),
        (claims(jti=7), "jti"),
        (claims(exp=None), "expired"),
        (claims(exp=SECONDS), "expired"),
        (claims(exp=SECONDS + 1), None),
        (claims(exp="soon"), "expired"),
        (claims(exp=True), "expired"),
        (claims(exp=1e300), "expired"),
        (claims(exp=SECONDS + LONGEST), None),
        (claims(exp=SECONDS + LONGEST + 1), "lives_too_long"),
        (claims(iat=SECONDS + SKEW), None),
        (claims(iat=SECONDS + SKEW + 1), "not_yet_valid"),
        (claims(nbf=SECONDS + SKEW + 1), "not_yet_valid"),
        (claims(iat="now"), "not_yet_valid"),
    ],
)
def test_an_assertion_is_held_to_each_of_its_claims(made: dict[str, Any], refusal: str | None) -> None:
    audiences = frozenset({"https://op", "https://op/oauth2/token"})

    assert rules.assertion_refusal(made, client_id="c", audiences=audiences, now=NOW) == refusal


def test_parameters_join_a_query_that_is_there() -> None:
    assert rules.with_parameters("https://a/b", "c=1") == "https://a/b?c=1"
    assert rules.with_parameters("https://a/b?x=y", "c=1") == "https://a/b?x=y&c=1"


def test_an_instant_is_a_number_of_seconds() -> None:
    assert rules.instant(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert rules.instant(-1) is None
    assert rules.instant(float("nan")) is None


@pytest.mark.parametrize(
    "encoded",
    [
        b"a=1&a=2",
        b"a=1&a=",
        b"unknown=1&unknown=1",
        b"state=" + b"s" * 2001,
        b"code=" + b"c" * 513,
        b"state=%00",
        b"state=%0d%0a",
        b"state=%ff",
        b"state=\xff",
        b"state=%C3%A9",
        b"&".join(b"p%d=1" % n for n in range(51)),
        b"x=" + b"y" * 32_768,
    ],
)
def test_repeated_oversized_and_unreadable_parameters_are_refused(encoded: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_parameters(encoded)


def test_parameters_without_a_value_count_as_not_sent() -> None:
    assert read_parameters(b"a=&b=1&c") == {"b": "1"}
