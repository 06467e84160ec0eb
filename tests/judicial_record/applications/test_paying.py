"""Paying: one payment at a time; notices twice, late, forged, of another amount."""

import asyncio
from datetime import timedelta

import pytest

from chassis import http_signatures
from chassis.keys import SigningKey
from chassis.testing import PUBLIC_URL
from tests.judicial_record.conftest import NOTICES, OWN, Office
from tests.judicial_record.peers import PLATFORM_CLIENT, PLATFORM_KEY


async def opened(office: Office) -> tuple[str, str, dict[str, str]]:
    """Return address, code of the payment and headers of an application that waits for its fee."""
    person = office.person()
    application_id = await office.made(person)
    url, who = f"{OWN}/{application_id}", office.citizen(person)
    code = (await office.send(f"{url}/payments", {}, who)).json()["lookup_code"]
    return url, code, who


async def status(office: Office, url: str, who: dict[str, str]) -> str:
    found: str = (await office.client.get(url, headers=who)).json()["status"]
    return found


async def balance(office: Office) -> int:
    found: int = await office.rows.fetchval("select coalesce(sum(amount_vnd), 0) from ledger_entries")
    return found


async def test_payment_names_amount_lines_and_page(office: Office) -> None:
    person = office.person()
    application_id = await office.made(person, copies=3)

    answer = await office.send(f"{OWN}/{application_id}/payments", {}, office.citizen(person))

    payment = answer.json()
    assert answer.status_code == 201
    assert (payment["state"], payment["amount_vnd"]) == ("pending", 205_000)
    assert payment["pay_url"].endswith(payment["lookup_code"])
    asked = office.peers.intents[payment["lookup_code"]]
    assert asked["HoTenNguoiNop"] == person.name
    assert [line["SoTien"] for line in asked["DSKhoanNop"]] == [200_000, 5_000]
    assert asked["UrlThongBao"].endswith(NOTICES)


async def test_confirmed_payment_submits_the_application_and_starts_its_clock(office: Office) -> None:
    url, code, who = await opened(office)

    told = await office.tell(code, 200_000)

    assert (told.status_code, told.json()) == (200, {"error_code": 0, "outcome": "confirmed"})
    found = (await office.client.get(url, headers=who)).json()
    assert (found["status"], found["deadline"]["code"]) == ("submitted", "acceptance")
    assert [step["action"] for step in found["steps"]] == ["apply", "confirm_payment"]
    payment = (await office.client.get(f"{url}/payments", headers=who)).json()
    assert (payment["state"], payment["pay_url"]) == ("confirmed", None)
    assert await balance(office) == 0


async def test_same_notice_again_changes_nothing(office: Office) -> None:
    url, code, who = await opened(office)
    await office.tell(code, 200_000)
    events = await office.events()

    answers = await asyncio.gather(*(office.tell(code, 200_000) for _ in range(3)))

    assert {one.json()["outcome"] for one in answers} == {"already"}
    assert await status(office, url, who) == "submitted"
    assert await office.events() == events
    assert await balance(office) == 0


async def test_another_amount_settles_nothing(office: Office) -> None:
    url, code, who = await opened(office)

    told = await office.tell(code, 20_000)

    assert told.json()["outcome"] == "mismatch"
    assert await status(office, url, who) == "awaiting_payment"
    assert await balance(office) == 0
    again = (await office.send(f"{url}/payments", {}, who)).json()
    assert again["state"] == "pending"
    assert again["lookup_code"] != code


@pytest.mark.parametrize("forgery", ["key", "unsigned", "altered"])
async def test_forged_notice_is_refused(office: Office, forgery: str) -> None:
    url, code, who = await opened(office)

    if forgery == "key":
        told = await office.tell(code, 200_000, key=SigningKey.generate())
    elif forgery == "unsigned":
        notice = {"error_code": 0, "MaTraCuuTT": code, "MaGiaoDich": "SBX-1", "SoTien": 200_000}
        told = await office.client.post(NOTICES, json=notice)
    else:
        honest = await office.tell("G01-20261123-999999920261123100000", 1)
        body = honest.request.content.replace(b"G01-20261123-999999920261123100000", code.encode())
        told = await office.client.post(NOTICES, content=body, headers=_without_length(honest))

    assert told.status_code == 401
    assert told.json()["code"] in ("signature_invalid", "signature_missing")
    assert await status(office, url, who) == "awaiting_payment"


@pytest.mark.parametrize("body", [b"{}", b"no JSON", b""])
async def test_signature_is_judged_before_what_a_notice_says(office: Office, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    signed = http_signatures.sign(
        "POST", PUBLIC_URL + NOTICES, headers, body, key=PLATFORM_KEY, keyid=PLATFORM_CLIENT
    )

    unsigned = await office.client.post(NOTICES, content=body, headers=headers)
    honest = await office.client.post(NOTICES, content=body, headers=signed)

    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "signature_missing")
    assert honest.json()["code"] == ("invalid" if body == b"{}" else "malformed_body")


async def test_replayed_notice_is_refused(office: Office) -> None:
    _, code, _ = await opened(office)
    first = await office.tell(code, 200_000)

    again = await office.client.post(NOTICES, content=first.request.content, headers=_without_length(first))

    assert (again.status_code, again.json()["code"]) == (409, "signature_replayed")


async def test_unknown_code_is_not_there(office: Office) -> None:
    assert (await office.tell("G01-20261123-000009920261123100000", 200_000)).status_code == 404


async def test_failed_payment_leaves_the_application_waiting(office: Office) -> None:
    url, code, who = await opened(office)

    told = await office.tell(code, 0, error=-1)

    assert told.json()["outcome"] == "failed"
    assert await status(office, url, who) == "awaiting_payment"


async def test_opening_twice_answers_the_same_payment(office: Office) -> None:
    url, code, who = await opened(office)

    answers = await asyncio.gather(*(office.send(f"{url}/payments", {}, who) for _ in range(3)))

    assert {one.json()["lookup_code"] for one in answers} == {code}


async def test_nothing_is_paid_that_is_not_owed(office: Office) -> None:
    person = office.person(born_on="1960-08-15")
    free = await office.made(person)
    url, code, who = await opened(office)
    await office.tell(code, 200_000)

    answers = [
        await office.send(f"{OWN}/{free}/payments", {}, office.citizen(person)),
        await office.send(f"{url}/payments", {}, who),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "illegal_transition")] * 2


async def test_platform_away_is_settled_by_asking(office: Office) -> None:
    person = office.person()
    application_id = await office.made(person)
    office.peers.is_platform_away = True

    unknown = await office.send(f"{OWN}/{application_id}/payments", {}, office.citizen(person))

    assert (unknown.status_code, unknown.json()["state"]) == (201, "unknown")
    code = unknown.json()["lookup_code"]
    office.peers.is_platform_away = False
    office.peers.intents[code], office.peers.paid[code] = {}, 200_000
    await office.rows.execute("update payments set next_question_at = now() - interval '1 minute'")
    assert await office.app.state.application_payments.settle_open() == 1
    assert (await office.own(person, application_id))["status"] == "submitted"


async def test_payment_after_withdrawal_is_owed_back(office: Office) -> None:
    url, code, who = await opened(office)
    withdrawn = await office.send(f"{url}/withdrawal", {"reason": "Không cần nữa"}, who)

    told = await office.tell(code, 200_000)

    assert withdrawn.json()["status"] == "withdrawn"
    assert told.json()["outcome"] == "late"
    assert await status(office, url, who) == "withdrawn"
    assert await balance(office) == 0


async def test_unpaid_application_stops_after_its_time(office: Office) -> None:
    url, code, who = await opened(office)
    office.later(days=14)
    assert await office.watch() == 0

    office.later(days=2)

    assert await office.watch() == 1
    assert await office.watch() == 0
    stopped = (await office.client.get(url, headers=who)).json()
    assert (stopped["status"], stopped["national_status"]["number"]) == ("stopped", 8)
    assert stopped["reason"]
    assert (await office.tell(code, 200_000)).json()["outcome"] == "late"
    assert (await office.client.get(f"{url}/payments", headers=who)).json()["state"] == "expired"


async def test_payment_and_withdrawal_at_once_leave_one_truth(office: Office) -> None:
    url, code, who = await opened(office)

    told, withdrawn = await asyncio.gather(
        office.tell(code, 200_000), office.send(f"{url}/withdrawal", {}, who)
    )

    assert withdrawn.status_code == 200
    assert await status(office, url, who) == "withdrawn"
    assert told.json()["outcome"] in ("confirmed", "late")
    assert await balance(office) == 0
    assert office.clocks.offset == timedelta(0)


def _without_length(answer: object) -> dict[str, str]:
    headers = dict(answer.request.headers)  # type: ignore[attr-defined]
    headers.pop("content-length")
    return headers
