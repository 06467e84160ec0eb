"""Takes webhooks as a province's system would: verified by the public `standardwebhooks` library, listed."""

import json
import sqlite3
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from standardwebhooks import Webhook, WebhookVerificationError

from deploy.sandbox.state import State

PEER = "province"
_TABLES = """
create table if not exists province_messages (
    id integer primary key,
    webhook_id text not null,
    is_verified integer not null,
    body text not null
)
"""


class ProvinceIn(BaseModel):
    """How the receiver is set up; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    secrets: list[str] | None = Field(
        None, max_length=5, description="Secrets, any of which may have signed."
    )
    is_gone: bool | None = Field(None, description="Answer 410 from now on.")


class MessageStore:
    """Every message that came, in the order of coming, also the repeated ones."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute(_TABLES)

    def close(self) -> None:
        self._file.close()

    def add(self, webhook_id: str, body: str, *, is_verified: bool) -> None:
        values = (webhook_id, int(is_verified), body)
        self._file.execute(
            "insert into province_messages (webhook_id, is_verified, body) values (?, ?, ?)", values
        )

    def newest(self, limit: int) -> list[dict[str, Any]]:  # Any: JSON members
        rows = self._file.execute(
            "select id, webhook_id, is_verified, body from province_messages order by id desc limit ?",
            (limit,),
        )
        return [
            {"id": id_, "webhook_id": webhook_id, "is_verified": bool(is_verified), "event": _json(body)}
            for id_, webhook_id, is_verified, body in rows
        ]


def routes(store: MessageStore, state: State) -> APIRouter:
    """Return the routes of the receiver."""
    router = APIRouter(prefix="/sandbox", tags=["Province"])

    @router.post("/province/hook", summary="Take webhook")
    async def take_webhook(request: Request) -> Response:
        """Answer 204 to a message signed under one of the secrets, else 401; 410 when told to be gone."""
        setting = state.get("province", {})
        body = await request.body()
        webhook_id = request.headers.get("webhook-id", "")
        if setting.get("is_gone"):
            state.record(PEER, "said_gone", webhook_id=webhook_id)
            return JSONResponse({"error": "gone"}, 410)
        is_verified = _is_signed(body, dict(request.headers), setting.get("secrets", []))
        store.add(webhook_id, body.decode("utf-8", "replace"), is_verified=is_verified)
        state.record(PEER, "webhook_taken" if is_verified else "webhook_refused", webhook_id=webhook_id)
        return Response(status_code=204) if is_verified else JSONResponse({"error": "signature"}, 401)

    @router.put("/api/province", summary="Set up province")
    async def set_up_province(body: ProvinceIn) -> dict[str, Any]:
        setting = state.get("province", {}) | body.model_dump(exclude_none=True)
        state.put("province", setting)
        return {"secrets": len(setting.get("secrets", [])), "is_gone": bool(setting.get("is_gone"))}

    @router.get("/api/province/messages", summary="List webhooks of province")
    async def list_messages(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> dict[str, Any]:
        """Give the messages that came, newest first."""
        return {"items": store.newest(limit)}

    return router


def _is_signed(body: bytes, headers: dict[str, str], secrets: list[str]) -> bool:
    for secret in secrets:
        try:
            Webhook(secret).verify(body, headers)
        except (WebhookVerificationError, ValueError):
            continue
        return True
    return False


def _json(body: str) -> Any:  # Any: whatever was sent
    try:
        return json.loads(body)
    except ValueError:
        return None
