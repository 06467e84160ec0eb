"""A day compared with the portal: equal when all is well, each difference named, mended by replay."""

from typing import Any

from chassis.ids import new_id
from tests.national_portal_sync.conftest import Sync
from tests.national_portal_sync.factories import DAY, make_change, make_dossier

PATH = "/v1/sync/reconciliations"
CODES = [f"G18-20261123-{number:07d}" for number in (1, 2, 3)]


async def told(sync: Sync, code: str, **overrides: Any) -> None:
    dossier_id, dossier = new_id(), make_dossier(1, 2, code=code, **overrides)
    sync.sources.dossiers[dossier_id] = dossier
    await sync.announce(make_change(dossier_id, dossier))
    await sync.drain()


async def reconcile(sync: Sync, *, repair: bool = False, day: str = DAY) -> dict[str, Any]:
    body = {"peer": "dvcqg", "day": day, "repair": repair}
    answer = await sync.client.post(PATH, json=body, headers=sync.operator())
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def kinds(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["code"], one["kind"]) for one in found["differences"]]


async def test_equal_sides_have_equal_counts_and_digests(sync: Sync) -> None:
    for code in CODES:
        await told(sync, code)
    found = await reconcile(sync)

    assert found["ours"] == found["theirs"]
    assert (found["ours"]["count"], found["difference_count"]) == (3, 0)


async def test_another_day_is_empty(sync: Sync) -> None:
    await told(sync, CODES[0])

    assert (await reconcile(sync, day="2026-11-24"))["ours"]["count"] == 0


async def test_each_difference_is_named(sync: Sync) -> None:
    await told(sync, CODES[0])
    await told(sync, CODES[1])
    await told(sync, CODES[2], field_code="")
    await sync.peers.http.delete(f"/sandbox/api/dvcqg/dossiers/{CODES[0]}")
    portal = sync.app.state.daily_lists["dvcqg"]
    await portal.tell(make_dossier(1, code=CODES[1]), await portal.ask(make_dossier(1, code=CODES[1])))
    stranger = make_dossier(1, code="G18-20261123-9999999")
    await portal.tell(stranger, await portal.ask(stranger))

    found = await reconcile(sync)

    assert kinds(found) == [
        (CODES[0], "missing_at_peer"),
        (CODES[1], "content_differs"),
        (CODES[2], "not_delivered"),
        ("G18-20261123-9999999", "unknown_to_us"),
    ]
    assert found["differences"][2]["state"] == "parked"
    assert found["ours"]["digest"] != found["theirs"]["digest"]
    assert found["replayed_count"] == 0


async def test_repair_replays_what_is_ours_and_the_sides_agree_then(sync: Sync) -> None:
    for code in CODES:
        await told(sync, code)
    await sync.peers.http.delete(f"/sandbox/api/dvcqg/dossiers/{CODES[0]}")
    assert (await reconcile(sync))["differences"][0]["replayed"] is False

    found = await reconcile(sync, repair=True)
    assert (found["replayed_count"], found["differences"][0]["replayed"]) == (1, True)
    await sync.drain()

    again = await reconcile(sync)
    assert (again["difference_count"], again["ours"]) == (0, again["theirs"])
    assert await sync.peers.statuses(CODES[0]) == ["1", "2"]


async def test_reconciliations_are_kept_and_listed(sync: Sync) -> None:
    await told(sync, CODES[0])
    made = [await reconcile(sync) for _ in range(3)]
    first = (await sync.client.get(PATH, params={"limit": 2}, headers=sync.operator())).json()
    rest = await sync.client.get(
        PATH, params={"limit": 2, "cursor": first["next_cursor"]}, headers=sync.operator()
    )

    listed = [one["id"] for one in first["items"] + rest.json()["items"]]
    assert listed == [one["id"] for one in reversed(made)]
    other = await sync.client.get(PATH, params={"day": "2026-01-01"}, headers=sync.operator())
    assert other.json()["items"] == []


async def test_portal_that_is_away_is_no_empty_list(sync: Sync) -> None:
    await told(sync, CODES[0])
    await sync.peers.fault("dvcqg", fail_next=5)
    body = {"peer": "dvcqg", "day": DAY}
    answer = await sync.client.post(PATH, json=body, headers=sync.operator())

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert await sync.rows.fetchval("select count(*) from reconciliations") == 0
