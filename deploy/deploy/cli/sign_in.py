"""Signing a person in as an app would: authorization code with PKCE, through the pages that a person walks.

Nothing is cut short for the command line: the same provider, the same pages of the sandbox's VNeID, the same
token endpoint. Only the browser is played, by following redirects and filling in forms.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from deploy.cli.forms import first_form
from deploy.cli.stack import CommandFailed
from deploy.cli.typists import Typist
from deploy.sandbox.accounts import PERIOD_SECONDS

CLIENT_ID = "cli"
REDIRECT_URI = "http://127.0.0.1:53682/callback"  # never listened on: the answer is read off the redirect
LEVEL = "urn:vneid:level:"
MOST_STEPS = 20
TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What to sign in for, and who types. `level` is None at the page for staff."""

    typist: Typist
    scopes: tuple[str, ...]
    level: int | None = None


def metadata(client: httpx2.Client, public_url: str) -> dict[str, Any]:
    """The provider's own description (OpenID Connect Discovery).

    Raises:
        CommandFailed: the provider does not answer with one.
    """
    answer = client.get(f"{public_url}/.well-known/openid-configuration")
    if answer.status_code != 200:
        raise CommandFailed(f"the identity service answered {answer.status_code}: {said(answer)}")
    return dict(answer.json())


def sign_in(client: httpx2.Client, public_url: str, wish: Wish) -> str:
    """Walk through the sign-in and return the access token.

    Raises:
        CommandFailed: a page or an endpoint refused; the message says what it said.
    """
    provider = metadata(client, public_url)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    state = secrets.token_urlsafe(16)
    query = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "scope": " ".join(wish.scopes),
        "state": state,
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if wish.level is not None:
        query["acr_values"] = f"{LEVEL}{wish.level}"
    answer = _walk(client, f"{provider['authorization_endpoint']}?{urlencode(query)}", wish)
    if "error" in answer:
        raise CommandFailed(
            f"sign-in refused: {answer['error']} {answer.get('error_description', '')}".strip()
        )
    if answer.get("state") != state or answer.get("iss", provider["issuer"]) != provider["issuer"]:
        raise CommandFailed("the answer to the sign-in is not the one to our request")
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "code": answer["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": verifier,
    }
    return access_token(client.post(provider["token_endpoint"], data=form))


def access_token(answer: httpx2.Response) -> str:
    """The access token of a token response.

    Raises:
        CommandFailed: it is a refusal.
    """
    if answer.status_code != 200:
        raise CommandFailed(f"no token ({answer.status_code}): {said(answer)}")
    return str(answer.json()["access_token"])


def said(answer: httpx2.Response) -> str:
    """What a refusal says, in one line."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text.strip()[:200]
    words = (body.get(name) for name in ("error", "code", "error_description", "detail", "title"))
    return ": ".join(str(word) for word in words if word)


def _walk(client: httpx2.Client, address: str, wish: Wish) -> dict[str, str]:
    """Follow redirects and send forms until the provider sends us back; the parameters of that redirect."""
    answer = client.get(address)
    for _ in range(MOST_STEPS):
        if answer.is_redirect:
            target = str(answer.next_request.url) if answer.next_request else ""
            if target.startswith(REDIRECT_URI):
                return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
            answer = client.get(target)
            continue
        answer = _send_form(client, answer, wish)
    raise CommandFailed("the sign-in does not come to an end")


def _send_form(client: httpx2.Client, page: httpx2.Response, wish: Wish) -> httpx2.Response:
    path = urlsplit(str(page.url)).path
    if page.status_code != 200 and not wish.typist.may_try_again(page.status_code):
        raise CommandFailed(f"sign-in stopped at {path} ({page.status_code}): {_words(page)}")
    form = first_form(page.text, str(page.url))
    if form is None or form.method != "post":
        raise CommandFailed(f"sign-in stopped at {path}: {_words(page)}")
    try:
        return client.post(form.action, data=form.filled(wish.typist.answers(form.choices)))
    except KeyError as field:
        raise CommandFailed(f"the page {path} asks for {field}, which this command cannot answer") from None


def _words(page: httpx2.Response) -> str:
    """What a page without a form says: its title, or the body of a problem."""
    if "json" in page.headers.get("content-type", ""):
        return said(page)
    title = page.text.partition("<h1>")[2].partition("</h1>")[0]
    return title.strip() or said(page)


def seconds_left(now: float) -> int:
    """How long the one-time code of `now` (seconds since 1970) is still shown."""
    return PERIOD_SECONDS - int(now) % PERIOD_SECONDS
