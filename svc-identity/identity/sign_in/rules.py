"""What a sign-in may ask for, and what VNeID's answer means. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from identity.clients.rules import CITIZEN_SCOPES, Client, grantable_scopes
from identity.organisations.rules import COMPANY_SCOPES, is_tax_code
from identity.people.papers import Sex, is_personal_id, read_born_on, stored_name
from identity.people.rules import Description
from identity.staff.rules import STAFF_SCOPES
from identity.tokens.rules import CLOCK_SKEW, instant, is_code_challenge

REQUEST_LIFETIME = timedelta(minutes=15)
LEVELS = {"urn:vneid:level:1": 1, "urn:vneid:level:2": 2}
UPSTREAM_LEVELS = {"LoA1": 1, "LoA2": 2}
_PERSONAL_ACCOUNT, _ORGANISATION_ACCOUNT = "1", "2"
_SEXES = {"1": Sex.MALE, "2": Sex.FEMALE, "male": Sex.MALE, "female": Sex.FEMALE}


SIGN_IN_SCOPES = frozenset({"openid", "profile"})
"""What citizens and staff may ask for alike."""

Realm = Literal["vneid", "staff"]
"""Who checks the person: VNeID, or our own page for staff."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A valid authorization request of a client."""

    client_id: str
    redirect_uri: str
    state: str | None
    scopes: tuple[str, ...]
    nonce: str | None
    code_challenge: str
    level: int | None
    must_be_fresh: bool
    realm: Realm = "vneid"


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why an authorization request is refused: a code for the client and a sentence for its developer."""

    error: str
    description: str


@dataclass(frozen=True, slots=True)
class UpstreamCompany:
    """The organisation that a person signs in for."""

    tax_code: str
    name: str


@dataclass(frozen=True, slots=True)
class UpstreamAccount:
    """A person as VNeID vouches for one; with `company` where the account chosen is an organisation's."""

    tech_id: str
    personal_id: str
    description: Description
    level: int
    auth_time: datetime
    company: UpstreamCompany | None = None


def acr_of(level: int) -> str:
    """Return the level of assurance as tokens carry it.

    Source: Decree 69/2024/NĐ-CP (levels 1 and 2 of an electronic identity account); decision 0005.
    """
    return f"urn:vneid:level:{level}"


def read_wish(parameters: Mapping[str, str], client: Client) -> Wish | Unfit:
    """Return what the client asks for; its id and redirect URI are checked before.

    Source: RFC 6749, section 4.1.1; RFC 7636, section 4.4.1; RFC 9700, section 2.1.1 (S256 only);
    OpenID Connect Core 1.0, section 3.1.2.1.
    """
    for name, error in (("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")):
        if name in parameters:
            return Unfit(error, "request objects are not served")
    if "response_type" not in parameters:
        return Unfit("invalid_request", "response_type is missing")
    if parameters["response_type"] != "code":
        return Unfit("unsupported_response_type", "only response_type code is served")
    if parameters.get("response_mode", "query") != "query":
        return Unfit("invalid_request", "only response_mode query is served")
    if not is_code_challenge(parameters.get("code_challenge", "")):
        return Unfit("invalid_request", "code_challenge is missing or is not an S256 challenge")
    if parameters.get("code_challenge_method") != "S256":
        return Unfit("invalid_request", "code_challenge_method must be S256")
    realm = realm_of(parameters.get("scope", ""), client)
    allowed = CITIZEN_SCOPES if realm == "vneid" else STAFF_SCOPES | SIGN_IN_SCOPES
    scopes = grantable_scopes(parameters.get("scope", ""), client, allowed)
    if not scopes:
        return Unfit("invalid_scope", "none of the scopes asked for can be given")
    prompts = parameters.get("prompt", "").split()
    if "none" in prompts:
        return Unfit("login_required", "a person always signs in anew")
    max_age = parameters.get("max_age")
    if max_age is not None and not (max_age.isascii() and max_age.isdigit()):
        return Unfit("invalid_request", "max_age must be a number of seconds")
    levels = [LEVELS[value] for value in parameters.get("acr_values", "").split() if value in LEVELS]
    if "acr_values" in parameters and not levels:
        return Unfit("invalid_request", "none of the acr_values is known")
    return Wish(
        client_id=client.client_id,
        redirect_uri=parameters["redirect_uri"],
        state=parameters.get("state"),
        scopes=scopes,
        nonce=parameters.get("nonce"),
        code_challenge=parameters["code_challenge"],
        level=levels[0] if levels else None,
        must_be_fresh=max_age is not None or "login" in prompts,
        realm=realm,
    )


def realm_of(asked: str, client: Client) -> Realm:
    """Return who checks the person: our own page when scopes of staff are asked for and none of citizens.

    Source: decision 0014.
    """
    wanted = client.scopes & frozenset(asked.split())
    is_staff = wanted & STAFF_SCOPES and not wanted & (CITIZEN_SCOPES - SIGN_IN_SCOPES)
    return "staff" if is_staff else "vneid"


def company_scopes(asked: Iterable[str]) -> tuple[str, ...]:
    """Return the asked scopes that a company may have, or none where it could then do nothing.

    Source: decision 0015.
    """
    scopes = tuple(scope for scope in asked if scope in COMPANY_SCOPES | {"openid"})
    return scopes if COMPANY_SCOPES.intersection(scopes) else ()


def id_token_refusal(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> str | None:
    """Return why the claims of VNeID's id_token are refused, for the log, or `None` when they are good.

    Source: OpenID Connect Core 1.0, section 3.1.3.7.
    """
    audiences = claims.get("aud")
    named = audiences if isinstance(audiences, list) else [audiences]
    if claims.get("iss") != issuer:
        return "issuer"
    if client_id not in named or (len(named) > 1 and claims.get("azp") != client_id):
        return "audience"
    if claims.get("azp", client_id) != client_id:
        return "authorized_party"
    if claims.get("nonce") != nonce:
        return "nonce"
    expires_at, issued_at = instant(claims.get("exp")), instant(claims.get("iat"))
    if expires_at is None or expires_at <= now - CLOCK_SKEW:
        return "expired"
    if issued_at is None or issued_at > now + CLOCK_SKEW:
        return "issued_in_future"
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        return "subject"
    return None


def read_account(
    id_claims: Mapping[str, Any], details: Mapping[str, Any], *, not_before: datetime | None
) -> UpstreamAccount | str:
    """Return the person in VNeID's answers, or why they are not usable, for the log.

    `details` is the answer of userinfo and must speak of the same account. With `not_before`, a sign-in
    that is older (VNeID took a session for a sign-in) is not usable. An organisation's account comes with
    the claims of the person who acts for it, whose own stable key is `TechIDNguoiDaiDien`.

    Source: single sign-on of the national portal: `TechID` is the stable key, `SoDinhDanh` the personal
    number; OpenID Connect Core 1.0, section 5.3.2 (userinfo's `sub`).
    """
    if details.get("sub") != id_claims.get("sub"):
        return "subjects_differ"
    tech_id = id_claims.get("TechID", details.get("TechID"))
    if not isinstance(tech_id, str) or not 1 <= len(tech_id) <= 200 or not tech_id.isprintable():
        return "tech_id"
    if details.get("TechID", tech_id) != tech_id:
        return "tech_ids_differ"
    account_type, company = str(id_claims.get("LoaiTaiKhoan", details.get("LoaiTaiKhoan"))), None
    if str(details.get("LoaiTaiKhoan", account_type)) != account_type:
        return "account_type"
    if account_type == _ORGANISATION_ACCOUNT:
        company, tech_id = _read_company(details), details.get("TechIDNguoiDaiDien")
        if company is None:
            return "company"
        if not isinstance(tech_id, str) or not 1 <= len(tech_id) <= 200 or not tech_id.isprintable():
            return "tech_id_of_representative"
    elif account_type != _PERSONAL_ACCOUNT:
        return "account_type"
    level = UPSTREAM_LEVELS.get(str(id_claims.get("acr")))
    if level is None:
        return "level"
    personal_id, name = details.get("SoDinhDanh"), details.get("HoVaTen")
    if not isinstance(personal_id, str) or not is_personal_id(personal_id):
        return "personal_id"
    if not isinstance(name, str) or "\x00" in name or not stored_name(name):
        return "name"
    auth_time = instant(id_claims.get("auth_time", id_claims.get("iat")))
    if auth_time is None:
        return "auth_time"
    if not_before is not None and auth_time < not_before - CLOCK_SKEW:
        return "stale_authentication"
    sex = _SEXES.get(str(details.get("GioiTinh", details.get("gender"))), Sex.UNKNOWN)
    born_on = details.get("birthdate")
    description = Description(
        stored_name(name), read_born_on(born_on if isinstance(born_on, str) else None), sex
    )
    return UpstreamAccount(tech_id, personal_id, description, level, auth_time, company)


def _read_company(details: Mapping[str, Any]) -> UpstreamCompany | None:  # Any: JSON members
    tax_code = details.get("MaSoThue", details.get("MaSoDoanhNghiep"))
    name = details.get("TenDoanhNghiep")
    if not isinstance(tax_code, str) or not is_tax_code(tax_code):
        return None
    if not isinstance(name, str) or "\x00" in name or not stored_name(name):
        return None
    return UpstreamCompany(tax_code, stored_name(name))
