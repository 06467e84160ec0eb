"""Stand-ins for identity and the payment platform over real HTTP, with switches to be away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from chassis.keys import SigningKey
from tests.support.servers import free_port

PLATFORM_CLIENT = "thanh-toan"
PLATFORM_KEY = SigningKey.generate()


@dataclass(frozen=True)
class Person:
    """A person as the register has one."""

    citizen_id: UUID
    personal_id: str
    name: str
    born_on: str
    province_code: str = "01"
    is_confirmed: bool = True

    def document(self) -> dict[str, Any]:
        return {
            "citizen_id": str(self.citizen_id),
            "personal_id": self.personal_id,
            "name": self.name,
            "born_on": self.born_on,
            "sex": "male",
            "nationality": "VN",
            "residence": {
                "province_code": self.province_code,
                "commune_code": "00004",
                "text": "Số 12 phố Thử Nghiệm",
            },
            "confirmed": self.is_confirmed,
        }


class Peers:
    """Identity's facts and keys at its own paths, the payment platform below `/platform`."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.client_keys: dict[str, SigningKey] = {}
        self.reset()

    def reset(self) -> None:
        self.people: dict[UUID, Person] = {}
        self.client_keys = {PLATFORM_CLIENT: PLATFORM_KEY}
        self.intents: dict[str, dict[str, Any]] = {}
        self.is_identity_away = False
        self.conflicts: set[str] = set()
        self.is_platform_away = False
        self.paid: dict[str, int] = {}

    def _resolved(self, item: dict[str, Any]) -> dict[str, Any]:
        number = item.get("personal_id")
        if number in self.conflicts:
            return {"ref": item["ref"], "citizen_id": None, "state": "conflict"}
        person = next((one for one in self.people.values() if one.personal_id == number), None)
        if person is None:
            return {"ref": item["ref"], "citizen_id": None, "state": "insufficient"}
        return {"ref": item["ref"], "citizen_id": str(person.citizen_id), "state": "confirmed"}

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post("/oauth2/token")
        async def token() -> Any:
            return {"access_token": "of-tests", "expires_in": 600, "token_type": "Bearer"}

        @app.post("/internal/v1/person-facts")
        async def facts(request: Request) -> Any:
            if self.is_identity_away:
                return JSONResponse({"code": "overloaded"}, 503)
            asked = [UUID(one) for one in (await request.json())["citizen_ids"]]
            return {
                "items": [self.people[one].document() for one in asked if one in self.people],
                "missing": [str(one) for one in asked if one not in self.people],
            }

        @app.post("/internal/v1/person-resolutions")
        async def resolve(request: Request) -> Any:
            if self.is_identity_away:
                return JSONResponse({"code": "overloaded"}, 503)
            return {"items": [self._resolved(item) for item in (await request.json())["items"]]}

        @app.get("/internal/v1/clients/{client_id}/keys")
        async def keys(client_id: str) -> Any:
            key = self.client_keys.get(client_id)
            if key is None:
                return JSONResponse({"code": "not_found"}, 404)
            return {"client_id": client_id, "organisation": None, "jwks": {"keys": [key.public_jwk()]}}

        @app.post("/platform/intents")
        async def open_intent(request: Request) -> Any:
            if self.is_platform_away:
                return JSONResponse({"error": "down"}, 503)
            asked = await request.json()
            self.intents[asked["MaTraCuuTT"]] = asked
            return {"error_code": 0, "UrlThanhToan": f"{self.url}/pay/{asked['MaTraCuuTT']}"}

        @app.get("/platform/intents/{code}")
        async def find_intent(code: str) -> Any:
            if self.is_platform_away:
                return JSONResponse({"error": "down"}, 503)
            if code not in self.intents:
                return {"error_code": -2, "MaTraCuuTT": code}
            return {
                "error_code": 0 if code in self.paid else 1,
                "MaTraCuuTT": code,
                "MaGiaoDich": f"SBX-{code}",
                "SoTien": self.paid.get(code, 0),
                "UrlThanhToan": f"{self.url}/pay/{code}",
            }

        return app

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Peers"]:
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
