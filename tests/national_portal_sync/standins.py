"""The services behind the synchronisation, over real HTTP: tokens, keys of clients, dossiers by id."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from contracts.portal import PortalDossier
from tests.support.servers import free_port
from tests.support.waiting import until


@asynccontextmanager
async def serving(app: ASGIApp, port: int, *, lifespan: str = "off") -> AsyncIterator[None]:
    """Serve an app on 127.0.0.1 for the length of the block."""
    config = uvicorn.Config(app, port=port, log_config=None, lifespan=lifespan, ws="none")  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(None))
    await until(lambda: server.started or task.done(), what="the server listens")
    try:
        yield
    finally:
        server.should_exit = True
        await task


class StandInSources:
    """Identity, dossier and judicial-record, as far as the synchronisation asks them."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.reset()

    def reset(self) -> None:
        self.dossiers: dict[UUID, PortalDossier] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.is_away = False
        self.asked = 0

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post("/oauth2/token")
        async def token() -> Any:
            return {"access_token": "of-tests", "expires_in": 600, "token_type": "Bearer"}

        @app.get("/internal/v1/clients/{client_id}/keys")
        async def keys(client_id: str) -> Any:
            if client_id not in self.keys:
                return JSONResponse({"code": "not_found"}, 404)
            return {"client_id": client_id, "organisation": client_id, "jwks": self.keys[client_id]}

        @app.get("/internal/v1/portal-dossiers/{dossier_id}")
        async def dossier(dossier_id: UUID) -> Any:
            self.asked += 1
            if self.is_away:
                return JSONResponse({"code": "overloaded"}, 503)
            if dossier_id not in self.dossiers:
                return JSONResponse({"code": "not_found"}, 404)
            return self.dossiers[dossier_id].model_dump(mode="json")

        return app
