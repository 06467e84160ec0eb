"""Every event that the dossier service takes, ten times and in whatever order: the same dossiers."""

from dossier.app import CONSUMERS
from tests.dossier.conftest import Desk
from tests.dossier.inbound.test_inbound import event_of, hand_over
from tests.support.redelivery import astray, deliver, envelopes_of, in_order_of_stream, ordered

(CONSUMER,) = CONSUMERS
CODES = [f"G01-20261122-000000{number}" for number in range(1, 5)]
_FILED = (
    "select external_code, status, (select count(*) from attachments a where a.dossier_id = d.dossier_id)"
)


async def take(desk: Desk, order: str) -> list[tuple[object, ...]]:
    """Let every dossier come in two versions, the second without papers; return what was filed."""
    events = []
    for code in CODES:
        events.append((await hand_over(desk, code=code)).model_copy(update={"external_code": code}))
    for code in CODES:
        later = await hand_over(desk, code=code, version=2, papers=[])
        events.append(event_of(later.inbound_id, code, version=2))
    assert {type(event) for event in events} == set(CONSUMER.events)
    state = desk.app.state
    await deliver(state.database, "dossier", CONSUMER, ordered(envelopes_of(events), order), state)
    return [tuple(row) for row in await desk.rows.fetch(f"{_FILED} from dossiers d order by external_code")]


@in_order_of_stream
async def test_each_dossier_is_filed_once_as_first_handed_over(desk: Desk, order: str) -> None:
    assert await take(desk, order) == [(code, 1, 1) for code in CODES]
    codes = [row["code"] for row in await desk.rows.fetch("select code from dossiers order by code")]
    assert codes == [f"G18-20261123-000000{number}" for number in range(1, 5)]
    assert len(await desk.events()) == len(CODES)


@astray
async def test_each_dossier_is_filed_once_whichever_version_comes_first(desk: Desk, order: str) -> None:
    assert [row[:2] for row in await take(desk, order)] == [(code, 1) for code in CODES]
    assert len(await desk.events()) == len(CODES)
