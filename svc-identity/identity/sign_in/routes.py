"""HTTP of sign-in: the client's request, and VNeID's way back. Both answer a redirect or a page."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from chassis.access import public
from chassis.errors import Language, choose_language
from identity.deps import BrowsersOf, SignIns
from identity.sign_in.refusals import RequestUnusable, SignInOver
from identity.tokens.errors import InvalidRequest
from identity.tokens.parameters import read_form, read_parameters

router = APIRouter(tags=["sign-in"])

_PAGES = ("text/html", "application/xhtml+xml", "application/json")
_OPEN = [public("a person who signs in has no token yet", produces=_PAGES)]
_REDIRECTS: dict[int | str, dict[str, Any]] = {  # Any: FastAPI's own type of `responses=`
    303: {"description": "To VNeID, or back to the client with `code` or `error`, `state` and `iss`."},
    400: {
        "description": "A page: the request is not safe to answer by redirect.",
        "content": {"text/html": {}},
    },
    503: {"description": "A page: VNeID does not answer.", "content": {"text/html": {}}},
}
_NO_STORE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


@router.get(
    "/oauth2/authorize",
    operation_id="begin_sign_in",
    summary="Begin sign-in",
    dependencies=_OPEN,
    response_class=RedirectResponse,
    status_code=303,
    responses=_REDIRECTS,
)
async def begin_sign_in(request: Request, sign_ins: SignIns, browsers: BrowsersOf) -> Response:
    """Send a person to VNeID and from there back to the client with a code.

    For registered public clients: `response_type=code`, PKCE with S256, `redirect_uri` as registered (any
    port on 127.0.0.1), `scope`, `state`, `nonce`, `acr_values`, `ui_locales`
    (OpenID Connect Core 1.0, section 3.1.2.1).
    """
    try:
        parameters = read_parameters(request.scope["query_string"])
    except InvalidRequest as refusal:
        raise RequestUnusable(refusal.description) from refusal
    return await _begin(request, parameters, sign_ins, browsers)


@router.post(
    "/oauth2/authorize",
    operation_id="begin_sign_in_by_form",
    summary="Begin sign-in by form",
    dependencies=_OPEN,
    response_class=RedirectResponse,
    status_code=303,
    responses=_REDIRECTS,
)
async def begin_sign_in_by_form(request: Request, sign_ins: SignIns, browsers: BrowsersOf) -> Response:
    """Do the same with the parameters in a form (OpenID Connect Core 1.0, section 3.1.2.1)."""
    try:
        parameters = await read_form(request)
    except InvalidRequest as refusal:
        raise RequestUnusable(refusal.description) from refusal
    return await _begin(request, parameters, sign_ins, browsers)


@router.get(
    "/oauth2/callback/vneid",
    operation_id="finish_sign_in",
    summary="Finish sign-in",
    dependencies=_OPEN,
    response_class=RedirectResponse,
    status_code=303,
    responses=_REDIRECTS,
)
async def finish_sign_in(request: Request, sign_ins: SignIns, browsers: BrowsersOf) -> Response:
    """Take VNeID's answer and send the person back to the client. Called by the browser on VNeID's word."""
    try:
        parameters = read_parameters(request.scope["query_string"])
    except InvalidRequest as refusal:
        raise SignInOver(refusal.description) from refusal
    browser = browsers.of(request.cookies.get(browsers.cookie_name))
    return RedirectResponse(await sign_ins.finish(parameters, browser), 303, _NO_STORE)


async def _begin(
    request: Request, parameters: dict[str, str], sign_ins: SignIns, browsers: BrowsersOf
) -> Response:
    browser = browsers.of(request.cookies.get(browsers.cookie_name)) or browsers.new()
    location = await sign_ins.begin(parameters, browser, page_language(request, parameters))
    return RedirectResponse(location, 303, {**_NO_STORE, "set-cookie": browsers.set_cookie(browser)})


def page_language(request: Request, parameters: dict[str, str]) -> Language:
    """Return the language of pages: the first of `ui_locales` that is served, else the browser's."""
    for tag in parameters.get("ui_locales", "").split():
        primary = tag.split("-")[0].lower()
        if primary in ("vi", "en"):
            return "en" if primary == "en" else "vi"
    return choose_language(request.headers.get("accept-language"))
