"""Applying: who may, what it costs and why, one open application per person and form."""

import asyncio
from uuid import UUID

from chassis.ids import new_id
from chassis.testing import bearer, make_claims, make_token, sign_claims
from tests.judicial_record.conftest import OWN, Office
from tests.judicial_record.peers import Person


def acting_for(person: Person) -> dict[str, str]:
    """Return the headers of a parent who acts for a person."""
    claims = make_claims(subject=str(person.citizen_id), scopes={"judicial.apply"})
    return bearer(sign_claims(claims | {"act": {"sub": str(new_id())}}))


async def test_application_waits_for_its_fee_and_explains_it(office: Office) -> None:
    answer = await office.apply(office.person(), copies=4)

    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{OWN}/{made['id']}"
    assert made["status"] == "awaiting_payment"
    assert made["national_status"]["number"] == 6
    assert made["code"] == "G01-20261123-0000001"
    assert made["fee"]["total_vnd"] == 210_000
    assert made["fee"]["source"]
    assert [line["amount_vnd"] for line in made["fee"]["lines"]] == [200_000, 10_000]
    assert made["next"]["who"]["role"] == "applicant"
    assert made["next"]["until"] == "2026-12-08T17:00:00Z"
    assert [step["action"] for step in made["steps"]] == ["apply"]


async def test_sixty_and_older_pay_nothing_and_are_submitted_at_once(office: Office) -> None:
    made = (await office.apply(office.person(born_on="1960-08-15"))).json()

    assert made["status"] == "submitted"
    assert made["fee"]["group"] == "elderly"
    assert made["fee"]["total_vnd"] == 0
    assert made["deadline"]["code"] == "acceptance"
    assert made["deadline"]["due_at"] == "2026-11-25T03:00:00Z"  # 24 November is Culture Day


async def test_age_decides_to_the_day(office: Office) -> None:
    just_sixty = await office.apply(office.person(born_on="1966-11-23"))
    one_day_short = await office.apply(office.person(born_on="1966-11-24"))

    assert just_sixty.json()["fee"]["total_vnd"] == 0
    assert one_day_short.json()["fee"]["total_vnd"] == 200_000


async def test_declared_age_group_must_be_true(office: Office) -> None:
    answer = await office.apply(office.person(), fee_group="elderly")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/fee_group"


async def test_students_pay_half(office: Office) -> None:
    made = (await office.apply(office.person(), fee_group="student")).json()

    assert (made["fee"]["total_vnd"], made["fee"]["group"]) == (100_000, "student")


async def test_under_sixteen_is_refused_with_the_rule(office: Office) -> None:
    answer = await office.apply(office.person(born_on="2010-11-24"))
    sixteen_today = await office.apply(office.person(born_on="2010-11-23"))

    assert (answer.status_code, answer.json()["code"]) == (403, "under_age")
    assert answer.json()["rule"]["least_age"] == 16
    assert sixteen_today.status_code == 201


async def test_acting_for_another_is_a_clear_problem(office: Office) -> None:
    grown, child = office.person(born_on="2009-01-01"), office.person(born_on="2016-06-01")
    body = {"form": 1, "purpose": "Du học", "delivery": "electronic"}

    answers = [await office.send(OWN, body, acting_for(person)) for person in (grown, child)]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (403, "acting_for_another"),
        (403, "under_age"),
    ]


async def test_parent_neither_sees_nor_ends_what_a_grown_child_applied_for(office: Office) -> None:
    person = office.person(born_on="2009-01-01")
    url = f"{OWN}/{await office.made(person)}"

    answers = [
        await office.client.get(OWN, headers=acting_for(person)),
        await office.client.get(url, headers=acting_for(person)),
        await office.send(f"{url}/withdrawal", {}, acting_for(person)),
        await office.send(f"{url}/payments", {}, acting_for(person)),
        await office.send(f"{url}/supplements", {"text": "Thêm"}, acting_for(person)),
    ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(403, "acting_for_another")}


async def test_company_does_not_apply(office: Office) -> None:
    company = make_token(
        kind="company", subject=str(new_id()), organisation="0100000010", scopes={"judicial.apply"}
    )
    body = {"form": 1, "purpose": "Tuyển dụng", "delivery": "electronic"}

    answer = await office.send(OWN, body, bearer(company))

    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_unconfirmed_and_unknown_people_are_refused_for_now(office: Office) -> None:
    unconfirmed = await office.apply(office.person(is_confirmed=False))
    stranger = office.person()
    office.peers.people.clear()
    unknown = await office.apply(stranger)

    for answer in (unconfirmed, unknown):
        assert (answer.status_code, answer.json()["code"]) == (409, "person_not_confirmed")
        assert answer.json()["retry"] == "later"


async def test_nothing_is_made_while_identity_is_away(office: Office) -> None:
    person = office.person()
    office.peers.is_identity_away = True

    answer = await office.apply(person)

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert await office.rows.fetchval("select count(*) from applications") == 0
    office.peers.is_identity_away = False
    assert (await office.apply(person)).json()["code"] == "G01-20261123-0000001"


async def test_one_open_application_per_person_and_form(office: Office) -> None:
    person = office.person()
    first = await office.made(person)

    second = await office.apply(person)
    other_form = await office.apply(person, form=2)
    other_person = await office.apply(office.person())

    assert (second.status_code, second.json()["code"]) == (409, "already_open")
    assert second.json()["application_id"] == str(first)
    assert other_form.status_code == other_person.status_code == 201
    assert other_form.json()["include_bans"] is True


async def test_applications_at_once_make_one(office: Office) -> None:
    person = office.person()

    answers = await asyncio.gather(*(office.apply(person) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert await office.rows.fetchval("select count(*) from applications") == 1
    assert await office.rows.fetchval("select last_number from number_counters") == 1


async def test_after_withdrawal_one_may_apply_again(office: Office) -> None:
    person = office.person()
    first = await office.made(person)
    await office.send(f"{OWN}/{first}/withdrawal", {}, office.citizen(person))

    again = await office.apply(person)

    assert again.status_code == 201
    assert again.json()["code"] == "G01-20261123-0000002"


async def test_bad_fields_are_named(office: Office) -> None:
    answer = await office.apply(
        office.person(), form=3, purpose=" ", delivery="pigeon", copies=0, include_bans="no", extra=1
    )

    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/form",
        "/purpose",
        "/delivery",
        "/copies",
        "/include_bans",
        "/extra",
    }


async def test_personal_content_is_ciphertext_at_rest(office: Office) -> None:
    person = office.person()
    application_id = await office.made(person, purpose="Xin con nuôi", fee_group="disabled")

    row = await office.rows.fetchrow("select * from applications where application_id = $1", application_id)

    kept = repr(dict(row)).encode() + b"".join(value for value in row if isinstance(value, bytes))
    for secret in ("Xin con nuôi", person.name, person.personal_id, person.born_on, "disabled"):
        assert secret.encode() not in kept


async def test_another_citizens_application_is_not_there_and_the_attempt_is_traced(office: Office) -> None:
    owner, other = office.person(), office.person()
    application_id = await office.made(owner)

    read = await office.client.get(f"{OWN}/{application_id}", headers=office.citizen(other))
    withdrawn = await office.send(f"{OWN}/{application_id}/withdrawal", {}, office.citizen(other))
    paid = await office.send(f"{OWN}/{application_id}/payments", {}, office.citizen(other))

    assert [one.status_code for one in (read, withdrawn, paid)] == [404, 404, 404]
    traces = await office.traces(owner)
    assert [(one["outcome"], one["actor_subject"]) for one in traces] == [
        ("refused", str(other.citizen_id))
    ] * 3


async def test_unknown_application_is_not_there(office: Office) -> None:
    unknown = UUID("0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10")

    answer = await office.client.get(f"{OWN}/{unknown}", headers=office.citizen(office.person()))

    assert answer.status_code == 404


async def test_list_pages_newest_first_and_only_ones_own(office: Office) -> None:
    person = office.person()
    await office.made(office.person())
    first, second = await office.made(person), await office.made(person, form=2)

    page = (await office.client.get(OWN, params={"limit": 1}, headers=office.citizen(person))).json()
    rest = (
        await office.client.get(
            OWN, params={"limit": 1, "cursor": page["next_cursor"]}, headers=office.citizen(person)
        )
    ).json()
    stolen = await office.client.get(
        OWN, params={"cursor": page["next_cursor"]}, headers=office.citizen(office.person())
    )

    assert [one["id"] for one in page["items"] + rest["items"]] == [str(second), str(first)]
    assert rest["next_cursor"] is None
    assert (stolen.status_code, stolen.json()["code"]) == (400, "malformed_cursor")


async def test_read_answers_304_until_something_changes(office: Office) -> None:
    person = office.person()
    application_id = await office.made(person)
    url, who = f"{OWN}/{application_id}", office.citizen(person)
    etag = (await office.client.get(url, headers=who)).headers["etag"]

    same = await office.client.get(url, headers={**who, "if-none-match": etag})
    await office.pay(person, application_id)
    changed = await office.client.get(url, headers={**who, "if-none-match": etag})

    assert (same.status_code, changed.status_code) == (304, 200)


async def test_event_names_no_person_and_no_content(office: Office) -> None:
    person = office.person()
    application_id = await office.made(person)

    (event,) = await office.events()

    assert event["type"] == "judicial-record.application.changed.v1"
    assert event["application_id"] == str(application_id)
    assert (event["status"], event["national_status"], event["version"]) == ("awaiting_payment", 6, 1)
    assert person.name not in str(event)
