"""HTTP of tokens: metadata, keys, token, revocation, userinfo."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from chassis.access import allow, public
from chassis.auth import Actor
from chassis.errors import Problem, ScopeMissing, TokenExpired, TokenInvalid, TokenMissing
from chassis.handlers import answer as answer_problem
from chassis.openapi import responses
from identity.deps import Me, Tokens
from identity.tokens.discovery import metadata
from identity.tokens.errors import OAuthError
from identity.tokens.parameters import read_form
from identity.tokens.schemas import KeySetOut, OAuthErrorOut, TokenOut, UserInfoOut

router = APIRouter(tags=["tokens"])

_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
_PUBLISHED = {"cache-control": "public, max-age=300"}
_REFUSALS: dict[int | str, dict[str, Any]] = {  # Any: FastAPI's own type of `responses=`
    400: {"model": OAuthErrorOut, "description": "Refused (RFC 6749, section 5.2)."},
    401: {"model": OAuthErrorOut, "description": "The client did not prove who it is."},
}
_FORM: dict[str, Any] = {  # Any: OpenAPI members
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
    }
}
_CLIENTS = [public("clients prove who they are in the form itself")]

SignedIn = Annotated[Actor, allow(kinds={"citizen", "staff"}, scope="openid", rows="own")]


@router.get(
    "/.well-known/openid-configuration",
    operation_id="get_provider_metadata",
    summary="Get provider metadata",
    dependencies=[public("metadata is public")],
    response_model=dict[str, Any],
)
async def get_provider_metadata(request: Request) -> JSONResponse:
    """Say what this provider serves. Open to all."""
    return JSONResponse(metadata(request.app.state.settings.issuer), headers=_PUBLISHED)


@router.get(
    "/oauth2/jwks",
    operation_id="get_signing_keys",
    summary="Get signing keys",
    dependencies=[
        public("public keys are public", produces=("application/json", "application/jwk-set+json"))
    ],
    response_model=KeySetOut,
)
async def get_signing_keys(tokens: Tokens) -> JSONResponse:
    """Answer the keys that tokens are verified with. Open to all."""
    return JSONResponse(tokens.minter.public_keys(), headers=_PUBLISHED)


@router.post(
    "/oauth2/token",
    operation_id="issue_token",
    summary="Issue token",
    dependencies=_CLIENTS,
    response_model=TokenOut,
    responses=_REFUSALS,
    openapi_extra=_FORM,
)
async def issue_token(request: Request, tokens: Tokens) -> JSONResponse:
    """Give tokens for a code, to a system or service for itself, or to act for a child or a company.

    For registered clients. `grant_type=authorization_code` with `code`, `redirect_uri`, `code_verifier`; or
    `grant_type=client_credentials` with `scope` and `resource`; the client by `client_id` (public) or by
    `client_assertion` (RFC 7523). To act for somebody (RFC 8693):
    `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` with the own access token as `subject_token`,
    its `subject_token_type`, an `id` of `/v1/me/acting-for` as `requested_subject`, and `scope`.
    """
    answer = await tokens.issue(await read_form(request), request.headers.get("authorization"))
    return JSONResponse(answer, headers=_NO_STORE)


@router.post(
    "/oauth2/revoke",
    operation_id="revoke_token",
    summary="Revoke token",
    dependencies=_CLIENTS,
    responses=_REFUSALS,
    openapi_extra=_FORM,
)
async def revoke_token(request: Request, tokens: Tokens) -> Response:
    """Make an access token of the calling client unusable everywhere, at once (RFC 7009)."""
    await tokens.revoke(await read_form(request), request.headers.get("authorization"))
    return Response(status_code=200, headers=_NO_STORE)


@router.get(
    "/oauth2/userinfo",
    operation_id="get_user_info",
    summary="Get claims about the person",
    response_model=UserInfoOut,
    response_model_exclude_none=True,
    responses=responses(TokenMissing, TokenInvalid, TokenExpired, ScopeMissing),
)
async def get_user_info(actor: SignedIn, me: Me, response: Response) -> UserInfoOut:
    """Answer the claims about the person who signed in. Needs scope `openid`; `profile` for more than `sub`.

    Of staff only the name and the language: who they are as citizens is not their employer's apps' business.
    """
    response.headers.update(_NO_STORE)
    return await me.user_info(actor)


@router.post(
    "/oauth2/userinfo",
    operation_id="get_user_info_by_post",
    summary="Get claims about the person by POST",
    response_model=UserInfoOut,
    response_model_exclude_none=True,
    responses=responses(TokenMissing, TokenInvalid, TokenExpired, ScopeMissing),
)
async def get_user_info_by_post(actor: SignedIn, me: Me, response: Response) -> UserInfoOut:
    """Do the same by POST (OpenID Connect Core 1.0, section 5.3.1)."""
    response.headers.update(_NO_STORE)
    return await me.user_info(actor)


async def answer_oauth_error(request: Request, failure: Exception) -> Response:
    """Return the answer of an OAuthError."""
    assert isinstance(failure, OAuthError)  # noqa: S101 - registered for this class alone
    request.state.problem_code = failure.error
    body = {"error": failure.error, "error_description": failure.description}
    return JSONResponse(body, failure.status, {**_NO_STORE, **failure.headers})


_ERROR_OF = {401: "invalid_token", 403: "insufficient_scope", 503: "temporarily_unavailable"}


async def answer_problem_in_oauth_shape(request: Request, failure: Exception) -> Response:
    """Return a problem; under /oauth2 its members stand beside `error`, which OAuth clients read."""
    assert isinstance(failure, Problem)  # noqa: S101 - registered for this class alone
    if not request.url.path.startswith("/oauth2/"):
        return answer_problem(request, failure)
    error = _ERROR_OF.get(failure.status, "invalid_request" if failure.status < 500 else "server_error")
    body = {"error": error, "error_description": failure.detail["en"]}
    answered = answer_problem(request, failure)
    kept = {n: v for n, v in answered.headers.items() if n not in ("content-type", "content-length")}
    return JSONResponse(body, failure.status, kept)
