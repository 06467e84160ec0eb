"""The whole table, walked through: each status, each action, each role; and the same over HTTP."""

from uuid import UUID

import pytest

from casework.transitions import START
from chassis.errors import IllegalTransition, RoleMissing
from contracts.case_status import NationalStatus
from judicial_record.applications.reference import path_of, status_words, transitions
from judicial_record.applications.rules import OPEN_STATUSES, national_path
from tests.judicial_record.conftest import OWN, Office

STATUSES = sorted(set(status_words()) - {"draft"})
ENDED = {"issued", "refused", "withdrawn", "stopped"}
ROLES = ("applicant", "system", "judicial_officer", "judicial_leader")
OFFICE_ACTIONS = (
    "claim",
    "release",
    "request_verification",
    "record_finding",
    "propose",
    "approve",
    "return",
    "refuse",
    "request_supplement",
)
LEGAL = {
    (row.from_status, row.action, role): row.to_status for row in transitions().rows for role in row.roles
}


def test_table_names_the_statuses_and_actions_of_the_contract() -> None:
    assert transitions().statuses == set(STATUSES)
    assert transitions().roles == set(ROLES)
    assert set(OFFICE_ACTIONS) <= transitions().actions
    assert set(STATUSES) - ENDED == OPEN_STATUSES


def test_every_open_status_leads_on_and_no_ended_one_does() -> None:
    leaving = {row.from_status for row in transitions().rows}

    assert leaving == OPEN_STATUSES | {START}


def test_every_status_is_reached() -> None:
    assert {row.to_status for row in transitions().rows} == set(STATUSES)


@pytest.mark.parametrize("status", [START, *STATUSES])
@pytest.mark.parametrize("role", ROLES)
def test_each_status_action_and_role(status: str, role: str) -> None:
    for action in transitions().actions:
        if (status, action, role) in LEGAL:
            assert transitions().find(status, action, role).to_status == LEGAL[status, action, role]
        else:
            with pytest.raises((IllegalTransition, RoleMissing)):
                transitions().find(status, action, role)


def test_withdrawal_is_open_until_the_end_and_closed_after() -> None:
    able = {status for status in STATUSES if (status, "withdraw", "applicant") in LEGAL}

    assert able == OPEN_STATUSES


def test_nobody_but_a_leader_decides_and_nobody_but_an_officer_proposes() -> None:
    for action, role in (
        ("approve", "judicial_leader"),
        ("refuse", "judicial_leader"),
        ("propose", "judicial_officer"),
    ):
        assert {who for _, done, who in LEGAL if done == action} == {role}


def test_national_statuses_follow_the_portals_numbering() -> None:
    for row in transitions().rows:
        path = national_path(path_of(row), row.action, "counter")
        assert all(isinstance(number, NationalStatus) for number in path), row.transition_id
        if row.to_status in ("withdrawn", "stopped"):
            assert path[-1] is NationalStatus.STOPPED
    assert [*national_path([9], "approve", "electronic")] == [9, 10]


async def reach(office: Office, status: str) -> tuple[UUID, dict[str, str]]:
    """Return an application in a status, and its applicant's headers."""
    person = office.person()
    if status == "awaiting_payment":
        return await office.made(person), office.citizen(person)
    who = office.citizen(person)
    application_id = await office.made(person)
    url = f"{OWN}/{application_id}"
    if status == "withdrawn":
        await office.send(f"{url}/withdrawal", {}, who)
        return application_id, who
    if status == "stopped":
        office.later(days=20)
        await office.watch()
        return application_id, who
    await office.pay(person, application_id)
    if status == "submitted":
        return application_id, who
    if status == "accepted":
        office.base.is_away = True
        await office.advance()
        return application_id, who
    await office.advance()
    for at_status, action, by in (
        ("verifying", "request_verification", office.officer()),
        ("awaiting_supplement", "request_supplement", office.officer()),
        ("refused", "refuse", office.leader()),
    ):
        if status == at_status:
            await office.did(application_id, action, by, "Lý do")
    if status in ("proposed", "issued"):
        await office.did(application_id, "propose", office.officer())
    if status == "issued":
        await office.did(application_id, "approve", office.leader())
    return application_id, who


@pytest.mark.parametrize("status", STATUSES)
async def test_over_http_each_action_out_of_order_changes_nothing(office: Office, status: str) -> None:
    application_id, applicant = await reach(office, status)
    row = "select status, version from applications where application_id = $1"
    before = await office.rows.fetchrow(row, application_id)
    assert before["status"] == status

    for role, who in (("judicial_officer", office.officer()), ("judicial_leader", office.leader())):
        for action in OFFICE_ACTIONS:
            if (status, action, role) in LEGAL:
                continue
            answer = await office.act(application_id, action, who, "Lý do")
            expected = (409, "illegal_transition")
            if not any(done == action and by == role for _, done, by in LEGAL):
                expected = (403, "role_missing")
            assert (answer.status_code, answer.json()["code"]) == expected, (status, action, role)
    for command, action in (("withdrawal", "withdraw"), ("supplements", "supplement")):
        if (status, action, "applicant") not in LEGAL:
            body = {"text": "Bổ sung"} if command == "supplements" else {}
            answer = await office.send(f"{OWN}/{application_id}/{command}", body, applicant)
            assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition"), (
                status,
                action,
            )

    assert await office.rows.fetchrow(row, application_id) == before
