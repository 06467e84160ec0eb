"""What every page of the sandbox shares: templates, language, and headers that keep a browser safe.

Server-rendered forms without a line of JavaScript: they work in any browser and leave nothing to inject into.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from deploy.sandbox.texts import TEXTS

FOLDER = Path(__file__).parent
LANGUAGE_COOKIE = "sandbox_language"
Language = Literal["vi", "en"]

_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_environment = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def language_of(request: Request, wish: str | None = None) -> Language:
    """Return a page's language: `?lang=`, else the cookie, else the client's wish, else Vietnamese."""
    for given in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), wish):
        if given in ("vi", "en"):
            return "en" if given == "en" else "vi"
    return "vi"


def page(
    request: Request,
    template: str,
    *,
    language: Language,
    status: int = 200,
    leaves_to_client: bool = False,
    **values: Any,  # what the template shows
) -> HTMLResponse:
    """Return a rendered page. `leaves_to_client`: its form ends in a redirect to another origin.

    Browsers hold `form-action` against the redirects that follow a form too, so the one form that goes back
    to the client's address cannot carry it.
    """

    def text(key: str, **parts: object) -> str:
        return TEXTS[key][language].format(**parts)

    def in_language(other: Language) -> str:
        query: Mapping[str, str] = {**request.query_params, "lang": other}
        return f"?{urlencode(query)}"

    html = _environment.get_template(template).render(
        t=text, lang=language, in_language=in_language, **values
    )
    policy = _POLICY if leaves_to_client else f"{_POLICY}; form-action 'self'"
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Content-Language": language,
    }
    answer = HTMLResponse(html, status, headers)
    if request.query_params.get("lang") in ("vi", "en"):
        answer.set_cookie(LANGUAGE_COOKIE, language, path="/sandbox", samesite="lax", httponly=True)
    return answer
