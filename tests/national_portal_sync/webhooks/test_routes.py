"""A province's endpoint: told in order, signed afresh, tested, rotated, disabled, replayed."""

from typing import Any

from chassis.ids import new_id
from tests.national_portal_sync.conftest import Sync
from tests.national_portal_sync.factories import CODE, make_application_change, make_change, make_dossier

ENDPOINTS = "/v1/webhook-endpoints"


async def add_endpoint(sync: Sync) -> tuple[str, str]:
    """Return a new endpoint's id and its secret, which the province knows from now on."""
    body = {"url": f"{sync.peers.url}/sandbox/province/hook", "description": "một cửa"}
    answer = await sync.client.post(ENDPOINTS, json=body, headers=sync.province())
    assert answer.status_code == 201, answer.text
    made = answer.json()
    await sync.peers.http.put("/sandbox/api/province", json={"secrets": [made["secret"]]})
    return made["endpoint"]["id"], made["secret"]


async def got(sync: Sync, since: int) -> list[dict[str, Any]]:
    return (await sync.peers.messages())[since:]


async def test_province_is_told_each_status_in_order_and_can_verify_it(sync: Sync) -> None:
    await add_endpoint(sync)
    before = len(await sync.peers.messages())
    dossier_id = new_id()
    for statuses in ((1,), (1, 2), (1, 2, 4)):
        await sync.announce(make_change(dossier_id, make_dossier(*statuses)))
    await sync.drain()

    messages = await got(sync, before)
    assert all(message["is_verified"] for message in messages)
    events = [message["event"] for message in messages]
    assert [event["data"]["status"]["number"] for event in events] == [1, 2, 4]
    assert {event["subject"] for event in events} == {CODE}
    assert "Nguyễn Văn An" not in str(events)


async def test_dossier_of_an_agency_that_is_not_the_provinces_is_not_told(sync: Sync) -> None:
    await add_endpoint(sync)
    await sync.announce(make_application_change(new_id()))

    assert await sync.rows.fetchval("select count(*) from deliveries where peer like 'webhook/%'") == 0


async def test_secret_is_shown_once(sync: Sync) -> None:
    endpoint_id, secret = await add_endpoint(sync)
    shown = await sync.client.get(f"{ENDPOINTS}/{endpoint_id}", headers=sync.province())
    listed = await sync.client.get(ENDPOINTS, headers=sync.province())

    assert secret.startswith("whsec_")
    assert secret not in shown.text + listed.text
    assert listed.json()["items"][0]["agencies"] == ["G18", "H26"]
    assert secret.encode() not in await sync.rows.fetchval("select ciphertext from webhook_secrets")


async def test_attempts_have_one_id_and_each_its_own_signature(sync: Sync) -> None:
    endpoint_id, _ = await add_endpoint(sync)
    before = len(await sync.peers.messages())
    await sync.peers.fault("province", lose_next=1)
    await sync.client.post(f"{ENDPOINTS}/{endpoint_id}/pings", headers=sync.province())
    await sync.drain()
    await sync.retry()

    messages = await got(sync, before)
    assert len(messages) == 2
    assert len({message["webhook_id"] for message in messages}) == 1
    assert all(message["is_verified"] for message in messages)
    deliveries = await sync.client.get(f"{ENDPOINTS}/{endpoint_id}/deliveries", headers=sync.province())
    assert [(one["state"], one["attempts"]) for one in deliveries.json()["items"]] == [("delivered", 2)]
    assert deliveries.json()["items"][0]["id"] == messages[0]["webhook_id"]


async def test_both_secrets_sign_while_one_takes_the_others_place(sync: Sync) -> None:
    endpoint_id, old = await add_endpoint(sync)
    answer = await sync.client.post(
        f"{ENDPOINTS}/{endpoint_id}/secret-rotations", json={}, headers=sync.province()
    )
    new = answer.json()["secret"]
    assert len(answer.json()["endpoint"]["secrets"]) == 2
    for known in (old, new):
        await sync.peers.http.put("/sandbox/api/province", json={"secrets": [known]})
        before = len(await sync.peers.messages())
        await sync.client.post(f"{ENDPOINTS}/{endpoint_id}/pings", headers=sync.province())
        await sync.drain()
        assert [message["is_verified"] for message in await got(sync, before)] == [True]


async def test_third_secret_ends_the_first(sync: Sync) -> None:
    endpoint_id, _ = await add_endpoint(sync)
    for _ in range(2):
        answer = await sync.client.post(
            f"{ENDPOINTS}/{endpoint_id}/secret-rotations", json={}, headers=sync.province()
        )

    assert len(answer.json()["endpoint"]["secrets"]) == 2


async def test_receiver_that_is_gone_is_disabled_until_it_is_opened_again(sync: Sync) -> None:
    endpoint_id, _ = await add_endpoint(sync)
    await sync.peers.http.put("/sandbox/api/province", json={"is_gone": True})
    dossier_id = new_id()
    await sync.announce(make_change(dossier_id, make_dossier(1)))
    await sync.drain()
    shown = (await sync.client.get(f"{ENDPOINTS}/{endpoint_id}", headers=sync.province())).json()
    assert (shown["state"], shown["state_reason"]) == ("disabled", "http_410")
    ping = await sync.client.post(f"{ENDPOINTS}/{endpoint_id}/pings", headers=sync.province())
    assert ping.status_code == 409

    await sync.peers.http.put("/sandbox/api/province", json={"is_gone": False})
    await sync.client.post(f"{ENDPOINTS}/{endpoint_id}/activation", headers=sync.province())
    before = len(await sync.peers.messages())
    deliveries = await sync.client.get(f"{ENDPOINTS}/{endpoint_id}/deliveries", headers=sync.province())
    parked = deliveries.json()["items"][0]
    assert parked["state"] == "parked"
    answer = await sync.client.post(
        f"{ENDPOINTS}/{endpoint_id}/deliveries/{parked['id']}/replay", headers=sync.province()
    )
    await sync.drain()

    assert answer.status_code == 200
    assert [message["webhook_id"] for message in await got(sync, before)] == [parked["id"]]


async def test_deleted_endpoint_is_told_nothing_more(sync: Sync) -> None:
    endpoint_id, _ = await add_endpoint(sync)
    answer = await sync.client.delete(f"{ENDPOINTS}/{endpoint_id}", headers=sync.province())
    await sync.announce(make_change(new_id(), make_dossier(1)))

    assert answer.status_code == 204
    assert await sync.rows.fetchval("select count(*) from deliveries where peer like 'webhook/%'") == 0
    again = await sync.client.get(f"{ENDPOINTS}/{endpoint_id}", headers=sync.province())
    assert again.status_code == 404


async def test_another_systems_endpoint_is_not_there(sync: Sync) -> None:
    endpoint_id, _ = await add_endpoint(sync)
    await sync.announce(make_change(new_id(), make_dossier(1)))
    delivery_id = await sync.rows.fetchval("select delivery_id from deliveries where peer <> 'dvcqg'")
    other = f"{ENDPOINTS}/{endpoint_id}"
    calls = [
        ("GET", other),
        ("DELETE", other),
        ("POST", f"{other}/activation"),
        ("POST", f"{other}/pings"),
        ("GET", f"{other}/deliveries"),
        ("POST", f"{other}/deliveries/{delivery_id}/replay"),
    ]
    for method, path in calls:
        answer = await sync.client.request(method, path, headers=sync.province("tinh-khac"))
        assert answer.status_code == 404, path


async def test_delivery_of_the_portal_is_not_an_endpoints(sync: Sync) -> None:
    endpoint_id, _ = await add_endpoint(sync)
    await sync.announce(make_change(new_id(), make_dossier(1)))
    delivery_id = await sync.rows.fetchval("select delivery_id from deliveries where peer = 'dvcqg'")
    path = f"{ENDPOINTS}/{endpoint_id}/deliveries/{delivery_id}/replay"

    assert (await sync.client.post(path, headers=sync.province())).status_code == 404


async def test_inner_address_is_refused(sync: Sync) -> None:
    body = {"url": "https://169.254.169.254/latest"}
    answer = await sync.client.post(ENDPOINTS, json=body, headers=sync.province())

    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_url_refused")
    assert answer.json()["reason"] == "address"


async def test_eleventh_endpoint_is_refused(sync: Sync) -> None:
    for _ in range(10):
        await add_endpoint(sync)
    body = {"url": f"{sync.peers.url}/sandbox/province/hook"}
    answer = await sync.client.post(ENDPOINTS, json=body, headers=sync.province())

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_endpoints")
    page = (await sync.client.get(ENDPOINTS, params={"limit": 4}, headers=sync.province())).json()
    assert (len(page["items"]), page["next_cursor"] is None) == (4, False)
