"""The pages that a person walks through at VNeID: sign in, raise the level where asked, agree, go back.

The address holds an opaque id of the sign-in, never a number; a cookie binds it to the browser that began it,
so a link handed to somebody else, or a form on a foreign page, leads nowhere.
"""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from deploy.sandbox.vneid.model import AuthorizeError, AuthorizeRefused, Transaction
from deploy.sandbox.vneid.provider import TRANSACTION_SECONDS, Provider
from deploy.sandbox.web import language_of, page

BROWSER_COOKIE = "vneid_browser"
PREFIX = "/sandbox/vneid"


def _next_page(transaction: Transaction) -> str:
    if transaction.person is None:
        return f"{PREFIX}/sign-in/{transaction.id}"
    return f"{PREFIX}/{'consent' if transaction.is_level_settled else 'level'}/{transaction.id}"


def _on(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def pages(provider: Provider, *, is_https: bool) -> APIRouter:
    """Return the routes of the pages; `is_https` makes the cookie `Secure`."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)

    def find(request: Request, id_: str) -> Transaction | None:
        return provider.transaction(id_, request.cookies.get(BROWSER_COOKIE))

    def lost(request: Request) -> Response:
        return page(
            request, "vneid_error.html", language=language_of(request), status=400, reason="sign_in_lost"
        )

    @router.get("/authorize")
    async def authorize(request: Request) -> Response:
        """Take an authorization request (RFC 6749 with PKCE) and show the sign-in page."""
        browser = request.cookies.get(BROWSER_COOKIE) or secrets.token_urlsafe(24)
        pairs = request.query_params.multi_items()
        try:
            if len({key for key, _ in pairs}) != len(pairs):
                raise AuthorizeRefused("repeated_parameter")
            transaction = provider.begin(dict(pairs), browser)
        except AuthorizeRefused as refusal:
            language = language_of(request)
            return page(request, "vneid_error.html", language=language, status=400, reason=str(refusal))
        except AuthorizeError as refusal:
            return _on(refusal.location)
        answer = _on(_next_page(transaction))
        answer.set_cookie(
            BROWSER_COOKIE,
            browser,
            max_age=TRANSACTION_SECONDS,
            path=PREFIX,
            httponly=True,
            secure=is_https,
            samesite="lax",
        )
        return answer

    def sign_in_page(request: Request, transaction: Transaction, *, is_wrong: bool) -> Response:
        language = language_of(request, transaction.language)
        status = 422 if is_wrong else 200
        client = transaction.client.name
        return page(
            request, "vneid_sign_in.html", language=language, status=status, client=client, is_wrong=is_wrong
        )

    @router.get("/sign-in/{id_}")
    async def show_sign_in(request: Request, id_: str) -> Response:
        transaction = find(request, id_)
        if transaction is None:
            return lost(request)
        if transaction.person is not None:
            return _on(_next_page(transaction))
        return sign_in_page(request, transaction, is_wrong=False)

    @router.post("/sign-in/{id_}")
    async def sign_in(
        request: Request,
        id_: str,
        personal_id: Annotated[str, Form(max_length=20)] = "",
        password: Annotated[str, Form(max_length=200)] = "",
        one_time_code: Annotated[str, Form(max_length=20)] = "",
    ) -> Response:
        transaction = find(request, id_)
        if transaction is None:
            return lost(request)
        if transaction.person is None and not provider.sign_in(
            transaction, personal_id, password, one_time_code
        ):
            return sign_in_page(request, transaction, is_wrong=True)
        return _on(_next_page(transaction))

    @router.get("/level/{id_}")
    async def show_level(request: Request, id_: str) -> Response:
        transaction = find(request, id_)
        if transaction is None:
            return lost(request)
        if transaction.person is None or transaction.is_level_settled:
            return _on(_next_page(transaction))
        language = language_of(request, transaction.language)
        return page(
            request, "vneid_level.html", language=language, client=transaction.client.name,
            person=transaction.person,
        )  # fmt: skip

    @router.post("/level/{id_}")
    async def settle_level(
        request: Request, id_: str, decision: Annotated[str, Form(max_length=10)] = ""
    ) -> Response:
        transaction = find(request, id_)
        if transaction is None:
            return lost(request)
        if transaction.person is not None and decision in ("raise", "keep"):
            provider.settle_level(transaction, raise_it=decision == "raise")
        return _on(_next_page(transaction))

    @router.get("/consent/{id_}")
    async def show_consent(request: Request, id_: str) -> Response:
        transaction = find(request, id_)
        if transaction is None:
            return lost(request)
        if transaction.person is None or not transaction.is_level_settled:
            return _on(_next_page(transaction))
        return page(
            request,
            "vneid_consent.html",
            language=language_of(request, transaction.language),
            leaves_to_client=True,
            client=transaction.client.name,
            person=transaction.person,
            accounts=provider.accounts(transaction),
        )

    @router.post("/consent/{id_}")
    async def consent(
        request: Request,
        id_: str,
        decision: Annotated[str, Form(max_length=10)] = "",
        account: Annotated[str, Form(max_length=20)] = "",
    ) -> Response:
        transaction = find(request, id_)
        if transaction is None:
            return lost(request)
        if decision == "deny":
            return _on(provider.deny(transaction))
        chosen = [one for one in provider.accounts(transaction) if (one.number or "") == account]
        if decision != "allow" or not chosen or not transaction.is_level_settled:
            return _on(_next_page(transaction))
        return _on(provider.approve(transaction, chosen[0]))

    return router
