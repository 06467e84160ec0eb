"""A stand-in for identity and the portal's synchronisation over real HTTP: the wire shapes of both."""

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
from tests.support.waiting import until

NAMES = {
    "an": ("001085000017", "Nguyễn Văn An"),
    "binh": ("046179000025", "Trần Thị Bình"),
    "chi": ("046316000031", "Trần Gia Chi"),
    "dung": ("079092000042", "Lê Hoàng Dũng"),
    "giam-doc": ("001077000152", "Lý Quốc Đạt"),
    "nhan-vien": ("001191000160", "Phan Thị Ngân"),
    "mot-cua": ("001190000105", "Ngô Lan Anh"),
    "cb-son": ("001082000089", "Đỗ Hoàng Sơn"),
    "ld-mai": ("001175000097", "Nguyễn Thị Mai"),
    "danh-muc": ("001188000186", "Bùi Thu Trang"),
}


class StandInIdentity:
    """Answers facts of people and of the one company, person resolutions, and inbound dossiers."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._people = {name: new_id() for name in NAMES}
        self.company_id = new_id()
        self.reset()

    def reset(self) -> None:
        self.is_away = False
        self.asked: list[dict[str, Any]] = []
        self.inbound: dict[str, dict[str, Any]] = {}

    def person(self, name: str) -> UUID:
        return self._people[name]

    def facts(self, citizen_id: str) -> dict[str, Any] | None:
        for name, (number, full) in NAMES.items():
            if str(self._people[name]) == citizen_id:
                return {
                    "citizen_id": citizen_id,
                    "personal_id": number,
                    "name": full,
                    "born_on": "1985-03-12",
                    "sex": "unknown",
                    "nationality": "VN",
                    "residence": {
                        "province_code": "01",
                        "commune_code": "00004",
                        "text": "Số 12 phố Thử Nghiệm",
                    },
                    "confirmed": True,
                }
        return None

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post("/oauth2/token")
        async def token() -> Any:
            return {"access_token": "of-tests", "expires_in": 600, "token_type": "Bearer"}

        @app.post("/internal/v1/person-facts")
        async def person_facts(request: Request) -> Any:
            body = await request.json()
            self.asked.append(body)
            if self.is_away:
                return JSONResponse({"code": "overloaded"}, 503)
            found = {one: self.facts(one) for one in body["citizen_ids"]}
            return {
                "items": [facts for facts in found.values() if facts],
                "missing": [one for one, facts in found.items() if not facts],
            }

        @app.post("/internal/v1/organisation-facts")
        async def organisation_facts(request: Request) -> Any:
            body = await request.json()
            if self.is_away:
                return JSONResponse({"code": "overloaded"}, 503)
            company = {
                "organisation_id": str(self.company_id),
                "tax_code": "0100000010",
                "name": "Công ty TNHH Dược Mẫu",
                "address": "Số 1 phố Thử Nghiệm",
                "representative_citizen_id": str(self.person("giam-doc")),
            }
            asked = body.get("organisation_ids", [])
            is_asked = str(self.company_id) in asked or "0100000010" in body.get("tax_codes", [])
            return {
                "items": [company] if is_asked else [],
                "missing": [one for one in asked if one != str(self.company_id)],
            }

        @app.post("/internal/v1/person-resolutions")
        async def resolve(request: Request) -> Any:
            by_number = {number: str(self._people[name]) for name, (number, _) in NAMES.items()}
            items = (await request.json())["items"]
            return {
                "items": [
                    {"ref": i["ref"], "citizen_id": by_number.get(i["personal_id"]), "state": "confirmed"}
                    for i in items
                ]
            }

        @app.get("/internal/v1/inbound-dossiers/{inbound_id}")
        async def inbound(inbound_id: str) -> Any:
            found = self.inbound.get(inbound_id)
            return found if found is not None else JSONResponse({"code": "not_found"}, 404)

        return app

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["StandInIdentity"]:
        host, port = self.url.removeprefix("http://").split(":")
        config = uvicorn.Config(
            self.app(), host=host, port=int(port), log_config=None, lifespan="off", ws="none"
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve(None))
        await until(lambda: server.started, what="the stand-in listens")
        yield self
        server.should_exit = True
        await task
