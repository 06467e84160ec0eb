"""The inbox: one notice per visit and version, newest first, read once and for good."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from chassis.db import Database
from chassis.ids import new_id
from chassis.testing import bearer
from contracts.envelope import Envelope
from contracts.events.health_book import VisitRecordedV1
from identity.app import CONSUMERS
from tests.identity.factories import citizen_tokens
from tests.identity.fake_vneid import FakeVNeID, make_person

INBOX = "/v1/me/notifications"
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def make_event(citizen_id: UUID, **overrides: Any) -> VisitRecordedV1:
    visit_id = overrides.get("visit_id", new_id())
    values = {
        "visit_id": visit_id,
        "citizen_id": citizen_id,
        "facility_code": "01001",
        "version": 1,
        "outcome": "recorded",
        "recorded_at": NOW,
        "detail_url": f"/v1/me/health-book/visits/{visit_id}",
        **overrides,
    }
    return VisitRecordedV1.model_validate(values)


async def tell(app: FastAPI, database: Database, event: VisitRecordedV1) -> None:
    """Hand an event to the function that the consumer is registered with."""
    (consumer,) = CONSUMERS
    envelope = Envelope(
        id=new_id(),
        source=event.source,
        type=event.event_type,
        subject=event.aggregate_id,
        time=NOW,
        sequence="0" * 20,
        data=event.model_dump(mode="json"),
    )
    async with database.transaction() as db:
        await consumer.events[VisitRecordedV1](db, event, envelope, app.state)


@pytest.fixture
async def citizen(client: httpx2.AsyncClient) -> tuple[UUID, dict[str, str]]:
    """The id and the headers of a signed-in citizen."""
    headers = bearer((await citizen_tokens(client))["access_token"])
    return UUID((await client.get("/v1/me", headers=headers)).json()["id"]), headers


async def items(client: httpx2.AsyncClient, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(INBOX, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_recorded_visit_is_told_of_without_saying_what_or_where(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, citizen: tuple[UUID, dict[str, str]]
) -> None:
    event = make_event(citizen[0])

    await tell(app, database, event)

    (item,) = await items(client, citizen[1])
    assert (item["kind"], item["detail_url"], item["read_at"]) == ("visit_recorded", event.detail_url, None)
    assert "01001" not in str(item)


async def test_words_come_in_the_language_asked_for(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, citizen: tuple[UUID, dict[str, str]]
) -> None:
    await tell(app, database, make_event(citizen[0]))

    vietnamese = await client.get(INBOX, headers=citizen[1])
    english = await client.get(INBOX, headers={**citizen[1], "accept-language": "en"})

    assert vietnamese.json()["items"][0]["title"] == "Sổ sức khỏe có lần khám mới"
    assert english.json()["items"][0]["title"] == "A new visit is in your health book"
    assert (vietnamese.headers["content-language"], english.headers["content-language"]) == ("vi", "en")


async def test_the_same_visit_twice_is_told_of_once(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, citizen: tuple[UUID, dict[str, str]]
) -> None:
    event = make_event(citizen[0])

    await tell(app, database, event)
    await tell(app, database, event)

    assert len(await items(client, citizen[1])) == 1


async def test_a_correction_is_told_of_beside_the_first_notice(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, citizen: tuple[UUID, dict[str, str]]
) -> None:
    visit_id = new_id()

    await tell(app, database, make_event(citizen[0], visit_id=visit_id))
    await tell(app, database, make_event(citizen[0], visit_id=visit_id, version=2, outcome="superseded"))

    kinds = [item["kind"] for item in await items(client, citizen[1])]
    assert kinds == ["visit_corrected", "visit_recorded"]


async def test_an_older_version_is_not_told_of_after_a_newer_one(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, citizen: tuple[UUID, dict[str, str]]
) -> None:
    visit_id = new_id()

    await tell(app, database, make_event(citizen[0], visit_id=visit_id, version=3, outcome="superseded"))
    await tell(app, database, make_event(citizen[0], visit_id=visit_id, version=2, outcome="superseded"))

    assert len(await items(client, citizen[1])) == 1


async def test_pages_follow_each_other_without_gap_or_repeat_while_news_arrive(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, citizen: tuple[UUID, dict[str, str]]
) -> None:
    for _ in range(7):
        await tell(app, database, make_event(citizen[0]))
    whole = [item["id"] for item in await items(client, citizen[1])]

    seen, cursor = [], None
    for _ in range(4):
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(INBOX, headers=citizen[1], params=query)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        await tell(app, database, make_event(citizen[0]))
        if cursor is None:
            break

    assert seen == whole
    assert whole == sorted(whole, reverse=True)


async def test_reading_is_noted_once_and_for_good(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, citizen: tuple[UUID, dict[str, str]]
) -> None:
    await tell(app, database, make_event(citizen[0]))
    await tell(app, database, make_event(citizen[0]))
    newest, other = await items(client, citizen[1])
    path = f"{INBOX}/{newest['id']}/read"

    first = await client.post(path, headers={**citizen[1], "idempotency-key": "1"})
    second = await client.post(path, headers={**citizen[1], "idempotency-key": "2"})

    assert first.json()["read_at"] is not None
    assert second.json()["read_at"] == first.json()["read_at"]
    assert [item["id"] for item in await items(client, citizen[1], unread="true")] == [other["id"]]


async def test_the_same_event_again_does_not_make_a_notice_unread(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, citizen: tuple[UUID, dict[str, str]]
) -> None:
    event = make_event(citizen[0])
    await tell(app, database, event)
    (item,) = await items(client, citizen[1])
    await client.post(f"{INBOX}/{item['id']}/read", headers={**citizen[1], "idempotency-key": "1"})

    await tell(app, database, event)

    assert await items(client, citizen[1], unread="true") == []


async def test_another_citizens_notice_is_not_there(
    client: httpx2.AsyncClient,
    app: FastAPI,
    database: Database,
    citizen: tuple[UUID, dict[str, str]],
    vneid: FakeVNeID,
) -> None:
    await tell(app, database, make_event(citizen[0]))
    (item,) = await items(client, citizen[1])
    vneid.person = make_person(
        sub="b", TechID="b", SoDinhDanh="046179000025", HoVaTen="Trần Thị Bình", GioiTinh="2"
    )
    other = bearer((await citizen_tokens(client))["access_token"])

    read = await client.post(f"{INBOX}/{item['id']}/read", headers={**other, "idempotency-key": "1"})

    assert (read.status_code, read.json()["code"]) == (404, "not_found")
    assert await items(client, other) == []
    assert (await items(client, citizen[1]))[0]["read_at"] is None


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"limit": "0"}, 422, "invalid"),
        ({"limit": "101"}, 422, "invalid"),
        ({"limit": "x"}, 422, "invalid"),
        ({"unread": "x"}, 422, "invalid"),
        ({"cursor": "x"}, 400, "malformed_cursor"),
        ({"cursor": "%00"}, 400, "malformed_cursor"),
    ],
)
async def test_bad_pages_are_refused(
    client: httpx2.AsyncClient,
    citizen: tuple[UUID, dict[str, str]],
    query: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = await client.get(INBOX, headers=citizen[1], params=query)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_cursor_fits_one_reader_and_one_list(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, citizen: tuple[UUID, dict[str, str]]
) -> None:
    for _ in range(2):
        await tell(app, database, make_event(citizen[0]))
    page = (await client.get(INBOX, headers=citizen[1], params={"limit": "1"})).json()

    other_list = await client.get(
        INBOX, headers=citizen[1], params={"cursor": page["next_cursor"], "unread": "true"}
    )

    assert other_list.json()["code"] == "malformed_cursor"


async def test_reading_an_inbox_touches_one_partition(database: Database) -> None:
    async with database.connection() as connection:
        plan = await connection.fetch(
            "explain select * from notifications where citizen_id = '01a205f3-8966-7485-8fab-9d39f289881b'"
            " order by notification_id desc limit 21"
        )

    assert len(set(re.findall(r" on (notifications_\d\d)", str(plan)))) == 1
