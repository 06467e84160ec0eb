"""A small service for the chassis's tests: things with a unique name, and routes that fail in every way."""

import sys
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import text

from chassis.access import allow, public
from chassis.app import create_service_app
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import IdempotencyKeyInFlight
from chassis.ids import new_id
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, Limit
from chassis.runner import ServiceDefinition, main
from chassis.schemas import RequestModel, ResponseModel
from chassis.settings import ServiceSettings
from chassis.testing import MemoryKeys, make_settings, make_verifier

BIG_BODY_BYTES = 2 << 20


class ThingsSettings(ServiceSettings, env_prefix="LIENTHONG_THINGS_"):
    service: ClassVar[str] = "chassis"


class ThingIn(RequestModel):
    name: str


class ThingOut(ResponseModel):
    id: UUID
    name: str


Writer = Annotated[Actor, allow(kinds={"citizen"})]

router = APIRouter(dependencies=[public("tests")])
guarded = APIRouter()


@router.post("/things", status_code=201)
async def record_thing(body: ThingIn, db: Db) -> ThingOut:
    """The unique name is checked at commit, so that the commit itself can fail."""
    thing_id = new_id()
    await db.execute(
        text("insert into things (id, name) values (:id, :name)"), {"id": thing_id, "name": body.name}
    )
    return ThingOut(id=thing_id, name=body.name)


@router.get("/things")
async def list_things(db: Db, limit: Limit = DEFAULT_LIMIT) -> list[str]:
    found = await db.execute(text("select name from things order by name limit :limit"), {"limit": limit})
    return list(found.scalars())


@router.put("/things/{thing_id}")
async def replace_thing(thing_id: UUID, body: ThingIn) -> ThingOut:
    return ThingOut(id=thing_id, name=body.name)


@router.post("/big", max_body_size=BIG_BODY_BYTES)
async def take_big(request: Request) -> int:
    return sum([len(chunk) async for chunk in request.stream()])


@router.get("/bug")
async def find_bug() -> None:
    raise KeyError("001085000017 of Nguyễn Văn An")


@router.get("/busy", responses=responses(IdempotencyKeyInFlight))
async def find_busy() -> None:
    raise IdempotencyKeyInFlight(headers={"retry-after": "1"})


@guarded.post("/guarded")
async def record_guarded(body: ThingIn, actor: Writer) -> ThingOut:
    return ThingOut(id=new_id(), name=body.name)


def create_app(settings: ThingsSettings | None = None) -> FastAPI:
    return create_service_app(
        settings or make_settings(ThingsSettings),
        title="Things",
        routers=[router, guarded],
        keys=MemoryKeys(),
        verifier=make_verifier("chassis"),
    )


def create_deaf_app(settings: ThingsSettings) -> FastAPI:
    """Return an app with a route that names nobody who may call it."""
    forgetful = APIRouter()

    @forgetful.get("/secret")
    async def get_secret() -> str:
        return "secret"

    return create_service_app(settings, title="Things", routers=[forgetful], keys=MemoryKeys())


def run(argv: list[str]) -> None:
    """Run a verb; `deaf` before it takes the app that must not start."""
    create = create_app
    if argv[0] == "deaf":
        create, argv = create_deaf_app, argv[1:]
    directory = Path(__file__).parent.parent / "chassis" / "migrations"
    main(ServiceDefinition("things", ThingsSettings, create, directory), argv)


if __name__ == "__main__":
    run(sys.argv[1:])
