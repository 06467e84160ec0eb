"""Renders a sign-in page: one template, its style inside it and allowed by hash, nothing else loaded."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from chassis.errors import Language
from identity.pages.words import FRAME, PAGES
from identity.sign_in.refusals import SignInRefused

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
def security_headers() -> dict[str, str]:
    """Return the headers of every page: no script, no frame, no foreign content, no trace of the address."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none';"
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
