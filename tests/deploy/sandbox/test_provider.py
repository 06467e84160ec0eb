"""Rules of VNeID that need a clock of the test: codes, sign-ins and assertions that are too old."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.sandbox.accounts import totp_of
from deploy.sandbox.register import Register
from deploy.sandbox.state import State
from deploy.sandbox.vneid.clients import ASSERTION_TYPE, Clients, NotThisClient
from deploy.sandbox.vneid.keys import SigningKeys
from deploy.sandbox.vneid.model import TokenError
from deploy.sandbox.vneid.provider import CODE_SECONDS, TRANSACTION_SECONDS, Provider

ISSUER = "http://127.0.0.1:1/sandbox/vneid"
CALLBACK = "http://127.0.0.1:1/oauth2/callback/vneid"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
AN = "001085000017"


class Fixture:
    """A provider whose time the test moves, and the key of its one client."""

    def __init__(self, directory: Path) -> None:
        self.time = 1_800_000_000.0
        self.key = ECKey.generate_key("P-256", {"alg": "ES256"}, private=True, auto_kid=True)
        clients = directory / "clients"
        clients.mkdir()
        (clients / "lienthong-identity.jwk").write_text(json.dumps(self.key.as_dict(private=True)))
        state = State(directory / "state.sqlite3")
        self.provider = Provider(
            issuer=ISSUER,
            clients=Clients(public_url="http://127.0.0.1:1", clients_directory=clients, registrations=None),
            keys=SigningKeys(directory / "keys.json"),
            register=Register(state, size=0, seed=1),
            state=state,
            now=lambda: self.time,
        )

    def begin(self) -> str:
        query = {
            "client_id": "lienthong-identity",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return self.provider.begin(query, "browser").id

    def code(self) -> str:
        transaction = self.provider.transaction(self.begin(), "browser")
        assert transaction is not None
        assert self.provider.sign_in(transaction, AN, "matkhau-an", totp_of(AN).at(int(self.time)))
        address = self.provider.approve(transaction, self.provider.accounts(transaction)[0])
        return address.split("code=")[1].split("&")[0]

    def form(self, **claims: object) -> dict[str, str]:
        given = {
            "iss": "lienthong-identity",
            "sub": "lienthong-identity",
            "aud": ISSUER,
            "exp": int(self.time) + 60,
            "jti": str(uuid4()),
        } | claims
        assertion = jwt.encode({"alg": "ES256"}, given, self.key)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}

    def exchange(self, code: str) -> dict[str, object]:
        client = self.provider.authenticate(self.form(), None)
        grant = {"grant_type": "authorization_code", "code": code}
        return self.provider.exchange(client, grant | {"redirect_uri": CALLBACK, "code_verifier": VERIFIER})


@pytest.fixture
def fixture(tmp_path: Path) -> Fixture:
    return Fixture(tmp_path)


def test_code_is_good_until_its_last_second(fixture: Fixture) -> None:
    code = fixture.code()
    fixture.time += CODE_SECONDS - 1
    assert fixture.exchange(code)["token_type"] == "Bearer"


def test_expired_code_is_refused(fixture: Fixture) -> None:
    code = fixture.code()
    fixture.time += CODE_SECONDS
    with pytest.raises(TokenError, match="expired"):
        fixture.exchange(code)


def test_expired_sign_in_is_gone(fixture: Fixture) -> None:
    begun = fixture.begin()
    fixture.time += TRANSACTION_SECONDS
    assert fixture.provider.transaction(begun, "browser") is None


def test_one_time_code_of_a_minute_ago_is_refused(fixture: Fixture) -> None:
    transaction = fixture.provider.transaction(fixture.begin(), "browser")
    assert transaction is not None
    assert not fixture.provider.sign_in(transaction, AN, "matkhau-an", totp_of(AN).at(int(fixture.time) - 60))


def test_child_without_account_cannot_sign_in(fixture: Fixture) -> None:
    transaction = fixture.provider.transaction(fixture.begin(), "browser")
    assert transaction is not None
    code = totp_of("046316000031").at(int(fixture.time))
    assert not fixture.provider.sign_in(transaction, "046316000031", "matkhau-chi", code)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "http://127.0.0.1:1"},
        {"iss": "another"},
        {"sub": "another"},
        {"exp": 1_799_999_999},
        {"exp": 1_800_009_999},
        {"jti": None},
    ],
)
def test_assertion_that_does_not_fit_is_refused(fixture: Fixture, claims: dict[str, object]) -> None:
    with pytest.raises(NotThisClient):
        fixture.provider.authenticate(fixture.form(**claims), None)


def test_assertion_is_taken_once(fixture: Fixture) -> None:
    form = fixture.form()
    assert fixture.provider.authenticate(form, None).client_id == "lienthong-identity"
    with pytest.raises(NotThisClient, match="used before"):
        fixture.provider.authenticate(form, None)


def test_forged_assertion_is_refused(fixture: Fixture) -> None:
    fixture.key = ECKey.generate_key("P-256", {"alg": "ES256"}, private=True)
    with pytest.raises(NotThisClient, match="signature"):
        fixture.provider.authenticate(fixture.form(), None)


def test_keys_outlive_a_restart(tmp_path: Path) -> None:
    first = SigningKeys(tmp_path / "keys.json").jwks()
    assert SigningKeys(tmp_path / "keys.json").jwks() == first
    assert {key["alg"] for key in first["keys"]} == {"ES256", "RS256"}
    assert not any("d" in key for key in first["keys"])
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
