"""Every error answer is a problem, in the language asked for, with the status and code of the contract."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest

from chassis.testing import bearer, make_settings, make_token, service_client
from contracts.problem import Problem as ProblemOut
from tests.support import things

JSON = {"content-type": "application/json"}


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with service_client(things.create_app()) as client:
        yield client


def problem_in(answer: httpx2.Response) -> ProblemOut:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    problem = ProblemOut.model_validate_json(answer.content)
    assert problem.status == answer.status_code
    assert problem.trace_id is None or len(problem.trace_id) == 32
    return problem


CASES = [
    ("GET", "/nowhere", {}, 404, "not_found"),
    ("GET", "/things/", {}, 404, "not_found"),
    ("DELETE", "/things", {}, 405, "method_not_allowed"),
    ("TRACE", "/things", {}, 405, "method_not_allowed"),
    ("POST", "/things", {"content": b"{", "headers": JSON}, 400, "malformed_body"),
    ("POST", "/things", {"content": b"", "headers": JSON}, 400, "malformed_body"),
    ("POST", "/things", {"content": b'{"name": "\xff"}', "headers": JSON}, 400, "malformed_body"),
    ("POST", "/things", {"content": b"[" * 100_000, "headers": JSON}, 400, "malformed_body"),
    (
        "POST",
        "/things",
        {"content": b'{"name": ' + b"9" * 5000 + b"}", "headers": JSON},
        400,
        "malformed_body",
    ),
    ("POST", "/things", {"content": b"name=a"}, 415, "unsupported_media_type"),
    (
        "POST",
        "/things",
        {"content": b"<a/>", "headers": {"content-type": "application/xml"}},
        415,
        "unsupported_media_type",
    ),
    ("POST", "/things", {"json": {}}, 422, "invalid"),
    ("POST", "/things", {"json": []}, 422, "invalid"),
    ("POST", "/things", {"content": b"null", "headers": JSON}, 422, "invalid"),
    ("POST", "/things", {"content": b'"text"', "headers": JSON}, 422, "invalid"),
    ("POST", "/things", {"content": b'{"name": NaN}', "headers": JSON}, 422, "invalid"),
    ("POST", "/things", {"content": b'{"name": "\\ud800"}', "headers": JSON}, 422, "invalid"),
    ("GET", "/things?limit=101", {}, 422, "invalid"),
    ("GET", "/things?limit=0", {}, 422, "invalid"),
    ("GET", "/things?limit=ten", {}, 422, "invalid"),
    ("PUT", "/things/not-an-id", {"json": {"name": "a"}}, 422, "invalid"),
    ("GET", "/busy", {}, 409, "idempotency_key_in_flight"),
    ("GET", "/bug", {}, 500, "internal_error"),
    ("GET", "/things", {"headers": {"accept": "text/csv"}}, 406, "not_acceptable"),
    ("GET", "/things", {"headers": {"x-padding": "x" * 40_000}}, 431, "headers_too_large"),
    ("POST", "/things", {"content": b"x" * ((1 << 20) + 1), "headers": JSON}, 413, "body_too_large"),
    ("POST", "/big", {"content": b"x" * (things.BIG_BODY_BYTES + 1)}, 413, "body_too_large"),
]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    CASES,
    ids=[f"{c[0]} {c[1]} {c[4]} {i}" for i, c in enumerate(CASES)],
)
async def test_every_failure_is_a_problem(
    client: httpx2.AsyncClient,
    method: str,
    path: str,
    sent: dict[str, object],
    status: int,
    code: str,
    language: str,
) -> None:
    given = sent.get("headers")
    headers = {**(given if isinstance(given, dict) else {}), "accept-language": language}

    answer = await client.request(method, path, **{**sent, "headers": headers})  # type: ignore[arg-type]  # a table

    problem = problem_in(answer)
    assert (answer.status_code, problem.code) == (status, code)
    assert answer.headers["content-language"] == language
    assert problem.instance == path.split("?")[0]


async def test_405_names_the_methods_of_the_whole_path(client: httpx2.AsyncClient) -> None:
    answer = await client.patch("/things", json={})

    assert answer.headers["allow"] == "GET, POST"


async def test_415_names_the_type_that_is_taken(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/things", content=b"a")).headers["accept"] == "application/json"


async def test_field_errors_have_pointers_and_no_input(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/things", json={"name": 1085000017, "personal_id": "001085000017"})

    errors = {(error.pointer, error.code) for error in problem_in(answer).errors}
    assert errors == {("/name", "string_type"), ("/personal_id", "extra_forbidden")}
    assert "1085000017" not in answer.text


async def test_500_says_nothing_of_the_cause(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/bug")

    assert "001085000017" not in answer.text
    assert "KeyError" not in answer.text
    assert problem_in(answer).fault == "us"


async def test_bodies_up_to_the_route_limit_are_taken(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/big", content=b"x" * things.BIG_BODY_BYTES)).json() == things.BIG_BODY_BYTES


async def test_body_without_length_meets_the_limit_too(client: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 65_536

    answer = await client.post("/big", content=endless())

    assert problem_in(answer).code == "body_too_large"


async def test_unreadable_body_of_a_stranger_is_401(client: httpx2.AsyncClient) -> None:
    for content in (b"{", b""):
        answer = await client.post("/guarded", content=content, headers=JSON)
        assert problem_in(answer).code == "token_missing"

    known = await client.post("/guarded", content=b"{", headers={**JSON, **bearer(make_token())})

    assert problem_in(known).code == "malformed_body"


@pytest.mark.parametrize("given", ["abc-123", "a" * 128])
async def test_request_id_is_echoed(client: httpx2.AsyncClient, given: str) -> None:
    answer = await client.get("/healthz", headers={"x-request-id": given})

    assert answer.headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize("given", ["", "a" * 129, "a b", "a\tb"])
async def test_request_id_is_made_when_missing_or_unfit(client: httpx2.AsyncClient, given: str) -> None:
    answer = await client.get("/healthz", headers={"x-request-id": given} if given else {})

    assert answer.headers["x-request-id"] not in ("", given)


async def test_document_lists_the_problems_of_a_route(client: httpx2.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()

    busy = document["paths"]["/busy"]["get"]["responses"]["409"]["content"]["application/problem+json"]
    assert busy["examples"]["idempotency_key_in_flight"]["value"]["code"] == "idempotency_key_in_flight"
    assert document["openapi"].startswith("3.1")
    assert json.dumps(document).count("HTTPValidationError") == 0


async def test_bodies_held_at_once_are_bounded_and_given_back() -> None:
    app = things.create_app(make_settings(things.ThingsSettings, max_held_body_bytes=1 << 20))
    arrived, goes_on = asyncio.Event(), asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield b"x" * (700 << 10)
        arrived.set()
        await goes_on.wait()
        yield b"x"

    thing = {"name": "a", "note": "x" * (500 << 10)}
    async with service_client(app) as client:
        slow = asyncio.create_task(client.post("/big", content=slow_body()))
        await arrived.wait()
        refused = [
            await client.post("/big", content=b"x" * (500 << 10)),
            await client.post("/things", json=thing),
        ]
        small = await client.post("/big", content=b"x")
        goes_on.set()
        taken = await slow
        again = await client.post("/big", content=b"x" * (500 << 10))

    assert [problem_in(answer).code for answer in refused] == ["overloaded", "overloaded"]
    assert all(answer.headers["retry-after"] for answer in refused)
    assert [answer.json() for answer in (small, taken, again)] == [1, (700 << 10) + 1, 500 << 10]
