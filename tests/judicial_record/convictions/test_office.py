"""An officer's reading of a record: by the office of the application only, and never without a trace."""

from uuid import UUID

import httpx2

from chassis.ids import new_id
from chassis.testing import bearer, make_token
from tests.judicial_record.convictions.conftest import Base
from tests.judicial_record.convictions.factories import judgment
from tests.judicial_record.peers import Person

HA_NOI = "lltp-ha-noi"


async def apply(base: Base, person: Person) -> UUID:
    citizen = bearer(make_token(subject=str(person.citizen_id), scopes={"judicial.apply"}))
    body = {"form": 1, "purpose": "Xin việc làm", "delivery": "electronic"}
    headers = {**citizen, "idempotency-key": str(new_id())}
    answer = await base.client.post("/v1/me/judicial-record-applications", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def read(base: Base, application_id: UUID, office: str = HA_NOI, **headers: str) -> httpx2.Response:
    officer = make_token(
        kind="staff", roles={"judicial_officer"}, organisation=office, scopes={"judicial.work"}
    )
    path = f"/v1/judicial-record-applications/{application_id}/record"
    return await base.client.get(path, headers={**bearer(officer), **headers})


async def traces(base: Base, person: Person) -> list[tuple[str, list[str]]]:
    found = await base.rows.fetch(
        "select outcome, sections from access_entries where citizen_id = $1 and actor_kind = 'staff'",
        person.citizen_id,
    )
    return [tuple(row) for row in found]


async def test_officer_of_the_office_reads_and_leaves_a_trace(base: Base) -> None:
    binh = base.person()
    await base.sent(judgment())
    application_id = await apply(base, binh)

    answer = await read(base, application_id)

    record = answer.json()
    assert (answer.status_code, record["citizen_id"]) == (200, str(binh.citizen_id))
    assert [one["reference"] for one in record["judgments"]] == ["12/2014/HS-ST"]
    assert record["findings"][0]["status"] == "not_expunged"
    assert await traces(base, binh) == [("allowed", ["convictions"])]
    again = await read(base, application_id, **{"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_other_office_learns_nothing_and_the_attempt_is_kept(base: Base) -> None:
    binh = base.person()
    application_id = await apply(base, binh)

    answer = await read(base, application_id, office="lltp-da-nang")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await traces(base, binh) == [("refused", [])]


async def test_unknown_application_is_not_there(base: Base) -> None:
    assert (await read(base, new_id())).status_code == 404


async def test_open_question_is_shown_with_its_clock(base: Base) -> None:
    binh = base.person()
    application_id = await apply(base, binh)
    async with base.app.state.database.transaction() as db:
        await base.app.state.convictions.request_verification(
            db, application_id, binh.citizen_id, reason="Xác minh", requested_by="officer"
        )

    shown = (await read(base, application_id)).json()["verifications"]
    assert {(one["source"], one["state"], one["is_overdue"]) for one in shown} == {
        ("toa-an", "queued", False),
        ("cong-an", "queued", False),
    }

    base.clocks.set_offset(30 * 86_400)
    later = (await read(base, application_id)).json()["verifications"]
    assert all(one["is_overdue"] for one in later)
