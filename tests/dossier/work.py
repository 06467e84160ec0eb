"""The steps of officers, and where they lead, valid by default."""

from datetime import timedelta
from typing import Any

import httpx2

from dossier.desk import timers
from tests.dossier.conftest import Desk
from tests.dossier.filing import FREE, ME, filed

DRUGS = "cuc-quan-ly-duoc"
CONTENT = "Đồng ý cấp."


class Officers:
    """The three of the ministry: the receiving desk, the officer, the leader."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.counter = desk.staff("mot-cua", "receiving_desk", "bo-y-te")
        self.officer = desk.staff("cb-son", "dossier_officer", DRUGS)
        self.leader = desk.staff("ld-mai", "dossier_leader", DRUGS)

    async def act(self, who: dict[str, str], dossier_id: str, action: str, **fields: Any) -> httpx2.Response:
        """Ask for a step."""
        headers = fields.pop("headers", {})
        return await self.desk.send(
            "POST",
            f"/v1/dossiers/{dossier_id}/actions",
            who,
            json={"action": action, **fields},
            headers=headers,
        )

    async def did(self, who: dict[str, str], dossier_id: str, action: str, **fields: Any) -> dict[str, Any]:
        """Take a step that must succeed; return the dossier."""
        answer = await self.act(who, dossier_id, action, **fields)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def read(self, dossier_id: str, who: dict[str, str] | None = None) -> dict[str, Any]:
        """Return a dossier as an officer sees it."""
        answer = await self.desk.send("GET", f"/v1/dossiers/{dossier_id}", who or self.counter)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def accepted(self, dossier_id: str) -> dict[str, Any]:
        return await self.did(self.counter, dossier_id, "accept")

    async def processing(self, dossier_id: str) -> dict[str, Any]:
        """Bring a filed dossier to status 4."""
        await self.accepted(dossier_id)
        await self.did(self.officer, dossier_id, "assign")
        return await self.did(self.officer, dossier_id, "start")

    async def proposed(self, dossier_id: str, **fields: Any) -> dict[str, Any]:
        await self.processing(dossier_id)
        return await self.did(self.officer, dossier_id, "propose", content=CONTENT, **fields)

    async def signed(self, dossier_id: str) -> dict[str, Any]:
        """Have the result signed: status 10 where it was filed online, else 9."""
        await self.proposed(dossier_id)
        return await self.did(self.leader, dossier_id, "sign")


async def of_drugs(desk: Desk, who: dict[str, str] | None = None, code: str = FREE) -> str:
    """Return the id of a filed dossier that lies with the drug administration."""
    made = await filed(desk, who or desk.citizen(), code)
    await desk.rows.execute("update dossiers set agency_code = $1 where dossier_id = $2", DRUGS, made["id"])
    return str(made["id"])


def pass_time(desk: Desk, **span: float) -> None:
    """Move legal time."""
    wanted = desk.clocks.offset + timedelta(**span)
    desk.clocks.set_offset(int(wanted.total_seconds()))


async def run_timers(desk: Desk) -> None:
    """Do what is due."""
    await timers.advance_all(desk.app.state.desk_tools)
    await timers.mark_deadlines(desk.app.state.desk_tools)


async def status_of(desk: Desk, dossier_id: str) -> int:
    status: int = await desk.rows.fetchval("select status from dossiers where dossier_id = $1", dossier_id)
    return status


async def pay(desk: Desk, who: dict[str, str], dossier_id: str, **changes: Any) -> httpx2.Response:
    """Open the payment of a dossier and send the platform's notice."""
    opened = await desk.send("POST", f"{ME}/{dossier_id}/payments", who, json={})
    assert opened.status_code == 201, opened.text
    body = desk.platform.notice(opened.json()["lookup_code"], **changes)
    return await notify(desk, body)


async def notify(desk: Desk, body: bytes) -> httpx2.Response:
    return await desk.client.post(
        "/v1/dossier-payments/notices", content=body, headers=desk.platform.signed(body)
    )
