"""HTTP of staff sign-in: the page, and what is typed into it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chassis.access import public
from chassis.errors import Language
from identity.deps import BrowsersOf, StaffSignIns
from identity.pages.render import staff_page
from identity.pages.words import STAFF
from identity.sign_in.refusals import SignInRefused
from identity.sign_in.routes import page_language
from identity.staff.service import Credentials, NotRecognised, Throttled

router = APIRouter(tags=["sign-in"])

_OPEN = [public("a person who signs in has no token yet", produces=("text/html", "application/xhtml+xml"))]
_NO_STORE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
_PAGE: dict[str, Any] = {"content": {"text/html": {}}}  # Any: FastAPI's own type of `responses=`
_ENDED: dict[int | str, dict[str, Any]] = {  # Any: as above
    400: {"description": "A page: the sign-in is over, or another browser's.", **_PAGE}
}

State = Annotated[str, Query(alias="sign_in", max_length=100, description="The sign-in under way.")]
SignIn = Annotated[str, Form(max_length=100, description="The sign-in under way.")]
Username = Annotated[str, Form(max_length=200, description="Name of the account at work.")]
Password = Annotated[str, Form(max_length=200, description="Its password.")]
OneTimeCode = Annotated[str, Form(max_length=20, description="Six digits of its authenticator.")]
Locales = Annotated[str, Form(max_length=100, description="Language of the page: `vi` or `en`.")]


@router.get(
    "/oauth2/staff",
    operation_id="show_staff_sign_in",
    summary="Show staff sign-in",
    dependencies=_OPEN,
    response_class=HTMLResponse,
    responses=_ENDED,
)
async def show_staff_sign_in(
    request: Request, staff: StaffSignIns, browsers: BrowsersOf, state: State = ""
) -> Response:
    """Answer the page on which staff sign in. For the browser that the sign-in began in."""
    pending = await staff.show(state, browsers.of(request.cookies.get(browsers.cookie_name)))
    language = _language(request, dict(request.query_params), pending.language)
    return staff_page(pending, state=state, language=language, is_sandbox=_is_sandbox(request))


@router.post(
    "/oauth2/staff",
    operation_id="sign_in_staff",
    summary="Sign in staff",
    dependencies=_OPEN,
    response_class=RedirectResponse,
    status_code=303,
    responses={
        **_ENDED,
        303: {"description": "Back to the client with `code`, `state` and `iss`."},
        403: {"description": "A page: the roles do not suffice.", **_PAGE},
        422: {"description": "The page again: name, password or code is not right.", **_PAGE},
        429: {"description": "The page again: too many failures.", **_PAGE},
        503: {"description": "A page: too many sign in at once.", **_PAGE},
    },
)
async def sign_in_staff(
    request: Request,
    staff: StaffSignIns,
    browsers: BrowsersOf,
    sign_in: SignIn = "",
    username: Username = "",
    password: Password = "",
    one_time_code: OneTimeCode = "",
    ui_locales: Locales = "",
) -> Response:
    """Send a member of staff back to the client with a code, or show the page again."""
    browser = browsers.of(request.cookies.get(browsers.cookie_name))
    given = Credentials(username.strip().lower(), password, one_time_code)
    try:
        location = await staff.sign_in(sign_in, browser, given, _address(request))
        return RedirectResponse(location, 303, _NO_STORE)
    except (NotRecognised, Throttled) as failure:
        pending = await staff.show(sign_in, browser)
        language = _language(request, {"ui_locales": ui_locales}, pending.language)
        is_throttled = isinstance(failure, Throttled)
        words = STAFF["throttled" if is_throttled else "not_recognised"][language]
        answer = staff_page(
            pending,
            state=sign_in,
            language=language,
            is_sandbox=_is_sandbox(request),
            username=given.username[:64],
            wrong=words.format(seconds=failure.seconds) if isinstance(failure, Throttled) else words,
            status=429 if is_throttled else 422,
        )
        if isinstance(failure, Throttled):
            answer.headers["retry-after"] = str(failure.seconds)
        return answer
    except SignInRefused as refusal:
        if ui_locales in ("vi", "en") and refusal.language is not None:
            refusal.language = ui_locales
        raise


def _language(request: Request, parameters: dict[str, str], begun_in: str) -> Language:
    """Return the page's language: as chosen on it, else as the sign-in began."""
    if "ui_locales" in parameters:
        return page_language(request, parameters)
    return "en" if begun_in == "en" else "vi"


def _is_sandbox(request: Request) -> bool:
    return bool(request.app.state.settings.is_sandbox)


def _address(request: Request) -> str:
    """Return the caller's address as the gateway saw it: it drops what the caller says of itself."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded or (request.client.host if request.client is not None else "")
