"""Sign-in through the pages with a third-party client (Authlib), and what must be refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.deploy.sandbox.conftest import CALLBACK, SECRET, Browser, Sandbox


@dataclass
class Visit:
    """A sign-in begun by Authlib."""

    session: OAuth2Session
    url: str
    verifier: str
    nonce: str
    metadata: dict[str, Any]

    def fetch_token(self, address: str, **changes: str) -> dict[str, Any]:
        arguments = {"authorization_response": address, "code_verifier": self.verifier} | changes
        token: dict[str, Any] = self.session.fetch_token(self.metadata["token_endpoint"], **arguments)
        return token


@pytest.fixture
def begin(sandbox: Sandbox) -> Iterator[Any]:
    sessions: list[OAuth2Session] = []

    def begun(**more: str) -> Visit:
        metadata = httpx2.get(f"{sandbox.issuer}/.well-known/openid-configuration").json()
        session = OAuth2Session(
            "test-client", SECRET, scope="openid profile", redirect_uri=CALLBACK, code_challenge_method="S256"
        )
        sessions.append(session)
        verifier, nonce = generate_token(48), generate_token(24)
        url, _ = session.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **more
        )
        return Visit(session, url, verifier, nonce, metadata)

    yield begun
    for session in sessions:
        session.close()


def claims_of(visit: Visit, token: dict[str, Any]) -> CodeIDToken:
    """Verify the id_token with the published keys and Authlib's own checks."""
    keys = KeySet.import_key_set(httpx2.get(visit.metadata["jwks_uri"]).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["ES256"])
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        {"iss": {"essential": True, "value": visit.metadata["issuer"]}, "aud": {"value": "test-client"}},
        {"nonce": visit.nonce, "client_id": "test-client", "access_token": token["access_token"]},
    )
    claims.validate()
    return claims


def address_after_consent(browser: Browser, visit: Visit, name: str, **consent: str) -> str:
    page = browser.sign_in(browser.open(visit.url), name)
    answer = browser.submit(page, decision="allow", **consent)
    return answer.headers["location"]


def test_foreign_client_signs_a_persona_in(begin: Any, browser: Browser, sandbox: Sandbox) -> None:
    visit = begin()
    token = visit.fetch_token(address_after_consent(browser, visit, "an"))
    claims = claims_of(visit, token)
    userinfo = visit.session.get(visit.metadata["userinfo_endpoint"]).json()
    assert (claims["acr"], claims["LoaiTaiKhoan"]) == ("LoA2", "1")
    assert userinfo["sub"] == userinfo["TechID"] == claims["sub"]
    assert (userinfo["SoDinhDanh"], userinfo["HoVaTen"]) == ("001085000017", "Nguyễn Văn An")
    assert "001085000017" not in str(dict(claims))


def test_answer_carries_state_and_issuer(begin: Any, browser: Browser, sandbox: Sandbox) -> None:
    visit = begin(state="kept-as-it-is")
    answered = parse_qs(urlsplit(address_after_consent(browser, visit, "an")).query)
    assert (answered["state"], answered["iss"]) == (["kept-as-it-is"], [sandbox.issuer])


def test_asked_level_one_is_answered_although_the_account_has_two(begin: Any, browser: Browser) -> None:
    visit = begin(acr_values="LoA1")
    assert claims_of(visit, visit.fetch_token(address_after_consent(browser, visit, "an")))["acr"] == "LoA1"


def test_level_one_account_can_stay_and_can_be_raised(begin: Any, browser: Browser, sandbox: Sandbox) -> None:
    staying = begin(acr_values="LoA2")
    page = browser.submit(browser.sign_in(browser.open(staying.url), "dung"), decision="keep")
    address = browser.submit(page, decision="allow").headers["location"]
    assert claims_of(staying, staying.fetch_token(address))["acr"] == "LoA1"

    rising = begin(acr_values="LoA2")
    page = browser.submit(browser.sign_in(browser.open(rising.url), "dung"), decision="raise")
    address = browser.submit(page, decision="allow").headers["location"]
    assert claims_of(rising, rising.fetch_token(address))["acr"] == "LoA2"
    personas = httpx2.get(f"{sandbox.url}/sandbox/api/personas").json()["items"]
    assert [one["level"] for one in personas if one["name"] == "dung"] == [2]


def test_representative_signs_in_for_the_company(begin: Any, browser: Browser) -> None:
    visit = begin()
    visit.fetch_token(address_after_consent(browser, visit, "giam-doc", account="0100000010"))
    userinfo = visit.session.get(visit.metadata["userinfo_endpoint"]).json()
    assert (userinfo["LoaiTaiKhoan"], userinfo["MaSoThue"]) == ("2", "0100000010")
    assert (userinfo["SoDinhDanh"], userinfo["HoVaTen"]) == ("001077000152", "Lý Quốc Đạt")
    assert userinfo["TechID"] != userinfo["TechIDNguoiDaiDien"]


def test_nobody_signs_in_for_a_company_of_others(begin: Any, browser: Browser) -> None:
    page = browser.sign_in(browser.open(begin().url), "nhan-vien")
    assert browser.submit(page, decision="allow", account="0100000010").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"password": "matkhau-binh"}, {"one_time_code": "000000"}, {"personal_id": "001085000018"}]
)
def test_wrong_credentials_stay_on_the_page_and_do_not_say_which(
    begin: Any, browser: Browser, wrong: dict[str, str]
) -> None:
    page = browser.sign_in(browser.open(begin().url), "an", **wrong)
    assert page.status_code == 422
    assert "Số định danh, mật khẩu hoặc mã một lần không đúng" in page.text
    assert "001085000017" not in str(page.url)


def test_refusing_consent_says_so_to_the_client(begin: Any, browser: Browser) -> None:
    page = browser.sign_in(browser.open(begin().url), "an")
    address = browser.submit(page, decision="deny").headers["location"]
    assert parse_qs(urlsplit(address).query)["error"] == ["access_denied"]


def test_sign_in_belongs_to_the_browser_that_began_it(begin: Any, browser: Browser) -> None:
    page = browser.open(begin().url)
    browser.http.cookies.clear()
    assert browser.sign_in(page, "an").status_code == 400


def test_consent_cannot_be_given_before_signing_in(begin: Any, browser: Browser) -> None:
    page = browser.open(begin().url)
    consent = str(page.url).replace("/sign-in/", "/consent/")
    answer = browser.http.post(consent, data={"decision": "allow", "account": ""})
    assert "/sign-in/" in answer.headers["location"]


@pytest.mark.parametrize(
    "change", [{"redirect_uri": "http://127.0.0.1:1/callback/../evil"}, {"client_id": "x"}]
)
def test_unknown_client_or_address_is_never_redirected_to(
    begin: Any, browser: Browser, change: dict[str, str]
) -> None:
    url = httpx2.URL(begin().url)
    answer = browser.open(str(url.copy_merge_params(change)))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_faulty_request_goes_back_with_an_error(
    begin: Any, browser: Browser, change: dict[str, str], error: str
) -> None:
    url = httpx2.URL(begin(state="s").url).copy_merge_params(change)
    answered = parse_qs(urlsplit(browser.open(str(url)).headers["location"]).query)
    assert (answered["error"], answered["state"]) == ([error], ["s"])


def exchange(sandbox: Sandbox, visit: Visit, address: str, **changes: str) -> httpx2.Response:
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(address).query)["code"][0],
        "redirect_uri": CALLBACK,
        "code_verifier": visit.verifier,
        "client_id": "test-client",
        "client_secret": SECRET,
    }
    return httpx2.post(f"{sandbox.issuer}/token", data=form | changes)


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"code_verifier": "x" * 43}, 400, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:1/other"}, 400, "invalid_grant"),
        ({"code": "guessed"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_secret": "guessed"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
    ],
)
def test_code_is_not_exchanged_for_anything_that_does_not_fit(
    begin: Any, browser: Browser, sandbox: Sandbox, change: dict[str, str], status: int, error: str
) -> None:
    visit = begin()
    answer = exchange(sandbox, visit, address_after_consent(browser, visit, "an"), **change)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_code_used_twice_ends_its_token(begin: Any, browser: Browser, sandbox: Sandbox) -> None:
    visit = begin()
    address = address_after_consent(browser, visit, "an")
    token = exchange(sandbox, visit, address).json()["access_token"]
    again = exchange(sandbox, visit, address)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    answer = httpx2.get(f"{sandbox.issuer}/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_pages_carry_a_strict_policy_and_no_script(begin: Any, browser: Browser) -> None:
    page = browser.open(begin().url)
    assert page.headers["content-security-policy"].startswith("default-src 'self'; ")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")


def test_pages_speak_english_when_asked(begin: Any, browser: Browser) -> None:
    assert "Đăng nhập VNeID" in browser.open(begin().url).text
    assert "Sign in with VNeID" in browser.open(begin(ui_locales="en").url).text
