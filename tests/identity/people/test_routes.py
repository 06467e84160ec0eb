"""Who may resolve people, and what may be asked."""

from typing import Any

import httpx2
import pytest

from chassis.testing import bearer
from tests.identity.factories import citizen_tokens, person_item, system_form

PATH = "/internal/v1/person-resolutions"


@pytest.fixture
async def headers(client: httpx2.AsyncClient) -> dict[str, str]:
    answer = await client.post("/oauth2/token", data=system_form("svc-health-book"))
    return bearer(answer.json()["access_token"])


async def test_a_service_resolves_people(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    body = {"items": [person_item(), person_item(ref="1", personal_id=None)]}

    answer = await client.post(PATH, json=body, headers=headers)

    first, second = answer.json()["items"]
    assert answer.status_code == 200
    assert (first["state"], first["reason"], first["warnings"]) == ("unconfirmed", None, [])
    assert second["citizen_id"] is None
    assert second["reason"]["code"] == "papers_insufficient"
    assert set(second["reason"]["message"]) == {"vi", "en"}


async def test_nulls_are_as_good_as_absent_members(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    item = person_item(other_papers=[], insurance_card=None, born_on=None, sex="unknown")

    answer = await client.post(PATH, json={"items": [item]}, headers=headers)

    assert answer.json()["items"][0]["state"] == "unconfirmed"


async def test_five_hundred_items_are_taken_and_one_more_is_not(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    items = [person_item(ref=str(n), personal_id=f"001085{n:06d}") for n in range(501)]

    most = await client.post(PATH, json={"items": items[:500]}, headers=headers)
    more = await client.post(PATH, json={"items": items}, headers=headers)

    assert (most.status_code, len(most.json()["items"])) == (200, 500)
    assert (more.status_code, more.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": "x"},
        {"items": [person_item(sex="other")]},
        {"items": [person_item(name=None)]},
        {"items": [person_item(personal_id=1085000017)]},
        {"items": [person_item(personal_id="1" * 65)]},
        {"items": [person_item(name="a" * 256)]},
        {"items": [person_item(surprise=1)]},
        {"items": [person_item(other_papers=[{"kind": "library_card", "number": "1"}])]},
    ],
)
async def test_what_breaks_the_contract_is_invalid_and_not_quoted(
    client: httpx2.AsyncClient, headers: dict[str, str], body: dict[str, Any]
) -> None:
    answer = await client.post(PATH, json=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "1085000017" not in answer.text


async def test_control_characters_are_dropped_and_broken_text_is_refused(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    """The database holds neither; one strange name must not lose the rest of a batch."""
    headers = {**headers, "content-type": "application/json"}
    body = b'{"items":[{"ref":"0","personal_id":"001085000017","name":"An%s"}]}'

    nul = await client.post(PATH, content=body % rb"\u0000", headers=headers)
    surrogate = await client.post(PATH, content=body % rb"\ud800", headers=headers)

    assert nul.json()["items"][0]["state"] == "unconfirmed"
    assert surrogate.status_code in (400, 422)


async def test_others_may_not_resolve_people(client: httpx2.AsyncClient) -> None:
    citizen = (await citizen_tokens(client))["access_token"]
    system = (await client.post("/oauth2/token", data=system_form("his-99999"))).json()["access_token"]
    body = {"items": [person_item()]}

    assert (await client.post(PATH, json=body)).json()["code"] == "token_missing"
    assert (await client.post(PATH, json=body, headers=bearer(citizen))).status_code in (401, 403)
    assert (await client.post(PATH, json=body, headers=bearer(system))).status_code in (401, 403)
