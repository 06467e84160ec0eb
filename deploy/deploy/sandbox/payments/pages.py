"""The page on which a person pays."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from deploy.sandbox.payments.notices import Notifier
from deploy.sandbox.payments.routes import PREFIX, PayIn, pay
from deploy.sandbox.payments.store import IntentStore
from deploy.sandbox.state import State
from deploy.sandbox.web import language_of, page


def pages(store: IntentStore, notifier: Notifier, state: State) -> APIRouter:
    """Return the page and its form. Who has the address may pay: a payer needs no account."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)

    def show(request: Request, code: str, *, status: int = 200, is_wrong: bool = False) -> Response:
        stored = store.find(code)
        return page(
            request,
            "payments_pay.html",
            language=language_of(request),
            status=404 if stored is None else status,
            leaves_to_client=True,
            stored=stored,
            is_wrong=is_wrong,
            money=_money,
        )

    @router.get("/pay/{code}")
    async def show_payment(request: Request, code: str) -> Response:
        return show(request, code)

    @router.post("/pay/{code}")
    async def take_payment(
        request: Request,
        code: str,
        source: Annotated[str, Form(max_length=10)] = "good",
        amount_vnd: Annotated[str, Form(max_length=13)] = "",
        notice_first: Annotated[str, Form(max_length=3)] = "",
    ) -> Response:
        try:
            how = PayIn(
                result="failed" if source == "bad" else "paid",
                amount_vnd=int(amount_vnd) if amount_vnd else None,
                is_notice_first=bool(notice_first),
            )
        except (ValidationError, ValueError):
            return show(request, code, status=422, is_wrong=True)
        stored = await pay(store, notifier, state, code, how)
        if stored is None:
            return show(request, code)
        return RedirectResponse(stored.intent.return_url, 303, {"Referrer-Policy": "no-referrer"})

    return router


def _money(amount_vnd: int) -> str:
    return f"{amount_vnd:,}".replace(",", ".")
