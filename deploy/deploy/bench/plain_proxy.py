"""The gateway that one would write first: a FastAPI route with httpx2.

`python -m deploy.bench.plain_proxy PORT UPSTREAM`
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import uvicorn
from fastapi import FastAPI, Request, Response


def create_app(upstream: str) -> FastAPI:
    """Return an application that passes every GET on to `upstream`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with httpx2.AsyncClient(base_url=upstream, timeout=10) as client:
            app.state.client = client
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/{path:path}")
    async def forward(path: str, request: Request) -> Response:
        answer = await request.app.state.client.get(f"/{path}")
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(sys.argv[2]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
    )
