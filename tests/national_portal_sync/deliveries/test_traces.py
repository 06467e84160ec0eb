"""The peer is called in the trace of the request that changed the dossier, by way of the event."""

from chassis import telemetry
from chassis.ids import new_id
from tests.national_portal_sync.conftest import Sync
from tests.national_portal_sync.factories import make_change, make_dossier

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CODE = "G18-20261123-0000777"


async def test_trace_of_the_event_reaches_the_national_portal(sync: Sync) -> None:
    dossier_id, dossier = new_id(), make_dossier(1, code=CODE)
    sync.sources.dossiers[dossier_id] = dossier
    with telemetry.consumer_span("deliveries", f"00-{TRACE_ID}-00f067aa0ba902b7-01"):
        await sync.announce(make_change(dossier_id, dossier))

    await sync.drain()

    answer = await sync.peers.http.get("/sandbox/api/received", params={"peer": "dvcqg", "limit": 1000})
    taken = [one["facts"] for one in answer.json()["items"] if one["facts"].get("code") == CODE]
    assert taken
    assert {one["trace_id"] for one in taken} == {TRACE_ID}
