"""A stand-in for the payment platform over real HTTP, with the key that signs its notices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI, Request

from chassis.http_signatures import sign
from chassis.keys import SigningKey
from chassis.testing import PUBLIC_URL
from tests.support.servers import free_port
from tests.support.waiting import until

NOTICES = "/v1/dossier-payments/notices"


class StandInPlatform:
    """Takes intents, says what became of them, and makes signed notices."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.key = SigningKey.generate()
        self.intents: dict[str, dict[str, Any]] = {}
        self.paid: set[str] = set()

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post("/intents")
        async def open_intent(request: Request) -> Any:
            body = await request.json()
            self.intents[body["MaTraCuuTT"]] = body
            return {"error_code": 0, "UrlThanhToan": f"{self.url}/pay/{body['MaTraCuuTT']}"}

        @app.get("/intents/{code}")
        async def find(code: str) -> Any:
            if code not in self.intents:
                return {"error_code": -2, "MaTraCuuTT": code}
            return orjson.loads(self.notice(code, 0 if code in self.paid else 1))

        return app

    def notice(
        self, code: str, error_code: int = 0, amount_vnd: int | None = None, reference: str | None = None
    ) -> bytes:
        """Return the body of a notice."""
        amount = self.intents[code]["SoTien"] if amount_vnd is None else amount_vnd
        return orjson.dumps(
            {
                "MaTraCuuTT": code,
                "MaGiaoDich": reference or f"SBX-{code[-6:]}",
                "SoTien": amount,
                "error_code": error_code,
            }
        )

    def signed(self, body: bytes, key: SigningKey | None = None) -> dict[str, str]:
        """Return the headers of a notice as the platform signs it, or somebody else."""
        headers = {"content-type": "application/json"}
        return sign("POST", f"{PUBLIC_URL}{NOTICES}", headers, body, key=key or self.key, keyid="thanh-toan")

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["StandInPlatform"]:
        host, port = self.url.removeprefix("http://").split(":")
        config = uvicorn.Config(
            self.app(), host=host, port=int(port), log_config=None, lifespan="off", ws="none"
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve(None))
        await until(lambda: server.started, what="the platform listens")
        yield self
        server.should_exit = True
        await task
