"""Renders a sign-in page: one template, its style inside it and allowed by hash, nothing else loaded."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from chassis.errors import Language
from identity.pages.words import FRAME, PAGES, STAFF
from identity.sign_in.refusals import SignInRefused
from identity.staff.service import PendingSignIn

_HERE = Path(__file__).parent


@cache
def _style() -> str:
    return (_HERE / "style.css").read_text("utf-8").strip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )


@cache
def security_headers(form_action: str = "'none'") -> dict[str, str]:
    """Return the headers of every page: no script, no frame, no foreign content, no trace of the address.

    `form_action` names where the page's form may lead, redirects after it included.
    """
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action {form_action};"
        " frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
    }


def refusal_page(refusal: SignInRefused, *, language: Language, trace_id: str | None) -> HTMLResponse:
    """Return the page that tells a person why the sign-in ended."""
    body = (
        _environment()
        .get_template("page.html")
        .render(
            language=language,
            frame=FRAME,
            words=PAGES[refusal.page],
            error=refusal.error,
            return_url=refusal.return_url,
            trace_id=trace_id,
            style=Markup(_style()),  # noqa: S704 - our own file
        )
    )
    headers = {**security_headers(), **refusal.headers, "content-language": language}
    return HTMLResponse(body, refusal.status, headers)


def staff_page(
    sign_in: PendingSignIn,
    *,
    state: str,
    language: Language,
    is_sandbox: bool,
    username: str = "",
    wrong: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Return the page on which staff sign in; `wrong` says why the last try did not succeed."""
    other: Language = "vi" if language == "en" else "en"
    body = (
        _environment()
        .get_template("staff.html")
        .render(
            language=language,
            frame=FRAME,
            words=STAFF,
            sign_in=sign_in,
            state=state,
            username=username,
            wrong=wrong,
            is_sandbox=is_sandbox,
            other_language=other,
            other_language_url=f"?{urlencode({'sign_in': state, 'ui_locales': other})}",
            style=Markup(_style()),  # noqa: S704 - our own file
        )
    )
    headers = security_headers(f"'self' {_origin(sign_in.redirect_uri)}")
    return HTMLResponse(body, status, {**headers, "content-language": language})


def _origin(redirect_uri: str) -> str:
    """Return a redirect URI as a source expression: its origin, or the scheme of an app's own."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
