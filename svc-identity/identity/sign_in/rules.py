"""What a sign-in may ask for, and what VNeID's answer means. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from identity.clients.rules import CITIZEN_SCOPES, Client, grantable_scopes
from identity.people.papers import Sex, is_personal_id, read_born_on, stored_name
from identity.people.rules import Description
from identity.tokens.rules import CLOCK_SKEW, instant, is_code_challenge

REQUEST_LIFETIME = timedelta(minutes=15)
LEVELS = {"urn:vneid:level:1": 1, "urn:vneid:level:2": 2}
UPSTREAM_LEVELS = {"LoA1": 1, "LoA2": 2}
_PERSONAL_ACCOUNT, _ORGANISATION_ACCOUNT = "1", "2"
_SEXES = {"1": Sex.MALE, "2": Sex.FEMALE, "male": Sex.MALE, "female": Sex.FEMALE}


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


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why an authorization request is refused: a code for the client and a sentence for its developer."""

    error: str
    description: str


@dataclass(frozen=True, slots=True)
class UpstreamAccount:
    """A personal account as VNeID vouches for it."""

    tech_id: str
    personal_id: str
    description: Description
    level: int
    auth_time: datetime


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
    scopes = grantable_scopes(parameters.get("scope", ""), client, CITIZEN_SCOPES)
    if not scopes:
        return Unfit("invalid_scope", "none of the scopes asked for can be given")
    prompts = parameters.get("prompt", "").split()
    if "none" in prompts:
        return Unfit("login_required", "a person always signs in at VNeID")
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
    )


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


def is_organisation(id_claims: Mapping[str, Any]) -> bool:
    """Return whether the account is an organisation's, which is not served yet.

    Source: single sign-on of the national portal, claim `LoaiTaiKhoan` (1 citizen, 2 business).
    """
    return str(id_claims.get("LoaiTaiKhoan")) == _ORGANISATION_ACCOUNT


def read_account(
    id_claims: Mapping[str, Any], details: Mapping[str, Any], *, not_before: datetime | None
) -> UpstreamAccount | str:
    """Return the personal account in VNeID's answers, or why they are not usable, for the log.

    `details` is the answer of userinfo and must speak of the same account. With `not_before`, a sign-in
    that is older (VNeID took a session for a sign-in) is not usable.

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
    if str(id_claims.get("LoaiTaiKhoan", details.get("LoaiTaiKhoan"))) != _PERSONAL_ACCOUNT:
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
    return UpstreamAccount(tech_id, personal_id, description, level, auth_time)
