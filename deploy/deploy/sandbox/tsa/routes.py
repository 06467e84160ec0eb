"""The authority over HTTP (RFC 3161, section 3.4)."""

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from deploy.sandbox.state import State
from deploy.sandbox.tsa.authority import Authority

LARGEST_REQUEST_BYTES = 4096


def routes(authority: Authority | None, state: State, now: Callable[[], float]) -> APIRouter:
    """Return the routes; `now` gives real time in seconds since 1970."""
    router = APIRouter(prefix="/sandbox/tsa", tags=["Time-stamping authority"])

    @router.post("/time-stamps", summary="Stamp digest")
    async def stamp_digest(request: Request) -> Response:
        """Take `application/timestamp-query` and answer `application/timestamp-reply`."""
        if authority is None:
            raise HTTPException(503, "the authority has no key here")
        if request.headers.get("content-type", "").split(";")[0] != "application/timestamp-query":
            raise HTTPException(415, "send application/timestamp-query")
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_REQUEST_BYTES:
                raise HTTPException(413, "a time-stamp request is a few hundred bytes")
        answer, status = authority.answer(body, datetime.fromtimestamp(now(), UTC))
        state.record("tsa", "stamped" if status == "granted" else "refused", status=status)
        return Response(answer, media_type="application/timestamp-reply")

    return router
