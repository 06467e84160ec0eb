"""The platform for programs: open an intent, ask about it, pay it as its payer would."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from deploy.sandbox.payments.notices import PEER, Notifier, notice_of
from deploy.sandbox.payments.store import IntentIn, IntentStore, Stored
from deploy.sandbox.state import State

PREFIX = "/sandbox/payments"


class PayIn(BaseModel):
    """How the payer pays; an empty object pays what is asked."""

    model_config = ConfigDict(extra="forbid")

    result: Literal["paid", "failed"] = "paid"
    amount_vnd: int | None = Field(
        None, ge=0, le=10**12, description="Another amount than the one asked for."
    )
    is_notice_first: bool = Field(
        False, description="Answer only after the notice has been sent, as when the redirect comes last."
    )


def routes(store: IntentStore, notifier: Notifier, state: State, *, public_url: str) -> APIRouter:
    """Return the JSON routes; notices go to `public_url` and nowhere else."""
    router = APIRouter(prefix=PREFIX, tags=["Payment platform"])
    origin = urlsplit(public_url)

    @router.post("/intents", summary="Open payment intent")
    async def open_intent(body: IntentIn) -> dict[str, Any]:
        """Open an intent, or give the one that this look-up code has; another content under it is refused."""
        refusal = _refusal(body, origin.netloc)
        if refusal is None and not store.add(body):
            refusal = "this MaTraCuuTT asks for something else already"
        if refusal is not None:
            state.record(PEER, "intent_refused", code=body.code, reason=refusal)
            return {"error_code": -1, "MaTraCuuTT": body.code, "message": refusal}
        state.record(PEER, "intent_opened", code=body.code, amount_vnd=body.amount_vnd)
        return {"error_code": 0, "MaTraCuuTT": body.code, "UrlThanhToan": _page_of(body.code, public_url)}

    @router.get("/intents", summary="List payment intents")
    async def list_intents(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> dict[str, Any]:
        """Give intents, newest first."""
        return {"items": store.newest(limit)}

    @router.get("/intents/{code}", summary="Find payment intent")
    async def find_intent(code: str) -> dict[str, Any]:
        """Say what became of a payment: error_code 0 paid, -1 failed, 1 not yet, -2 no such code."""
        stored = store.find(code)
        if stored is None:
            return {"error_code": -2, "MaTraCuuTT": code}
        found = notice_of(stored)
        return found | ({"UrlThanhToan": _page_of(code, public_url)} if stored.status == "waiting" else {})

    @router.post("/intents/{code}/pay", summary="Pay intent")
    async def pay_intent(code: str, body: PayIn) -> dict[str, Any]:
        """Pay as the payer would on the page; the notice follows. A settled intent stays as it is."""
        stored = await pay(store, notifier, state, code, body)
        if stored is None:
            raise HTTPException(404, "no intent has this code")
        return notice_of(stored)

    return router


async def pay(store: IntentStore, notifier: Notifier, state: State, code: str, how: PayIn) -> Stored | None:
    """Settle an intent and let its notice go out; return it, None when there is none."""
    stored = store.find(code)
    if stored is None:
        return None
    amount = stored.intent.amount_vnd if how.amount_vnd is None else how.amount_vnd
    if store.settle(code, how.result, amount if how.result == "paid" else 0):
        state.record(PEER, how.result, code=code, amount_vnd=amount)
        notifier.owe(code)
        if how.is_notice_first:
            await notifier.send_due()
    return store.find(code)


def _page_of(code: str, public_url: str) -> str:
    return f"{public_url.rstrip('/')}{PREFIX}/pay/{code}"


def _refusal(intent: IntentIn, host: str) -> str | None:
    if sum(row.amount_vnd for row in intent.rows) != intent.amount_vnd:
        return "SoTien is not the sum of DSKhoanNop"
    if urlsplit(intent.notice_url).netloc != host:
        return "UrlThongBao is not an address of this system"
    if urlsplit(intent.return_url).scheme not in ("http", "https", "lienthong"):
        return "UrlQuayLai is no address that a browser may be sent to"
    return None
