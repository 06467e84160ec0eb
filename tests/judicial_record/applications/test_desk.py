"""The office: inbox, lanes, verification, supplements, four eyes, traces, versions."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.testing import bearer, make_token
from tests.judicial_record.conftest import LEADER, OFFICE, OFFICER, OWN, Office

COLLEAGUE = "0192f0c4-7a3b-7c11-8a55-00000000000c"


async def test_fast_lane_from_look_up_to_certificate(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)

    seen = await office.own(person, application_id)
    # Wednesday, Thursday and Friday count: 24 November is Culture Day.
    assert (seen["deadline"]["code"], seen["deadline"]["due_on"]) == ("fast", "2026-11-27")
    await office.did(application_id, "claim", office.officer())
    proposed = await office.did(application_id, "propose", office.officer())
    assert (proposed["status"], proposed["proposed_content"]) == ("proposed", [])
    issued = await office.did(application_id, "approve", office.leader())

    assert (issued["status"], issued["national_status"]["number"]) == ("issued", 10)
    assert office.base.issued == [application_id]
    seen = await office.own(person, application_id)
    assert [step["action"] for step in seen["steps"]] == [
        "apply",
        "confirm_payment",
        "accept",
        "look_up",
        "propose",
        "approve",
    ]
    assert seen["steps"][-1]["who"]["label"]["vi"] == "Lãnh đạo"
    assert seen["next"]["who"]["role"] == "nobody"
    statuses = [event["status"] for event in await office.events()]
    assert statuses == ["awaiting_payment", "submitted", "accepted", "checking", "proposed", "issued"]
    assert (await office.apply(person)).status_code == 201


async def test_history_names_roles_and_no_officer(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)
    await office.did(application_id, "propose", office.officer())

    seen = await office.client.get(f"{OWN}/{application_id}", headers=office.citizen(person))

    assert OFFICER not in seen.text


async def test_slow_lane_waits_for_its_answers(office: Office) -> None:
    person = office.person()
    office.base.outcomes[person.citizen_id] = "hit"
    office.base.contents[person.citizen_id] = [{"judgment_number": "01/2024/HS-ST"}]
    application_id = await office.checking(person)
    seen = await office.own(person, application_id)
    assert (seen["deadline"]["code"], seen["deadline"]["due_on"]) == ("complex", "2026-12-08")

    early = await office.act(application_id, "propose", office.officer())
    assert (early.status_code, early.json()["code"]) == (409, "verification_missing")
    asked = await office.did(application_id, "request_verification", office.officer(), "Xác minh thi hành án")
    assert (asked["status"], office.base.asked) == ("verifying", [application_id])
    async with office.app.state.database.transaction() as db:
        assert await office.app.state.verifications.answers_are_in(db, application_id)
    async with office.app.state.database.transaction() as db:
        assert not await office.app.state.verifications.answers_are_in(db, application_id)
    proposed = await office.did(application_id, "propose", office.officer())

    assert proposed["proposed_content"] == [{"judgment_number": "01/2024/HS-ST"}]
    assert (await office.did(application_id, "approve", office.leader()))["status"] == "issued"


async def test_finding_serves_where_a_paper_answered(office: Office) -> None:
    person = office.person()
    office.base.outcomes[person.citizen_id] = "hit"
    application_id = await office.checking(person)
    finding = {"source": "toa-an", "until": "2026-11-23", "basis": "Công văn 15/CV-TA"}

    body = {"action": "record_finding", "finding": finding}
    recorded = await office.send(f"{OFFICE}/{application_id}/actions", body, office.officer())

    assert recorded.status_code == 200, recorded.text
    assert office.base.found == [application_id]
    assert (await office.did(application_id, "propose", office.officer()))["status"] == "proposed"


async def test_gap_is_not_closed_by_words(office: Office) -> None:
    person = office.person()
    office.base.outcomes[person.citizen_id] = "gap"
    application_id = await office.checking(person)
    await office.did(application_id, "record_finding", office.officer(), "Đã gọi điện")

    answer = await office.act(application_id, "propose", office.officer())

    assert (answer.status_code, answer.json()["code"]) == (409, "verification_missing")
    assert (await office.own(person, application_id))["deadline"]["code"] == "ordinary"


async def test_expunged_judgment_needs_nobody_asked(office: Office) -> None:
    person = office.person(born_on="1960-08-15")
    office.base.outcomes[person.citizen_id], office.base.status = "hit", "expunged"
    application_id = await office.checking(person)

    proposed = await office.did(application_id, "propose", office.officer())

    assert proposed["proposed_content"] == []
    assert proposed["deadline"]["code"] == "ordinary"


async def test_who_proposes_never_decides(office: Office) -> None:
    application_id = await office.checking(office.person())
    both = office.staff("judicial_officer", "judicial_leader", subject=OFFICER)
    await office.did(application_id, "propose", both)

    for action in ("approve", "return", "refuse"):
        answer = await office.act(application_id, action, both, "Lý do")
        assert (answer.status_code, answer.json()["code"]) == (403, "own_proposal")

    assert office.base.issued == []
    assert (await office.did(application_id, "approve", office.leader()))["status"] == "issued"


async def test_database_itself_holds_four_eyes(office: Office) -> None:
    application_id = await office.checking(office.person())
    await office.did(application_id, "propose", office.officer())

    with pytest.raises(Exception, match="applications_four_eyes_check"):
        await office.rows.execute("update applications set status = 'issued', decided_by = proposed_by")


async def test_change_of_the_record_after_the_proposal_stops_the_issue(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)
    await office.did(application_id, "propose", office.officer())
    office.base.contents[person.citizen_id] = [{"judgment_number": "09/2026/HS-ST"}]

    answer = await office.act(application_id, "approve", office.leader())

    assert (answer.status_code, answer.json()["code"]) == (409, "content_changed")
    returned = await office.did(application_id, "return", office.leader(), "Dữ liệu đã thay đổi")
    assert (returned["status"], returned["proposed_by"]) == ("checking", None)


async def test_doubt_that_came_after_the_proposal_stops_the_issue(office: Office) -> None:
    """The certificate would show the same, but a judgment may be about this person."""
    person = office.person()
    application_id = await office.checking(person)
    await office.did(application_id, "propose", office.officer())
    office.base.outcomes[person.citizen_id] = "gap"

    answer = await office.act(application_id, "approve", office.leader())

    assert (answer.status_code, answer.json()["code"]) == (409, "verification_missing")
    assert office.base.issued == []


async def test_signing_away_leaves_everything_as_it_was(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)
    await office.did(application_id, "propose", office.officer())
    events = await office.events()
    office.base.cannot_sign = True

    answer = await office.act(application_id, "approve", office.leader())

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert (await office.own(person, application_id))["status"] == "proposed"
    assert await office.events() == events


async def test_two_approvals_at_once_issue_one_certificate(office: Office) -> None:
    application_id = await office.checking(office.person())
    await office.did(application_id, "propose", office.officer())

    answers = await asyncio.gather(
        *(office.act(application_id, "approve", office.leader(who)) for who in (LEADER, COLLEAGUE))
    )

    assert sorted(one.status_code for one in answers) == [200, 409]
    assert len(office.base.issued) == 1


async def test_stale_version_is_refused(office: Office) -> None:
    application_id = await office.checking(office.person())
    read = await office.client.get(f"{OFFICE}/{application_id}", headers=office.officer())
    etag = read.headers["etag"]
    await office.did(application_id, "claim", office.officer())

    stale = await office.act(application_id, "propose", office.officer(), **{"if-match": etag})

    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert stale.headers["etag"] != etag


async def test_claimed_case_belongs_to_one_officer(office: Office) -> None:
    application_id = await office.checking(office.person())
    await office.did(application_id, "claim", office.officer())
    await office.did(application_id, "claim", office.officer())

    for action in ("claim", "release", "propose", "request_supplement"):
        answer = await office.act(application_id, action, office.officer(COLLEAGUE), "Lý do")
        assert (answer.status_code, answer.json()["code"]) == (409, "claimed_by_another"), action
    released = await office.did(application_id, "release", office.leader())
    taken = await office.did(application_id, "propose", office.officer(COLLEAGUE))

    assert (released["claimed_by"], taken["claimed_by"]) == (None, COLLEAGUE)


@pytest.mark.parametrize("action", ["request_verification", "record_finding", "request_supplement", "refuse"])
async def test_some_actions_say_why(office: Office, action: str) -> None:
    application_id = await office.checking(office.person())
    who = office.leader() if action == "refuse" else office.officer()

    answer = await office.act(application_id, action, who)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/note")


async def test_supplement_stops_the_clock_and_its_answer_moves_the_day(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)
    await office.did(application_id, "request_supplement", office.officer(), "Nơi cư trú 2010–2014?")
    seen = await office.own(person, application_id)
    assert (seen["status"], seen["national_status"]["number"]) == ("awaiting_supplement", 5)
    assert seen["supplements"][0]["asked_for"] == "Nơi cư trú 2010–2014?"
    assert seen["deadline"]["suspended_since"] is not None
    office.later(days=7)
    assert await office.watch() == 0

    added = await office.send(
        f"{OWN}/{application_id}/supplements", {"text": "Phường Thử Nghiệm"}, office.citizen(person)
    )

    assert added.status_code == 201
    assert (added.json()["status"], added.json()["deadline"]["due_on"]) == ("checking", "2026-12-03")
    office_view = await office.client.get(f"{OFFICE}/{application_id}", headers=office.officer())
    assert office_view.json()["answers"] == ["Phường Thử Nghiệm"]


async def test_unanswered_supplement_stops_the_case(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)
    await office.did(application_id, "request_supplement", office.officer(), "Bổ sung nơi cư trú")

    office.later(days=32)

    assert await office.watch() == 1
    assert (await office.own(person, application_id))["status"] == "stopped"


async def test_refusal_tells_the_applicant_why(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)

    refused = await office.did(application_id, "refuse", office.leader(), "Không thuộc thẩm quyền (Điều 49)")

    assert (refused["status"], refused["national_status"]["number"]) == ("refused", 9)
    assert (await office.own(person, application_id))["reason"] == "Không thuộc thẩm quyền (Điều 49)"


async def test_inner_notes_stay_in_the_office(office: Office) -> None:
    person = office.person()
    office.base.outcomes[person.citizen_id] = "hit"
    application_id = await office.checking(person)
    await office.did(application_id, "request_verification", office.officer(), "Nghi trùng tên")

    seen = await office.client.get(f"{OWN}/{application_id}", headers=office.citizen(person))
    kept = await office.client.get(f"{OFFICE}/{application_id}", headers=office.officer())

    assert "Nghi trùng tên" not in seen.text
    assert "Nghi trùng tên" in kept.text


async def test_reading_leaves_a_trace_with_role_office_and_purpose(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)

    await office.client.get(OFFICE, headers=office.officer())
    await office.client.get(f"{OFFICE}/{application_id}", headers=office.leader())

    traces = await office.traces(person)
    assert [(one["actor_role"], one["actor_organisation"], one["outcome"]) for one in traces] == [
        ("judicial_officer", "lltp-ha-noi", "allowed"),
        ("judicial_leader", "lltp-ha-noi", "allowed"),
    ]
    assert list(traces[0]["sections"]) == ["overview"]
    assert all(one["resource"].endswith(str(application_id)) for one in traces)


async def test_another_office_sees_nothing_and_the_attempt_is_traced(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)
    elsewhere = office.staff("judicial_officer", organisation="lltp-da-nang")

    read = await office.client.get(f"{OFFICE}/{application_id}", headers=elsewhere)
    acted = await office.act(application_id, "claim", elsewhere)
    listed = await office.client.get(OFFICE, headers=elsewhere)
    bound_nowhere = await office.client.get(
        OFFICE, headers=office.staff("judicial_officer", organisation=None)
    )

    assert (read.status_code, acted.status_code, listed.json()["items"]) == (404, 404, [])
    assert bound_nowhere.status_code == 403
    assert [one["outcome"] for one in await office.traces(person)] == ["refused", "refused"]


async def test_inbox_filters_by_status_and_lateness_and_pages(office: Office) -> None:
    waiting = await office.made(office.person())
    late, timely = await office.checking(office.person()), None
    office.later(days=7)
    await office.watch()
    timely = await office.checking(office.person())

    async def ids(**params: object) -> list[str]:
        answer = await office.client.get(OFFICE, params=params, headers=office.officer())
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    assert await ids() == [str(waiting), str(late), str(timely)]
    assert await ids(status="checking") == [str(late), str(timely)]
    assert await ids(status=["checking", "awaiting_payment"], overdue="false") == [str(waiting), str(timely)]
    assert await ids(overdue="true") == [str(late)]
    first = (await office.client.get(OFFICE, params={"limit": 2}, headers=office.officer())).json()
    assert await ids(limit=2, cursor=first["next_cursor"]) == [str(timely)]
    unknown = await office.client.get(OFFICE, params={"status": "lost"}, headers=office.officer())
    assert unknown.status_code == 422


async def test_late_case_is_marked_once_and_told(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)
    office.later(days=7)

    assert await office.watch() == 1
    assert await office.watch() == 0

    seen = await office.own(person, application_id)
    assert seen["is_overdue"] is True
    assert seen["steps"][-1]["action"] == "overdue"


async def test_failing_look_up_holds_up_nobody_and_is_tried_again(office: Office) -> None:
    person = office.person()
    application_id = await office.made(person)
    await office.pay(person, application_id)
    office.base.is_away = True
    await office.advance()
    assert (await office.own(person, application_id))["status"] == "accepted"

    office.base.is_away = False
    assert await office.advance() == 0  # not before its next attempt
    await office.rows.execute("update applications set next_attempt_at = now() - interval '1 second'")

    assert await office.advance() == 1
    assert (await office.own(person, application_id))["status"] == "checking"


async def test_workers_at_once_accept_and_look_up_once(office: Office) -> None:
    person = office.person(born_on="1960-08-15")
    application_id = await office.made(person)

    await asyncio.gather(*(office.advance() for _ in range(4)))
    await office.advance()

    actions = [step["action"] for step in (await office.own(person, application_id))["steps"]]
    assert actions == ["apply_without_fee", "accept", "look_up"]


async def test_withdrawal_ends_a_paid_case_before_it_is_issued(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)
    await office.did(application_id, "propose", office.officer())

    withdrawn = await office.send(
        f"{OWN}/{application_id}/withdrawal", {"reason": "Không cần nữa"}, office.citizen(person)
    )
    approved = await office.act(application_id, "approve", office.leader())

    assert (withdrawn.json()["status"], withdrawn.json()["national_status"]["number"]) == ("withdrawn", 8)
    assert (approved.status_code, office.base.issued) == (409, [])


async def test_portal_reads_the_whole_case_by_a_service_token(office: Office) -> None:
    person = office.person()
    application_id = await office.checking(person)
    await office.did(application_id, "propose", office.officer())
    await office.did(application_id, "approve", office.leader())
    token = make_token(
        kind="service",
        client_id="svc-national-portal-sync",
        scopes={"portal.read"},
        audience="urn:lienthong:judicial-record",
    )

    found = await office.client.get(f"/internal/v1/portal-dossiers/{application_id}", headers=bearer(token))
    missing = await office.client.get(f"/internal/v1/portal-dossiers/{UUID(int=7)}", headers=bearer(token))

    dossier = found.json()
    assert (found.status_code, missing.status_code) == (200, 404)
    assert (dossier["status"], dossier["owner"]["personal_id"]) == (10, person.personal_id)
    assert [step["sequence"] for step in dossier["steps"]] == list(range(1, len(dossier["steps"]) + 1))
    assert [step["status"] for step in dossier["steps"]] == [6, 1, 2, 4, 4, 9, 10]
    assert dossier["fees"][0]["paid_at"] is not None
    assert dossier["results"][0]["code"] == "LLTP-G01-2026-0000001"
    assert dossier["finished_at"] >= dossier["accepted_at"]
    assert (await office.traces(person))[-1]["purpose"] == "national_portal_synchronisation"
    assert office.clocks.offset == timedelta(0)
