"""How many drafts an owner may have, and how long an untouched one is kept."""

import asyncio

from dossier.dossiers.drafts import MOST_DRAFTS, discard_abandoned
from tests.dossier.conftest import Desk
from tests.dossier.filing import COSMETICS, FREE, ME, draft, filed, put_file

DAY_SECONDS = 86_400


async def test_owner_has_at_most_so_many_drafts_also_when_two_are_made_at_once(desk: Desk) -> None:
    an = desk.citizen()
    for _ in range(MOST_DRAFTS - 1):
        await draft(desk, an)

    answers = await asyncio.gather(
        *(desk.send("POST", ME, an, json={"procedure_code": COSMETICS}) for _ in range(2))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert refused["code"] == "too_many_drafts"
    assert (await draft(desk, desk.citizen("binh")))["status"]["name"] == "draft"


async def test_untouched_draft_goes_with_its_files_and_nothing_else_does(desk: Desk) -> None:
    an = desk.citizen()
    old = await draft(desk, an)
    assert (await put_file(desk, an, old["id"], "paper-1")).status_code == 201
    kept = await filed(desk, an, FREE)
    desk.clocks.set_offset(100 * DAY_SECONDS)
    young = await draft(desk, an)
    desk.clocks.set_offset(181 * DAY_SECONDS)

    await discard_abandoned(desk.app.state.database, desk.clocks, 180)

    left = {one["id"] for one in (await desk.client.get(ME, headers=an)).json()["items"]}
    assert left == {kept["id"], young["id"]}
    assert await desk.count(f"attachments where dossier_id = '{old['id']}'") == 0
