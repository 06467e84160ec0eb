"""Questions to courts and police: sent, asked after, answered, and the application told once."""

from typing import Any
from uuid import UUID

import orjson

from chassis.ids import new_id
from judicial_record.convictions.peers import Reply
from tests.judicial_record.convictions.conftest import Base
from tests.judicial_record.convictions.factories import completion, costs_paid, judgment
from tests.judicial_record.peers import Person

NOTHING = Reply("answered", (), "nothing")
PENDING, UNKNOWN, ABSENT = Reply("pending"), Reply("unknown"), Reply("absent")


class Called:
    """Who is told that all answers are in."""

    def __init__(self, base: Base) -> None:
        self.applications: list[UUID] = []
        base.app.state.conviction_verifications.answers_are_in = self.take

    async def take(self, db: Any, application_id: UUID) -> None:
        self.applications.append(application_id)


async def ask(base: Base, person: Person, application_id: UUID) -> list[UUID]:
    async with base.app.state.database.transaction() as db:
        found = await base.app.state.convictions.request_verification(
            db, application_id, person.citizen_id, reason="Xác minh", requested_by="officer"
        )
    return list(found)


async def send(base: Base) -> int:
    await base.rows.execute(
        "update verification_requests set next_attempt_at = now() where next_attempt_at is not null"
    )
    answered: int = await base.app.state.conviction_verifications.send_due()
    return answered


async def states(base: Base) -> list[tuple[str, str]]:
    found = await base.rows.fetch("select source, state from verification_requests order by source")
    return [tuple(row) for row in found]


async def test_sources_with_gaps_are_asked_and_their_answer_clears(base: Base) -> None:
    called, binh, application = Called(base), base.person(), new_id()
    base.sources.replies = {"toa-an": [NOTHING], "cong-an": [NOTHING]}
    assert (await base.look_up(binh)).outcome == "gap"

    assert len(await ask(base, binh, application)) == 2
    assert await send(base) == 2

    assert await states(base) == [("cong-an", "answered"), ("toa-an", "answered")]
    assert called.applications == [application]
    assert (await base.look_up(binh)).outcome == "clear"


async def test_documents_that_cannot_be_read_are_no_answer(base: Base) -> None:
    binh, application = base.person(), new_id()
    base.sources.replies = {
        "toa-an": [Reply("answered", ({"kind": "nonsense"},), "found")],
        "cong-an": [NOTHING],
    }
    await ask(base, binh, application)

    assert await send(base) == 1

    assert await states(base) == [("cong-an", "answered"), ("toa-an", "unknown")]
    assert (await base.look_up(binh)).outcome == "gap"


async def test_question_that_fails_holds_up_no_other(base: Base) -> None:
    called, application = Called(base), new_id()
    base.sources.replies = {"toa-an": [NOTHING], "cong-an": [NOTHING]}
    await ask(base, base.person(), application)
    base.sources.failing = {"cong-an"}

    assert await send(base) == 1
    base.sources.failing = set()
    assert await send(base) == 1

    assert called.applications == [application]


async def test_source_is_told_who_is_meant(base: Base) -> None:
    binh = base.person()
    await ask(base, binh, new_id())

    await send(base)

    (_, question), *_ = base.sources.asked
    assert question.person == {
        "name": binh.name, "born_on": "1979-11-02", "sex": "male", "personal_id": binh.personal_id
    }  # fmt: skip


async def test_only_who_knows_of_new_offences_is_asked_where_all_is_complete(base: Base) -> None:
    await base.cover_all()
    await ask(base, base.person(), new_id())

    assert await states(base) == [("cong-an", "queued")]


async def test_question_is_not_asked_twice_while_it_is_open(base: Base) -> None:
    await base.cover_all()
    binh, application = base.person(), new_id()
    await ask(base, binh, application)

    assert await ask(base, binh, application) == []


async def test_late_answer_is_asked_after(base: Base) -> None:
    await base.cover_all()
    called, binh, application = Called(base), base.person(), new_id()
    base.sources.replies = {"cong-an": [PENDING, PENDING, NOTHING]}
    await ask(base, binh, application)

    assert [await send(base) for _ in range(3)] == [0, 0, 1]

    assert (len(base.sources.asked), len(base.sources.looked)) == (1, 2)
    assert called.applications == [application]


async def test_unknown_outcome_is_a_state_and_settled_by_asking(base: Base) -> None:
    await base.cover_all()
    base.sources.replies = {"cong-an": [UNKNOWN, NOTHING]}
    await ask(base, base.person(), new_id())

    await send(base)
    assert await states(base) == [("cong-an", "unknown")]
    await send(base)

    assert await states(base) == [("cong-an", "answered")]
    assert (len(base.sources.asked), len(base.sources.looked)) == (1, 1)


async def test_question_that_never_arrived_is_sent_again(base: Base) -> None:
    await base.cover_all()
    base.sources.replies = {"cong-an": [UNKNOWN, ABSENT, NOTHING]}
    await ask(base, base.person(), new_id())

    await send(base)
    await send(base)

    assert await states(base) == [("cong-an", "answered")]
    assert len(base.sources.asked) == 2


async def test_what_is_found_comes_in_like_everything_else(base: Base) -> None:
    await base.cover_all()
    binh = base.person()
    base.sources.replies = {"cong-an": [Reply("answered", (completion(), costs_paid()), "found")]}
    await base.sent(judgment())
    assert (await base.look_up(binh)).findings[0]["status"] == "not_expunged"
    await ask(base, binh, new_id())

    await send(base)

    assert (await base.look_up(binh)).findings[0]["status"] == "expunged"


async def test_question_waits_while_identity_is_away(base: Base) -> None:
    await base.cover_all()
    base.sources.replies = {"cong-an": [NOTHING]}
    await ask(base, base.person(), new_id())
    base.peers.is_identity_away = True
    await send(base)
    assert await states(base) == [("cong-an", "queued")]
    assert base.sources.asked == []

    base.peers.is_identity_away = False
    assert await send(base) == 1


async def test_callback_that_fails_leaves_the_answer_to_be_taken_again(base: Base) -> None:
    await base.cover_all()
    base.sources.replies = {"cong-an": [PENDING, NOTHING, NOTHING]}
    await ask(base, base.person(), new_id())

    async def fail(db: Any, application_id: UUID) -> None:
        raise RuntimeError

    base.app.state.conviction_verifications.answers_are_in = fail
    await send(base)
    assert await send(base) == 0
    assert await states(base) == [("cong-an", "waiting")]

    called = Called(base)
    await send(base)
    assert len(called.applications) == 1


async def test_question_has_a_clock_of_its_own(base: Base) -> None:
    await base.cover_all()
    await ask(base, base.person(), new_id())

    deadline = await base.rows.fetchval("select deadline from verification_requests")

    assert orjson.loads(deadline)["due_on"] == "2026-12-01"  # 24 November is a holiday


async def test_reason_and_answer_are_unreadable_at_rest(base: Base) -> None:
    await base.cover_all()
    base.person()
    base.sources.replies = {"cong-an": [Reply("answered", (completion(),), "found")]}
    await ask(base, base.person(), new_id())
    await send(base)

    kept = repr(tuple(await base.rows.fetchrow("select * from verification_requests") or ()))

    for secret in ("Xác minh", "046179000025", "GCN"):
        assert secret not in kept
