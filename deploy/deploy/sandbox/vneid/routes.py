"""The endpoints of VNeID that programs call: discovery, keys, token, userinfo. Pages are in `pages.py`."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from deploy.sandbox.vneid.clients import NotThisClient
from deploy.sandbox.vneid.keys import ALGORITHMS
from deploy.sandbox.vneid.model import TokenError
from deploy.sandbox.vneid.provider import LEVELS, SCOPES, Provider

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def discovery(issuer: str) -> dict[str, Any]:
    """Return the provider's metadata (OpenID Connect Discovery 1.0)."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": [
            "private_key_jwt",
            "client_secret_basic",
            "client_secret_post",
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256", "PS256", "Ed25519"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": list(LEVELS),
        "claims_supported": [
            "sub", "acr", "amr", "auth_time", "name", "gender", "birthdate", "TechID", "LoaiTaiKhoan",
            "SoDinhDanh", "SoCMND", "HoVaTen", "GioiTinh", "DiaChi", "SoDienThoai", "MaSoThue",
            "MaSoDoanhNghiep", "TenDoanhNghiep",
        ],
        "ui_locales_supported": ["vi", "en"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }  # fmt: skip


def _oauth_error(status: int, error: str, description: str, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, status, headers)


def routes(provider: Provider) -> APIRouter:
    """Return the routes under `/sandbox/vneid`."""
    router = APIRouter(prefix="/sandbox/vneid", tags=["VNeID"])

    @router.get("/.well-known/openid-configuration", summary="Read provider metadata")
    async def read_provider_metadata() -> dict[str, Any]:
        return discovery(provider.issuer)

    @router.get("/jwks", summary="Read signing keys")
    async def read_signing_keys() -> dict[str, Any]:
        return provider.keys.jwks()

    @router.post("/token", summary="Exchange code for tokens")
    async def exchange_code(request: Request) -> JSONResponse:
        """Give the tokens of one sign-in, once. Errors are those of RFC 6749, section 5.2."""
        form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
        authorization = request.headers.get("authorization")
        try:
            client = provider.authenticate(form, authorization)
            return JSONResponse(provider.exchange(client, form), headers=NO_STORE)
        except NotThisClient as refusal:
            headers = NO_STORE | ({"WWW-Authenticate": 'Basic realm="vneid"'} if authorization else {})
            return _oauth_error(401, "invalid_client", str(refusal), headers)
        except TokenError as refusal:
            return _oauth_error(400, refusal.error, str(refusal), NO_STORE)

    @router.api_route("/userinfo", methods=["GET", "POST"], summary="Read claims")
    async def read_claims(request: Request) -> Response:
        """Give the national claims about the person of a bearer token (OpenID Connect Core, section 5.3)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = provider.userinfo(token) if scheme.lower() == "bearer" else None
        if claims is None:
            challenge = 'Bearer realm="vneid", error="invalid_token"'
            headers = NO_STORE | {"WWW-Authenticate": challenge}
            return _oauth_error(401, "invalid_token", "the token is unknown or expired", headers)
        return JSONResponse(claims, headers=NO_STORE)

    return router
