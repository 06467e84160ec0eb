"""What courts and police send: a verdict per item, corrections with history, people found or waited for."""

import asyncio
from typing import Any

import pytest

from chassis.keys import SigningKey
from chassis.testing import make_token
from tests.judicial_record.convictions.conftest import POLICE_KEY, Base
from tests.judicial_record.convictions.factories import AT, BINH, JUDGMENT, completion, costs_paid, judgment

LATER = "2026-11-21T09:30:00+07:00"
EARLIER = "2026-11-19T09:30:00+07:00"


async def versions(base: Base) -> list[tuple[int, bool, str]]:
    found = await base.rows.fetch(
        "select version, is_current, state from conviction_records order by record_id, version"
    )
    return [tuple(row) for row in found]


async def test_documents_are_taken_and_belong_to_their_person(base: Base) -> None:
    binh = base.person()

    receipt = await base.sent(judgment(), judgment(number="13/2014/HS-ST"))

    assert (receipt["recorded"], receipt["waiting"]) == (2, 0)
    assert [one["outcome"] for one in receipt["items"]] == ["recorded"] * 2
    found = await base.rows.fetch("select citizen_id from conviction_records")
    assert {row["citizen_id"] for row in found} == {binh.citizen_id}


async def test_same_document_again_changes_nothing(base: Base) -> None:
    base.person()
    first = await base.sent(judgment())

    again = await base.sent(judgment(issued_at=LATER))

    assert (again["unchanged"], again["recorded"]) == (1, 0)
    assert again["items"][0]["record_id"] == first["items"][0]["record_id"]
    assert await versions(base) == [(1, True, "linked")]


async def test_correction_supersedes_and_keeps_what_was(base: Base) -> None:
    binh = base.person()
    await base.sent(judgment())

    receipt = await base.sent(judgment(principal={"kind": "prison", "months": 30}, issued_at=LATER))

    assert receipt["superseded"] == 1
    assert await versions(base) == [(1, False, "linked"), (2, True, "linked")]
    (shown,) = await base.content(binh, 2)
    assert shown["principal"]["months"] == 30


async def test_older_version_never_replaces_a_newer_one(base: Base) -> None:
    base.person()
    await base.sent(judgment())

    receipt = await base.sent(judgment(principal={"kind": "fine"}, issued_at=EARLIER))

    assert receipt["outdated"] == 1
    assert await versions(base) == [(1, True, "linked")]


async def test_withdrawn_document_counts_for_nothing_and_is_kept(base: Base) -> None:
    binh = base.person()
    await base.sent(judgment())
    await base.sent(judgment(is_withdrawn=True, issued_at=LATER))

    assert await base.content(binh, 2) == []
    assert len(await versions(base)) == 2


async def test_bad_item_takes_no_good_one_with_it(base: Base) -> None:
    base.person()
    bad: list[Any] = [
        judgment(number="1/BAD", effective_on="2013-01-01"),
        {"kind": "pardon"},
        {**judgment(number="2/BAD"), "unknown": 1},
        "garbage",
        judgment(number="3/BAD", person=None),
        judgment(number="4/BAD", judged_on="2099-01-01", effective_on="2099-01-01"),
    ]

    answer = await base.send(judgment(), *bad, judgment(number="14/2014/HS-ST"), **{"accept-language": "en"})

    receipt = answer.json()
    assert answer.status_code == 201
    assert [one["index"] for one in receipt["items"]] == [0, 7]
    assert [one["index"] for one in receipt["rejected"]] == [1, 2, 3, 4, 5, 6]
    assert receipt["rejected"][0]["errors"] == [
        {"pointer": "/effective_on", "code": "days_out_of_order", "message": "The days are out of order."}
    ]
    assert "enum" in {error["code"] for error in receipt["rejected"][1]["errors"]}
    assert receipt["rejected"][2]["errors"][0]["pointer"] == "/unknown"
    assert "day_in_future" in {error["code"] for error in receipt["rejected"][5]["errors"]}


async def test_batch_without_a_good_item_is_refused_with_reasons(base: Base) -> None:
    answer = await base.send({"kind": "judgment"}, None)

    assert answer.status_code == 422
    assert answer.json()["code"] == "no_conviction_accepted"
    assert [one["index"] for one in answer.json()["rejected"]] == [0, 1]


@pytest.mark.parametrize("items", [[], [{}] * 201])
async def test_batch_has_between_1_and_200_items(base: Base, items: list[Any]) -> None:
    assert (await base.send(*items)).json()["code"] == "invalid"


async def test_source_sends_only_its_own_kinds(base: Base) -> None:
    base.person()
    answer = await base.send(judgment(), completion(), source="cong-an")

    (rejected,) = answer.json()["rejected"]
    assert rejected["errors"][0]["code"] == "kind_not_of_source"
    assert answer.json()["recorded"] == 1


async def test_same_number_of_two_people_are_two_documents(base: Base) -> None:
    base.person()
    base.person("046179000033", "Trần Văn Bảy")
    other = {**BINH, "personal_id": "046179000033", "name": "Trần Văn Bảy"}

    receipt = await base.sent(judgment(), judgment(person=other))

    assert receipt["recorded"] == 2


async def test_same_document_at_once_is_recorded_once(base: Base) -> None:
    base.person()

    receipts = await asyncio.gather(*(base.sent(judgment()) for _ in range(4)))

    assert sorted(one["recorded"] for one in receipts) == [0, 0, 0, 1]
    assert await versions(base) == [(1, True, "linked")]


async def test_document_waits_for_its_person_while_identity_is_away(base: Base) -> None:
    binh = base.person()
    base.peers.is_identity_away = True
    receipt = await base.sent(judgment(), judgment(number="15/2014/HS-ST"))
    await base.sent(judgment(issued_at=LATER, principal={"kind": "fine"}))
    assert (receipt["waiting"], receipt["items"][0]["is_waiting"]) == (2, True)
    assert await base.content(binh, 2) == []

    base.peers.is_identity_away = False
    await base.rows.execute("update conviction_records set next_attempt_at = now() - interval '1 hour'")
    linked = await base.app.state.waiting_convictions.link_waiting()

    assert linked == 2
    assert len(await base.content(binh, 2)) == 2
    assert {state for _, _, state in await versions(base)} == {"linked"}
    assert len(await versions(base)) == 3  # history came along


async def test_sending_again_joins_a_document_that_waited(base: Base) -> None:
    binh = base.person()
    base.peers.is_identity_away = True
    await base.sent(judgment())
    base.peers.is_identity_away = False

    receipt = await base.sent(judgment())

    assert (receipt["unchanged"], receipt["waiting"]) == (1, 0)
    assert len(await base.content(binh, 2)) == 1


async def test_correction_stays_with_its_person_while_identity_is_away(base: Base) -> None:
    binh = base.person()
    await base.sent(judgment())
    base.peers.is_identity_away = True

    receipt = await base.sent(judgment(principal={"kind": "fine"}, issued_at=LATER))

    assert (receipt["superseded"], receipt["waiting"]) == (1, 0)
    assert (await base.content(binh, 2))[0]["principal"]["kind"] == "fine"


async def test_conflict_waits_for_a_human_and_is_asked_again_seldom(base: Base) -> None:
    base.peers.conflicts.add(str(BINH["personal_id"]))

    receipt = await base.sent(judgment())

    assert receipt["waiting"] == 1
    row = await base.rows.fetchrow(
        "select state, next_attempt_at - received_at as pause from conviction_records"
    )
    assert row is not None
    assert (row["state"], row["pause"].total_seconds()) == ("conflict", 3600)


async def test_nothing_readable_is_kept_at_rest(base: Base) -> None:
    base.person()
    await base.sent(judgment())
    await base.sent(completion(), costs_paid(), source="cong-an")

    rows = await base.rows.fetch("select * from conviction_records, conviction_claims")
    kept = repr([tuple(row) for row in rows])

    for secret in (BINH["personal_id"], "Bình", JUDGMENT["number"], "173", "Trộm"):
        assert secret not in kept
    assert await base.rows.fetchval("select count(*) from outbox") == 0


async def test_logs_name_nobody(base: Base, caplog: pytest.LogCaptureFixture) -> None:
    base.person()
    await base.sent(judgment())

    logs = caplog.text
    assert "convictions.taken" in logs
    for secret in (BINH["personal_id"], "Bình", JUDGMENT["number"], "173(1)"):
        assert secret not in logs


async def test_legal_entity_waits_for_nobody(base: Base) -> None:
    entity = {"tax_code": "0100000010", "name": "Công ty TNHH Mẫu"}

    receipt = await base.sent(judgment(person=None, entity=entity, principal={"kind": "operation_suspended"}))

    assert (receipt["recorded"], receipt["waiting"]) == (1, 0)
    assert await base.app.state.waiting_convictions.link_waiting() == 0


async def test_unsigned_and_forged_batches_are_refused(base: Base) -> None:
    base.person()
    unsigned = await base.request(
        "POST", "/v1/convictions", {"items": [judgment()]}, **{"signature": "", "signature-input": ""}
    )
    forged = await base.send(judgment(), key=SigningKey.generate())
    others = await base.send(judgment(), key=POLICE_KEY)

    assert [one.json()["code"] for one in (unsigned, forged, others)] == ["signature_invalid"] * 3
    assert await versions(base) == []


async def test_signature_is_judged_before_what_a_batch_says(base: Base) -> None:
    headers = {"signature": "", "signature-input": ""}

    batch = await base.request("POST", "/v1/convictions", {}, **headers)
    coverage = await base.cover("toa-an", {}, **headers)

    assert [one.status_code for one in (batch, coverage)] == [401, 401]


async def test_batch_is_taken_once_per_signature_and_once_per_key(base: Base) -> None:
    base.person()
    first = await base.send(judgment(), **{"idempotency-key": "one"})
    again = await base.send(judgment(), **{"idempotency-key": "one"})

    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"


async def test_body_that_sends_is_bound_to_a_known_source(base: Base) -> None:
    token = make_token(
        kind="system", client_id="toa-an", organisation="another", scopes={"judicial.convictions"}
    )

    answer = await base.send(judgment(), token=token)

    assert (answer.status_code, answer.json()["code"]) == (403, "other_source")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"items": {}}', b'{"items": [1], "more": 1}'])
async def test_garbage_is_told_apart(base: Base, body: bytes) -> None:
    answer = await base.request("POST", "/v1/convictions", body)

    assert answer.status_code in (400, 401, 422)
    assert answer.json()["fault"] == "caller"


async def test_what_is_sent_is_what_is_kept(base: Base) -> None:
    binh = base.person()
    await base.sent(judgment(issued_at=AT))

    (shown,) = await base.content(binh, 2)

    assert shown["judgment_number"] == JUDGMENT["number"]
    assert shown["crimes"] == [{"name": "Trộm cắp tài sản", "article": "173(1)"}]
