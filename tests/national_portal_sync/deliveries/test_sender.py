"""Dossiers reach the portal in order, once, whatever happens on the way."""

from uuid import UUID

from chassis.ids import new_id
from tests.national_portal_sync.conftest import Sync
from tests.national_portal_sync.factories import CODE, make_change, make_dossier


async def change(sync: Sync, dossier_id: UUID, *statuses: int, **overrides: object) -> None:
    """Let a dossier stand where `statuses` end, and announce its newest change."""
    dossier = make_dossier(*statuses, **overrides)
    sync.sources.dossiers[dossier_id] = dossier
    await sync.announce(make_change(dossier_id, dossier))


async def test_new_dossier_and_its_changes_are_told_in_order(sync: Sync) -> None:
    dossier_id = new_id()
    for statuses in ((1,), (1, 2), (1, 2, 4)):
        await change(sync, dossier_id, *statuses)
        await sync.drain()

    assert await sync.peers.statuses(CODE) == ["1", "2", "4"]
    found = await sync.peers.dossier(CODE)
    assert found is not None
    assert found["HoSo"]["TrangThaiHoSo"] == "4"
    assert await sync.states() == [("delivered", "sent")] * 3


async def test_backlog_of_one_dossier_is_one_call_and_covers_what_waits_behind(sync: Sync) -> None:
    dossier_id = new_id()
    for statuses in ((1,), (1, 2), (1, 2, 4)):
        await change(sync, dossier_id, *statuses)
    await sync.drain()

    assert await sync.peers.statuses(CODE) == ["1", "2", "4"]
    assert await sync.states() == [("delivered", "sent"), ("delivered", "covered"), ("delivered", "covered")]
    assert sync.sources.asked == 1


async def test_same_event_twice_is_one_delivery(sync: Sync) -> None:
    dossier_id, dossier = new_id(), make_dossier(1)
    sync.sources.dossiers[dossier_id] = dossier
    event = make_change(dossier_id, dossier)
    event_id = await sync.announce(event)
    await sync.announce(event, event_id)
    await sync.drain()

    assert await sync.states() == [("delivered", "sent")]


async def test_lost_answer_is_settled_by_asking_and_nothing_is_sent_twice(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1)
    await sync.drain()
    await change(sync, dossier_id, 1, 2)
    await sync.peers.fault("dvcqg", lose_next=1)  # the dossier is taken, its answer is lost
    await sync.drain()
    assert await sync.states() == [("delivered", "sent"), ("unknown", None)]

    await sync.retry()

    assert await sync.states() == [("delivered", "sent"), ("delivered", "sent")]
    assert await sync.peers.statuses(CODE) == ["1", "2"]


async def test_lost_answer_to_the_last_call_is_found_there(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1)
    await sync.drain()
    sync.sources.dossiers[dossier_id] = make_dossier(1, 2)
    await sync.announce(make_change(dossier_id, make_dossier(1, 2)))
    portal = sync.app.state.daily_lists["dvcqg"]
    told = await portal.ask(make_dossier(1))
    await portal.tell(make_dossier(1, 2), told)  # a worker told the portal and was killed before it knew
    await sync.rows.execute("update deliveries set state = 'sending' where state = 'waiting'")

    await sync.drain()

    assert await sync.states() == [("delivered", "sent"), ("delivered", "found")]
    assert await sync.peers.statuses(CODE) == ["1", "2"]


async def test_half_answer_is_an_unknown_outcome(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1)
    await sync.drain()
    await change(sync, dossier_id, 1, 2)
    await sync.peers.fault("dvcqg", cut_next=2)
    await sync.drain()
    assert (await sync.states())[1] == ("unknown", None)

    await sync.retry()  # the look-up is cut too: it says nothing, and nothing is sent
    assert (await sync.states())[1] == ("unknown", None)
    await sync.retry()

    assert (await sync.states())[1] == ("delivered", "sent")
    assert await sync.peers.statuses(CODE) == ["1", "2"]


async def test_failed_look_up_is_not_taken_for_a_dossier_that_is_not_there(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1)
    await sync.drain()
    await sync.rows.execute("update delivery_queues set is_known = false")
    await change(sync, dossier_id, 1, 2)
    await sync.peers.fault("dvcqg", fail_next=1)

    await sync.drain()
    assert (await sync.states())[1] == ("retrying", None)
    await sync.retry()

    assert await sync.peers.statuses(CODE) == ["1", "2"]


async def test_expired_session_logs_in_again_once(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1)
    await sync.drain()
    await sync.peers.http.post("/sandbox/api/dvcqg/expired-sessions")
    await change(sync, dossier_id, 1, 2)
    await sync.drain()

    assert await sync.states() == [("delivered", "sent")] * 2


async def test_value_without_a_word_in_the_dialect_is_parked_and_nothing_is_sent(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1, field_code="")
    await sync.drain()

    row = await sync.rows.fetchrow("select state, problem, problem_detail from deliveries")
    assert row is not None
    assert tuple(row) == ("parked", "not_mapped", "MaLinhVuc")
    assert await sync.peers.dossier(CODE) is None


async def test_parked_delivery_holds_back_its_own_dossier_alone(sync: Sync) -> None:
    held, free = new_id(), new_id()
    await change(sync, held, 1, field_code="")
    await change(sync, free, 1, code="G18-20261123-0000002")
    await sync.drain()
    await change(sync, held, 1, 2)
    await change(sync, free, 1, 2, code="G18-20261123-0000002")
    await sync.drain()

    assert await sync.peers.dossier(CODE) is None
    assert await sync.peers.statuses("G18-20261123-0000002") == ["1", "2"]


async def test_replay_sends_a_parked_dossier_as_it_stands_now(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1, field_code="")
    await sync.drain()
    await change(sync, dossier_id, 1, 2)
    delivery_id = await sync.rows.fetchval("select delivery_id from deliveries where state = 'parked'")

    answer = await sync.client.post(f"/v1/sync/deliveries/{delivery_id}/replay", headers=sync.operator())
    await sync.drain()

    assert answer.status_code == 200, answer.text
    assert await sync.peers.statuses(CODE) == ["1", "2"]
    assert await sync.states() == [("delivered", "sent"), ("delivered", "covered")]


async def test_replay_of_an_old_delivery_brings_back_no_old_status(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1)
    await sync.drain()
    first = await sync.rows.fetchval("select delivery_id from deliveries")
    await change(sync, dossier_id, 1, 2, 4)
    await sync.drain()

    await sync.client.post(f"/v1/sync/deliveries/{first}/replay", headers=sync.operator())
    await sync.drain()

    found = await sync.peers.dossier(CODE)
    assert found is not None
    assert found["HoSo"]["TrangThaiHoSo"] == "4"
    assert await sync.peers.statuses(CODE) == ["1", "2", "4"]


async def test_late_event_of_an_older_version_changes_nothing(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1, 2)
    await sync.drain()
    await sync.announce(make_change(dossier_id, make_dossier(1)))
    await sync.drain()

    assert await sync.states() == [("delivered", "sent"), ("delivered", "unchanged")]


async def test_outage_opens_the_breaker_and_everything_catches_up_after_it(sync: Sync) -> None:
    await sync.peers.fault("dvcqg", fail_next=1_000_000)
    codes = [f"G18-20261123-{number:07d}" for number in range(1, 21)]
    for code in codes:
        await change(sync, new_id(), 1, code=code)
    await sync.drain()
    peers = (await sync.client.get("/v1/sync/peers", headers=sync.operator())).json()["items"]
    assert peers[0]["breaker"] == "open"
    assert {state for state, _ in await sync.states()} <= {"waiting", "retrying"}

    await sync.peers.fault("dvcqg")
    await sync.retry()

    assert {state for state, _ in await sync.states()} == {"delivered"}
    assert [await sync.peers.statuses(code) for code in codes] == [["1"]] * 20
    peers = (await sync.client.get("/v1/sync/peers", headers=sync.operator())).json()["items"]
    assert peers[0]["breaker"] == "closed"
    assert peers[0]["counts"]["waiting"] == 0


async def test_owner_that_is_away_is_no_fault_of_the_peer(sync: Sync) -> None:
    sync.sources.is_away = True
    await change(sync, new_id(), 1)
    await sync.drain()

    assert await sync.states() == [("retrying", None)]
    assert await sync.rows.fetchval("select failures from peers") == 0
    sync.sources.is_away = False
    await sync.retry()
    assert await sync.states() == [("delivered", "sent")]


async def test_lease_of_a_killed_worker_ends_and_its_delivery_is_asked_about(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1)
    await sync.rows.execute("update deliveries set state = 'sending', attempts = 1")
    await sync.rows.execute(
        "update delivery_queues set lease_id = gen_random_uuid(), due_at = now() + interval '1 hour'"
    )
    await sync.drain()
    assert await sync.states() == [("sending", None)]

    await sync.retry()

    assert await sync.states() == [("delivered", "sent")]


async def test_worker_that_lost_its_lease_writes_nothing(sync: Sync) -> None:
    await change(sync, new_id(), 1)
    delivery_id = await sync.rows.fetchval("select delivery_id from deliveries")
    done = await sync.rows.fetchval(
        "select finish_delivery($1, $2, 'sent', 1, true, 1, 1, null, null, now())", delivery_id, new_id()
    )

    assert done is False
    assert await sync.states() == [("waiting", None)]


async def test_portal_that_lost_a_dossier_gets_it_again(sync: Sync) -> None:
    dossier_id = new_id()
    await change(sync, dossier_id, 1)
    await sync.drain()
    await sync.peers.http.delete(f"/sandbox/api/dvcqg/dossiers/{CODE}")
    await change(sync, dossier_id, 1, 2)
    await sync.drain()
    await sync.retry()

    assert await sync.peers.statuses(CODE) == ["1", "2"]
