"""What a client may wish for and what VNeID's answers mean, clause by clause."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from identity.clients.rules import Client
from identity.people.papers import Sex
from identity.sign_in import rules
from identity.sign_in.browser import Browsers
from identity.sign_in.rules import Unfit, UpstreamAccount, Wish
from identity.tokens.rules import CLOCK_SKEW
from tests.identity.factories import wish
from tests.identity.fake_vneid import make_person

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SECONDS, SKEW = int(NOW.timestamp()), int(CLOCK_SKEW.total_seconds())
CLIENT = Client("cli", "public", "C", (), frozenset({"openid", "health.read", "ops"}), (), (), None, None)


def test_a_wish_holds_what_was_asked_within_what_may_be() -> None:
    made = rules.read_wish(wish(scope="openid ops health.read", acr_values="x urn:vneid:level:2"), CLIENT)

    assert isinstance(made, Wish)
    assert (made.scopes, made.level, made.must_be_fresh) == (("openid", "health.read"), 2, False)


@pytest.mark.parametrize(
    ("scope", "realm", "scopes"),
    [
        ("ops", "staff", ("ops",)),
        ("openid ops", "staff", ("openid", "ops")),
        ("openid", "vneid", ("openid",)),
        ("openid ops health.read", "vneid", ("openid", "health.read")),
        ("openid audit", "vneid", ("openid",)),
    ],
)
def test_scopes_say_who_checks_the_person(scope: str, realm: str, scopes: tuple[str, ...]) -> None:
    """`audit` is not this client's, so it asks for nothing of staff."""
    made = rules.read_wish(wish(scope=scope), CLIENT)

    assert isinstance(made, Wish)
    assert (made.realm, made.scopes) == (realm, scopes)


@pytest.mark.parametrize("overrides", [{"max_age": "0"}, {"max_age": "300"}, {"prompt": "login"}])
def test_a_fresh_sign_in_can_be_asked_for(overrides: dict[str, str]) -> None:
    made = rules.read_wish(wish(**overrides), CLIENT)

    assert isinstance(made, Wish)
    assert made.must_be_fresh


@pytest.mark.parametrize(
    ("overrides", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "x" * 42}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "webhooks.manage"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "x"}, "invalid_request"),
        ({"acr_values": "urn:vneid:level:3"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "x"}, "request_uri_not_supported"),
    ],
)
def test_unfit_wishes_are_named(overrides: dict[str, str | None], error: str) -> None:
    made = rules.read_wish(wish(**overrides), CLIENT)

    assert isinstance(made, Unfit)
    assert made.error == error


def id_claims(**overrides: Any) -> dict[str, Any]:
    made = {
        "iss": "https://vneid",
        "aud": "us",
        "nonce": "n",
        "sub": "tech-an",
        "iat": SECONDS,
        "exp": SECONDS + 60,
        "TechID": "tech-an",
        "LoaiTaiKhoan": "1",
        "acr": "LoA2",
        **overrides,
    }
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        (id_claims(), None),
        (id_claims(aud=["us"]), None),
        (id_claims(aud=["us", "them"], azp="us"), None),
        (id_claims(iss="https://other"), "issuer"),
        (id_claims(iss=None), "issuer"),
        (id_claims(aud="them"), "audience"),
        (id_claims(aud=["us", "them"]), "audience"),
        (id_claims(aud=None), "audience"),
        (id_claims(azp="them"), "authorized_party"),
        (id_claims(nonce="m"), "nonce"),
        (id_claims(nonce=None), "nonce"),
        (id_claims(exp=SECONDS - SKEW), "expired"),
        (id_claims(exp=SECONDS - SKEW + 1), None),
        (id_claims(exp=None), "expired"),
        (id_claims(iat=SECONDS + SKEW + 1), "issued_in_future"),
        (id_claims(iat=SECONDS + SKEW), None),
        (id_claims(iat=None), "issued_in_future"),
        (id_claims(sub=None), "subject"),
        (id_claims(sub=7), "subject"),
    ],
)
def test_an_id_token_is_held_to_each_of_its_claims(claims: dict[str, Any], refusal: str | None) -> None:
    found = rules.id_token_refusal(claims, issuer="https://vneid", client_id="us", nonce="n", now=NOW)

    assert found == refusal


def read(
    claims: dict[str, Any] | None = None, not_before: datetime | None = None, **details: Any
) -> UpstreamAccount | str:
    told = {name: value for name, value in make_person(**details).items() if value is not None}
    return rules.read_account(claims or id_claims(), told, not_before=not_before)


def test_an_account_is_read_from_both_answers() -> None:
    account = read()

    assert isinstance(account, UpstreamAccount)
    assert (account.tech_id, account.personal_id, account.level) == ("tech-an", "001085000017", 2)
    assert (account.description.name, account.description.sex) == ("Nguyễn Văn An", Sex.MALE)
    assert account.auth_time == NOW


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (read(sub="other"), "subjects_differ"),
        (read(TechID="other"), "tech_ids_differ"),
        (read(id_claims(TechID=None), TechID=None), "tech_id"),
        (read(id_claims(TechID="")), "tech_id"),
        (read(id_claims(TechID="t" * 201)), "tech_id"),
        (read(id_claims(LoaiTaiKhoan="2")), "account_type"),
        (read(id_claims(LoaiTaiKhoan=None), LoaiTaiKhoan=None), "account_type"),
        (read(id_claims(acr="LoA3")), "level"),
        (read(id_claims(acr=None)), "level"),
        (read(SoDinhDanh="00108500001"), "personal_id"),
        (read(SoDinhDanh=1085000017), "personal_id"),
        (read(SoDinhDanh=None), "personal_id"),
        (read(HoVaTen=""), "name"),
        (read(HoVaTen="An\x00"), "name"),
        (read(HoVaTen=None), "name"),
        (read(id_claims(auth_time="x")), "auth_time"),
        (read(id_claims(auth_time=SECONDS - SKEW - 1), NOW), "stale_authentication"),
    ],
)
def test_answers_that_do_not_hold_together_are_not_used(found: UpstreamAccount | str, reason: str) -> None:
    assert found == reason


def test_an_older_sign_in_serves_where_none_fresh_is_needed() -> None:
    hour_ago = id_claims(auth_time=SECONDS - 3600)

    assert isinstance(read(hour_ago), UpstreamAccount)
    assert read(hour_ago, NOW - timedelta(minutes=1)) == "stale_authentication"


@pytest.mark.parametrize(("told", "sex"), [("1", Sex.MALE), ("2", Sex.FEMALE), ("x", Sex.UNKNOWN)])
def test_sex_is_read_as_the_portal_writes_it(told: str, sex: Sex) -> None:
    account = read(GioiTinh=told)

    assert isinstance(account, UpstreamAccount)
    assert account.description.sex is sex


COMPANY = {
    "sub": "tech-company",
    "TechID": "tech-company",
    "LoaiTaiKhoan": "2",
    "MaSoThue": "0100000010",
    "TenDoanhNghiep": "Công ty TNHH  Dược Mẫu",
    "TechIDNguoiDaiDien": "tech-an",
}


def read_company(**overrides: Any) -> UpstreamAccount | str:
    said = {**COMPANY, **overrides}
    own = {name: said[name] for name in ("sub", "TechID", "LoaiTaiKhoan")}
    details = {name: value for name, value in make_person(**said).items() if value is not None}
    return rules.read_account(id_claims(**own), details, not_before=None)


def test_a_company_comes_with_the_person_who_acts_for_it() -> None:
    account = read_company()

    assert isinstance(account, UpstreamAccount)
    assert (account.tech_id, account.personal_id) == ("tech-an", "001085000017")
    assert account.company == rules.UpstreamCompany("0100000010", "Công ty TNHH Dược Mẫu")


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"MaSoThue": None}, "company"),
        ({"MaSoThue": "12"}, "company"),
        ({"MaSoThue": 100000010}, "company"),
        ({"TenDoanhNghiep": " "}, "company"),
        ({"TenDoanhNghiep": "x\x00"}, "company"),
        ({"TechIDNguoiDaiDien": None}, "tech_id_of_representative"),
        ({"TechIDNguoiDaiDien": "x" * 201}, "tech_id_of_representative"),
        ({"SoDinhDanh": None}, "personal_id"),
        ({"LoaiTaiKhoan": "3"}, "account_type"),
    ],
)
def test_a_company_whose_claims_do_not_suffice_is_refused(overrides: dict[str, Any], reason: str) -> None:
    assert read_company(**overrides) == reason


def test_an_enterprise_code_stands_for_the_tax_code() -> None:
    account = read_company(MaSoThue=None, MaSoDoanhNghiep="0100000010-001")

    assert isinstance(account, UpstreamAccount)
    assert account.company is not None
    assert account.company.tax_code == "0100000010-001"


def test_a_company_gets_what_companies_may_or_nothing() -> None:
    assert rules.company_scopes(["openid", "health.read", "dossier.file"]) == ("openid", "dossier.file")
    assert rules.company_scopes(["openid", "health.read"]) == ()


def test_levels_are_carried_as_acr() -> None:
    assert [rules.acr_of(level) for level in (1, 2)] == list(rules.LEVELS)


def test_a_cookie_gives_the_same_browser_and_another_key_none() -> None:
    browsers = Browsers(b"k" * 32, is_https=False)
    browser = browsers.new()
    cookie = browsers.set_cookie(browser).partition("=")[2].partition(";")[0]

    assert browsers.of(cookie) == browser
    assert Browsers(b"l" * 32, is_https=False).of(cookie) is None
    assert browsers.of(cookie[:-2] + "AA") is None
    assert browsers.of(None) is None
    assert browsers.of("x") is None


def test_secrets_of_a_sign_in_differ_by_state_browser_and_use() -> None:
    browsers = Browsers(b"k" * 32, is_https=False)
    one, other = browsers.new(), browsers.new()

    made = {one.code_verifier("a"), one.code_verifier("b"), other.code_verifier("a"), one.nonce("a")}

    assert len(made) == 4
    assert all(len(value) == 43 for value in made)


@pytest.mark.parametrize(
    ("is_https", "name", "parts"),
    [
        (True, "__Host-lienthong-sign-in", ("Path=/;", "Secure")),
        (False, "lienthong-sign-in", ("Path=/oauth2;",)),
    ],
)
def test_the_cookie_is_closed_to_scripts_and_other_sites(
    is_https: bool, name: str, parts: tuple[str, ...]
) -> None:
    browsers = Browsers(b"k" * 32, is_https=is_https)

    cookie = browsers.set_cookie(browsers.new())

    assert cookie.startswith(f"{name}=")
    for part in (*parts, "HttpOnly", "SameSite=Lax"):
        assert part in cookie
