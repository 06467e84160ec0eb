"""A stand-in for identity over real HTTP: the same wire shapes, people by number, and a switch to be away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from chassis.ids import new_id
from tests.support.servers import free_port


class StandInIdentity:
    """Answers person resolutions: one citizen per personal number, nobody without one."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.reset()

    def reset(self) -> None:
        self.citizens: dict[str, UUID] = {}
        self.conflicts: set[str] = set()
        self.unconfirmed: set[str] = set()
        self.is_away = False
        self.asked: list[dict[str, Any]] = []

    def citizen(self, personal_id: str) -> UUID:
        return self.citizens.setdefault(personal_id, new_id())

    def answer(self, item: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(item)
        number = item["personal_id"]
        if number in self.conflicts:
            state, citizen_id = "conflict", None
        elif number is None:
            state, citizen_id = "insufficient", None
        else:
            state = "unconfirmed" if number in self.unconfirmed else "confirmed"
            citizen_id = str(self.citizen(number))
        return {"ref": item["ref"], "citizen_id": citizen_id, "state": state, "reason": None, "warnings": []}

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post("/oauth2/token")
        async def token() -> Any:
            return {"access_token": "of-tests", "expires_in": 600, "token_type": "Bearer"}

        @app.post("/internal/v1/person-resolutions")
        async def resolve(request: Request) -> Any:
            if self.is_away:
                return JSONResponse({"code": "overloaded"}, 503)
            body = await request.json()
            return {"items": [self.answer(item) for item in body["items"]]}

        return app

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["StandInIdentity"]:
        host, port = self.url.removeprefix("http://").split(":")
        config = uvicorn.Config(
            self.app(), host=host, port=int(port), log_config=None, lifespan="off", ws="none"
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve(None))
        while not server.started:
            await asyncio.wait({task}, timeout=0.01)
        yield self
        server.should_exit = True
        await task
