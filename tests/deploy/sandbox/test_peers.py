"""Register, clock, fault switches and journal, over HTTP and across restarts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from chassis.bus import Bus, ensure_topology
from deploy.local.nats import NatsServer
from deploy.sandbox.app import NotInProduction, create_app
from deploy.sandbox.clock import BUCKET, KEY
from deploy.sandbox.settings import SandboxSettings
from tests.deploy.sandbox.conftest import Sandbox, start_sandbox
from tests.support import servers
from tests.support.servers import NATS_PASSWORD
from tests.support.waiting import until

AN = {"personal_id": "001085000017"}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox that a test may stop and start again."""
    running = start_sandbox(tmp_path)
    yield running
    running.stop()


def test_look_up_answers_who_is_there_and_who_is_not(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/sandbox/population/look-ups"
    found = httpx2.post(url, json=AN).json()
    assert (found["found"], found["person"]["name"]) == (True, "Nguyễn Văn An")
    missing = httpx2.post(url, json={"personal_id": "001085999999"})
    assert (missing.status_code, missing.json()["found"], missing.json()["person"]) == (200, False, None)
    many = httpx2.post(url, json={"personal_ids": ["001085999999", "046316000031"]}).json()["items"]
    assert [one["found"] for one in many] == [False, True]


@pytest.mark.parametrize(
    "body", [{}, {"personal_id": "12"}, {"personal_id": 1085000017}, {**AN, "personal_ids": []}]
)
def test_unreadable_look_up_is_refused(sandbox: Sandbox, body: dict[str, object]) -> None:
    assert httpx2.post(f"{sandbox.url}/sandbox/population/look-ups", json=body).status_code == 422


def test_state_outlives_a_restart(own: Sandbox) -> None:
    with httpx2.Client(base_url=own.url) as http:
        http.post("/sandbox/population/changes", json=AN | {"name": "Nguyễn Văn Ân"})
        http.post("/sandbox/population/changes", json=AN | {"phone": "0911111111"})
        http.put("/sandbox/clock", json={"offset_seconds": 86_400})
        http.put("/sandbox/api/faults/vneid", json={"delay_ms": 5})
    own.stop()
    own.start_again()
    with httpx2.Client(base_url=own.url) as http:
        person = http.post("/sandbox/population/look-ups", json=AN).json()["person"]
        assert (person["name"], person["phone"]) == ("Nguyễn Văn Ân", "0911111111")
        assert http.get("/sandbox/clock").json()["offset_seconds"] == 86_400
        assert http.get("/sandbox/api/faults").json()["vneid"]["delay_ms"] == 5
        kinds = {entry["kind"] for entry in http.get("/sandbox/api/received").json()["items"]}
        assert {"changed", "looked_up", "moved", "fault_set"} <= kinds


def test_change_of_nobody_is_not_found(sandbox: Sandbox) -> None:
    body = {"personal_id": "001085999999", "name": "Không Ai"}
    assert httpx2.post(f"{sandbox.url}/sandbox/population/changes", json=body).status_code == 404


def test_clock_is_moved_to_an_instant(sandbox: Sandbox) -> None:
    wish = "2027-01-01T00:00:00+07:00"
    reading = httpx2.put(f"{sandbox.url}/sandbox/clock", json={"legal_now": wish}).json()
    assert abs(datetime.fromisoformat(reading["legal_now"]) - datetime.fromisoformat(wish)) < timedelta(
        seconds=5
    )
    assert reading["legal_today"] == "2027-01-01"
    assert (
        httpx2.put(f"{sandbox.url}/sandbox/clock", json={"offset_seconds": 0}).json()["offset_seconds"] == 0
    )


@pytest.mark.parametrize(
    "body",
    [{}, {"offset_seconds": 1, "legal_now": "2027-01-01T00:00:00Z"}, {"legal_now": "2027-01-01T00:00:00"},
     {"offset_seconds": 10**12}, {"legal_now": "2200-01-01T00:00:00Z"}],
)  # fmt: skip
def test_clock_takes_no_other_wish(sandbox: Sandbox, body: dict[str, object]) -> None:
    assert httpx2.put(f"{sandbox.url}/sandbox/clock", json=body).status_code == 422


@asynccontextmanager
async def bus_of(server: NatsServer, user: str) -> AsyncIterator[Bus]:
    bus = Bus(server.url(), user, NATS_PASSWORD, name=f"test-{user}")
    await bus.start()
    try:
        await asyncio.wait_for(bus.connected(), 10)
        yield bus
    finally:
        await bus.close()


async def test_clock_is_told_on_the_bus_and_again_after_the_store_is_lost(tmp_path: Path) -> None:
    with servers.nats(tmp_path) as server:
        settings = {"LIENTHONG_NATS_URL": server.url(), "LIENTHONG_SANDBOX_NATS_USER": "sandbox"}
        settings |= {"LIENTHONG_SANDBOX_NATS_PASSWORD": NATS_PASSWORD}
        running = await asyncio.to_thread(start_sandbox, tmp_path, **settings)
        try:
            await asyncio.to_thread(
                httpx2.put, f"{running.url}/sandbox/clock", json={"offset_seconds": 3600}, timeout=10
            )
            await offset_is_told(server)
            server.stop()
            server.wipe()
            server.start()
            await offset_is_told(server)
        finally:
            running.stop()


async def offset_is_told(server: NatsServer) -> None:
    """Make streams and buckets, as the launcher does, and wait until the sandbox has filled its own."""
    async with bus_of(server, "migrator") as migrator, bus_of(server, "health-book") as reader:
        await ensure_topology(await migrator.connected())

        async def is_told() -> bool:
            return await reader.value_of(BUCKET, KEY) == b"3600"

        await until(is_told, seconds=30, what="the offset in the bucket")


def test_fault_switches_fail_and_cut_so_many_answers(sandbox: Sandbox) -> None:
    switch = f"{sandbox.url}/sandbox/api/faults/population"
    look_up = f"{sandbox.url}/sandbox/population/look-ups"
    httpx2.put(switch, json={"fail_next": 2, "status": 502, "cut_next": 1})
    answers = [httpx2.post(look_up, json=AN) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [502, 502, 200, 200]
    assert answers[3].content.startswith(answers[2].content)
    assert len(answers[2].content) == len(answers[3].content) // 2
    assert answers[3].json()["found"]


def test_slow_peer_answers_after_its_delay(sandbox: Sandbox) -> None:
    switch = f"{sandbox.url}/sandbox/api/faults/vneid"
    httpx2.put(switch, json={"delay_ms": 300})
    with httpx2.Client() as http:
        assert http.get(f"{sandbox.issuer}/jwks", timeout=5).elapsed >= timedelta(milliseconds=300)
        httpx2.put(switch, json={})
        assert http.get(switch.removesuffix("/vneid")).json()["vneid"]["delay_ms"] == 0


def test_unknown_peer_and_impossible_fault_are_refused(sandbox: Sandbox) -> None:
    assert httpx2.put(f"{sandbox.url}/sandbox/api/faults/nobody", json={}).status_code == 422
    assert httpx2.put(f"{sandbox.url}/sandbox/api/faults/vneid", json={"delay_ms": -1}).status_code == 422


def test_journal_and_page_hide_the_middle_of_numbers(sandbox: Sandbox) -> None:
    httpx2.post(f"{sandbox.url}/sandbox/population/look-ups", json=AN)
    entry = httpx2.get(f"{sandbox.url}/sandbox/api/received?peer=population").json()["items"][0]
    assert entry["facts"] == {"number": "001…0017", "found": True}


def test_page_shows_personas_with_password_and_code(sandbox: Sandbox) -> None:
    page = httpx2.get(f"{sandbox.url}/sandbox?lang=en").text
    assert "matkhau-an" in page
    assert "Population register" in page


def test_forms_of_the_page_move_clock_faults_and_levels(sandbox: Sandbox) -> None:
    with httpx2.Client(base_url=sandbox.url) as http:
        assert http.post("/sandbox/clock-form", data={"days": "-3"}).status_code == 303
        assert http.get("/sandbox/clock").json()["offset_seconds"] == -3 * 86_400
        http.post("/sandbox/clock-form", data={"days": "0", "legal_now": ""})
        assert http.get("/sandbox/clock").json()["offset_seconds"] == 0
        http.post("/sandbox/level-form", data={"name": "dung", "level": "2"})
        http.post("/sandbox/level-form", data={"name": "dung", "level": "1"})
        levels = {one["name"]: one["level"] for one in http.get("/sandbox/api/personas").json()["items"]}
        assert levels["dung"] == 1
        assert http.post("/sandbox/clock-form", data={"days": "many"}).status_code == 422
        assert http.post("/sandbox/level-form", data={"name": "chi", "level": "2"}).status_code == 422


def test_form_of_another_site_is_refused(sandbox: Sandbox) -> None:
    answer = httpx2.put(
        f"{sandbox.url}/sandbox/clock", json={"offset_seconds": 9}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_figures_and_health_have_a_port_of_their_own(tmp_path: Path) -> None:
    port = servers.free_port()
    running = start_sandbox(tmp_path, LIENTHONG_SANDBOX_METRICS_PORT=str(port))
    try:
        assert httpx2.get(f"http://127.0.0.1:{port}/readyz").json()["status"] == "ok"
        assert "process_cpu_seconds_total" in httpx2.get(f"http://127.0.0.1:{port}/metrics").text
        assert httpx2.get(f"{running.url}/metrics").status_code == 404
    finally:
        running.stop()


def test_sandbox_does_not_exist_in_production(tmp_path: Path) -> None:
    settings = SandboxSettings(
        profile="production",
        public_url="https://lienthong.example",
        port=1,
        state_directory=tmp_path / "state",
    )
    with pytest.raises(NotInProduction):
        create_app(settings)
    assert not (tmp_path / "state").exists()
