"""One trace from the tap to the peer: the trace of a request is the one that the peer is called in."""

import pytest

from deploy.cli.stack import RunningStack
from deploy.demo.stage import Stage
from deploy.local.child_stack import ChildStack

pytestmark = pytest.mark.journey
MINE = "/v1/me/judicial-record-applications"
PERSON = "giam-doc"  # owes the fee, so that nothing but the request moves the case


def test_trace_of_a_request_reaches_the_national_portal(running_stack: ChildStack) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    stage = Stage.set_up(RunningStack(running_stack.layout))
    traced = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}

    with stage.http:
        form = {"form": 1, "purpose": "Xin việc làm", "delivery": "electronic"}

        made = stage.send("POST", MINE, PERSON, form, headers=traced).raise_for_status().json()

        def pushed() -> list[dict[str, object]] | None:
            """Return what the portal took: by gateway, service, outbox, broker, consumer, sender."""
            received = stage.http.get("/sandbox/api/received", params={"peer": "dvcqg", "limit": 100}).json()
            found = [one["facts"] for one in received["items"] if one["facts"].get("code") == made["code"]]
            return found or None

        taken = stage.wait_for(pushed)
        stage.post(f"{MINE}/{made['id']}/withdrawal", PERSON, {"reason": "Chỉ để thử"}).raise_for_status()
        assert taken is not None
        assert {one["trace_id"] for one in taken} == {trace_id}, taken
