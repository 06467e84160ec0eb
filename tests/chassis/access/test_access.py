"""Routes are closed unless they say who may call them, and answer what api.md says to everybody else."""

from collections.abc import AsyncIterator
from typing import Annotated, ClassVar

import httpx2
import pytest
from fastapi import APIRouter, Depends

from chassis.access import RouteWithoutAccess, access_table, allow, public
from chassis.app import create_service_app
from chassis.auth import Actor
from chassis.schemas import ResponseModel
from chassis.settings import ServiceSettings
from chassis.testing import MemoryKeys, bearer, make_settings, make_token, make_verifier, service_client


class ThingsSettings(ServiceSettings, env_prefix="LIENTHONG_THINGS_"):
    service: ClassVar[str] = "things"


class Seen(ResponseModel):
    subject: str


Reader = Annotated[Actor, allow(kinds={"citizen"}, scope="health.read", acr=2, rows="own")]
Sender = Annotated[
    Actor, allow(kinds={"system"}, roles={"facility_system"}, scope="health.submit", rows="facility")
]
Peer = Annotated[Actor, allow(kinds={"service"}, scope="people.resolve", audience="internal")]

router = APIRouter()


@router.get("/v1/me/things")
async def list_things(actor: Reader) -> Seen:
    return Seen(subject=actor.subject)


@router.get("/v1/sent-things")
async def list_sent_things(actor: Sender) -> Seen:
    return Seen(subject=actor.subject)


@router.get("/internal/v1/things")
async def list_internal_things(actor: Peer) -> Seen:
    return Seen(subject=actor.subject)


@router.get("/v1/open-things", dependencies=[public("a test")])
async def list_open_things() -> Seen:
    return Seen(subject="nobody")


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = create_service_app(
        make_settings(ThingsSettings),
        title="Things",
        routers=[router],
        keys=MemoryKeys(),
        verifier=make_verifier("things"),
    )
    async with service_client(app) as client:
        yield client


READ = {"scopes": ["health.read"]}
SEND = {
    "kind": "system",
    "client_id": "his-99999",
    "scopes": ["health.submit"],
    "roles": ["facility_system"],
    "organisation": "99999",
}
RESOLVE = {
    "kind": "service",
    "client_id": "svc-other",
    "scopes": ["people.resolve"],
    "audience": "urn:lienthong:things",
}


@pytest.mark.parametrize(
    ("path", "token", "status", "code"),
    [
        ("/v1/me/things", READ, 200, None),
        ("/v1/me/things", {"scopes": []}, 403, "scope_missing"),
        ("/v1/me/things", {**READ, "level": 1}, 401, "insufficient_user_authentication"),
        ("/v1/me/things", {**READ, "level": None}, 401, "insufficient_user_authentication"),
        ("/v1/me/things", {**READ, **SEND}, 403, "role_missing"),
        ("/v1/me/things", {**READ, "audience": "urn:lienthong:things"}, 401, "token_invalid"),
        ("/v1/me/things", {**READ, "audience": "urn:lienthong:other"}, 401, "token_invalid"),
        ("/v1/sent-things", SEND, 200, None),
        ("/v1/sent-things", {**SEND, "roles": []}, 403, "role_missing"),
        ("/v1/sent-things", {**SEND, "scopes": ["health.read"]}, 403, "scope_missing"),
        ("/v1/sent-things", READ, 403, "role_missing"),
        ("/internal/v1/things", RESOLVE, 200, None),
        ("/internal/v1/things", {**RESOLVE, "audience": "http://lienthong.test"}, 401, "token_invalid"),
        ("/internal/v1/things", {**RESOLVE, "kind": "system"}, 403, "role_missing"),
        ("/internal/v1/things", READ, 401, "token_invalid"),
    ],
)
async def test_each_actor_meets_the_rule(
    client: httpx2.AsyncClient, path: str, token: dict[str, object], status: int, code: str | None
) -> None:
    answer = await client.get(path, headers=bearer(make_token(**token)))

    assert (answer.status_code, answer.json().get("code")) == (status, code)


async def test_no_token_is_401_with_a_challenge(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/me/things")

    assert answer.json()["code"] == "token_missing"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_step_up_names_the_level(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/me/things", headers=bearer(make_token(**READ, level=1)))

    assert 'error="insufficient_user_authentication"' in answer.headers["www-authenticate"]
    assert 'acr_values="urn:vneid:level:2"' in answer.headers["www-authenticate"]


async def test_missing_scope_is_named(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/me/things", headers=bearer(make_token()))

    assert 'scope="health.read"' in answer.headers["www-authenticate"]


async def test_open_route_needs_no_token(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v1/open-things")).json() == {"subject": "nobody"}


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/json", 200),
        ("application/*;q=0.1", 200),
        ("text/html, application/json;q=0.5", 200),
        ("text/html", 406),
        ("application/xml", 406),
        ("application/json;q=0, */*", 406),
        ("application/json;q=0.0", 406),
    ],
)
async def test_answers_that_nobody_accepts_are_406(
    client: httpx2.AsyncClient, accept: str, status: int
) -> None:
    answer = await client.get("/v1/open-things", headers={"accept": accept})

    assert answer.status_code == status
    if status == 406:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "not_acceptable"


def create(*routers: APIRouter) -> None:
    create_service_app(make_settings(ThingsSettings), title="Things", routers=routers, keys=MemoryKeys())


def test_route_without_rule_does_not_start() -> None:
    forgetful = APIRouter(prefix="/v1")

    @forgetful.get("/secrets/{thing_id}")
    async def get_secret(thing_id: str) -> Seen:
        return Seen(subject=thing_id)

    with pytest.raises(RouteWithoutAccess, match=r"GET /v1/secrets/\{thing_id\}"):
        create(router, forgetful)


def test_route_with_two_rules_does_not_start() -> None:
    undecided = APIRouter(dependencies=[public("open")])

    @undecided.get("/v1/secrets")
    async def get_secrets(actor: Reader) -> Seen:
        return Seen(subject=actor.subject)

    with pytest.raises(RouteWithoutAccess, match="2 rules"):
        create(undecided)


def test_rule_behind_another_dependency_counts() -> None:
    def find_subject(actor: Reader) -> str:
        return actor.subject

    nested = APIRouter()

    @nested.get("/v1/nested")
    async def get_nested(subject: Annotated[str, Depends(find_subject)]) -> Seen:
        return Seen(subject=subject)

    create(nested)


def test_mounted_app_does_not_start() -> None:
    mounted = APIRouter()
    mounted.mount("/files", app=lambda scope, receive, send: None)  # type: ignore[arg-type]  # never called

    with pytest.raises(RouteWithoutAccess, match="/files"):
        create(mounted)


def test_table_lists_every_route() -> None:
    app = create_service_app(
        make_settings(ThingsSettings), title="Things", routers=[router], keys=MemoryKeys()
    )

    table = {(entry.method, entry.path): str(entry.rule) for entry in access_table(app)}

    assert table[("GET", "/v1/me/things")] == (
        "audience=public kinds=citizen scope=health.read acr=2 rows=own"
    )
    assert table[("GET", "/v1/open-things")] == "public: a test"
    assert {path for _, path in table} >= {"/healthz", "/readyz", "/openapi.json"}


def test_rules_that_allow_nobody_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        allow(kinds=())
    with pytest.raises(ValueError, match="why"):
        public("")


def test_document_shows_security_and_problems() -> None:
    app = create_service_app(
        make_settings(ThingsSettings), title="Things", routers=[router], keys=MemoryKeys()
    )

    document = app.openapi()

    operation = document["paths"]["/v1/me/things"]["get"]
    assert operation["security"] == [{"bearer": ["health.read"]}]
    assert operation["operationId"] == "list_things"
    assert operation["responses"]["default"]["content"]["application/problem+json"]["schema"] == {
        "$ref": "#/components/schemas/Problem"
    }
    assert "security" not in document["paths"]["/v1/open-things"]["get"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
