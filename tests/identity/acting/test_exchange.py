"""Acting for a child or a company: who may, with what, and everybody who may not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.db import Database
from chassis.ids import new_id
from chassis.keys import SigningKey, SigningKeys
from chassis.testing import PUBLIC_URL, bearer
from identity.tokens.minting import Bearer, Minter
from tests.identity.acting.conftest import (
    AN,
    BINH,
    CHI,
    DIRECTOR,
    EMPLOYEE,
    NAMES,
    YOUNG,
    Register,
    as_person,
)
from tests.identity.factories import CITIZEN_SCOPES, assertion, citizen_tokens, system_form
from tests.identity.fake_vneid import FakeVNeID

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
ALL = " ".join(CITIZEN_SCOPES)


async def own_token(client: httpx2.AsyncClient, vneid: FakeVNeID, number: str, **wish: Any) -> str:
    level = wish.pop("level", 2)
    as_person(vneid, number, level)
    return str((await citizen_tokens(client, **{"scope": ALL, **wish}))["access_token"])


async def acting_for(client: httpx2.AsyncClient, token: str) -> dict[str, dict[str, Any]]:
    """Return for whom a token's holder may act, by name."""
    answer = await client.get("/v1/me/acting-for", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()["items"]}


async def exchange(client: httpx2.AsyncClient, token: str, subject: Any, **fields: Any) -> httpx2.Response:
    form = {
        "grant_type": GRANT,
        "client_id": "cli",
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        "requested_subject": str(subject),
        **fields,
    }
    return await client.post(
        "/oauth2/token", data={name: one for name, one in form.items() if one is not None}
    )


async def actor_of(app: FastAPI, answer: httpx2.Response) -> Actor:
    assert answer.status_code == 200, answer.text
    actor: Actor = await app.state.verifier.verify(answer.json()["access_token"])
    return actor


def refused(answer: httpx2.Response, error: str = "invalid_request") -> bool:
    assert answer.status_code == 400, answer.text
    return bool(answer.json()["error"] == error)


async def subject_of(app: FastAPI, token: str) -> str:
    return str((await app.state.verifier.verify(token)).subject)


async def id_of(app: FastAPI, number: str) -> UUID:
    """Return the citizen of a number that is known."""
    from identity.people.papers import Paper, PaperKind

    key = app.state.vault.key(Paper(PaperKind.PERSONAL_ID, number))
    async with app.state.database.connection() as connection:
        found: UUID = await connection.fetchval(
            "select citizen_id from paper_claims where blind_index = $1", key.blind_index
        )
    return found


async def test_a_mother_acts_for_her_child(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH)
    children = await acting_for(client, token)

    answer = await exchange(client, token, children["Trần Gia Chi"]["id"])

    actor = await actor_of(app, answer)
    own = await app.state.verifier.verify(token)
    assert (actor.kind, actor.subject) == ("citizen", children["Trần Gia Chi"]["id"])
    assert (actor.act, actor.roles) == ({"sub": own.subject}, {"citizen"})
    assert (actor.acr, actor.auth_time, actor.expires_at) == (own.acr, own.auth_time, own.expires_at)
    assert actor.scopes == {"health.read", "dossier.file"}
    assert answer.json()["issued_token_type"] == ACCESS_TOKEN
    assert "id_token" not in answer.json()


async def test_minor_children_with_a_number_are_listed_without_it(
    client: httpx2.AsyncClient, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH)

    answer = await client.get("/v1/me/acting-for", headers=bearer(token))

    assert [one["name"] for one in answer.json()["items"]] == ["Trần Gia Dũng", "Trần Gia Chi"]
    assert answer.json()["is_complete"]
    assert CHI not in answer.text
    assert answer.json()["items"][1] | {"id": "?"} == {
        "id": "?",
        "kind": "child",
        "name": "Trần Gia Chi",
        "born_on": "2016-06-01",
        "tax_code": None,
        "basis": "parent",
        "scopes": ["dossier.file", "health.read", "health.share"],
    }


async def test_the_book_of_a_young_person_is_their_own(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH)
    await acting_for(client, token)
    young = await id_of(app, YOUNG)

    assert refused(await exchange(client, token, young, scope="health.read"), "invalid_scope")
    assert (await actor_of(app, await exchange(client, token, young))).scopes == {"dossier.file"}


async def test_a_stranger_may_not_and_is_told_no_more_than_about_nobody(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, register: Register, database: Database
) -> None:
    await acting_for(client, await own_token(client, vneid, BINH))
    chi, an = await id_of(app, CHI), await own_token(client, vneid, AN)

    of_chi, of_nobody = await exchange(client, an, chi), await exchange(client, an, new_id())

    assert refused(of_chi)
    assert of_chi.json() == of_nobody.json()
    async with database.connection() as connection:
        entry = await connection.fetchrow(
            "select * from access_entries where outcome = 'refused' and citizen_id = $1", chi
        )
    assert entry is not None
    assert (entry["actor_subject"], entry["reason"]) == (await subject_of(app, an), "no_relation")


async def test_a_child_sees_that_the_mother_acts(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, register: Register, database: Database
) -> None:
    token = await own_token(client, vneid, BINH)
    chi = (await acting_for(client, token))["Trần Gia Chi"]["id"]
    await exchange(client, token, chi)

    async with database.connection() as connection:
        rows = await connection.fetch(
            "select sections from access_entries where citizen_id = $1 and outcome = 'allowed'", UUID(chi)
        )
    assert sorted(row["sections"] for row in rows) == [["identity"], ["token"]]


@pytest.mark.parametrize("dead", [BINH, CHI])
async def test_nobody_acts_where_parent_or_child_is_dead(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, register: Register, dead: str
) -> None:
    token = await own_token(client, vneid, BINH)
    chi = (await acting_for(client, token))["Trần Gia Chi"]["id"]
    register.dead.add(dead)

    assert refused(await exchange(client, token, chi))


async def test_a_relation_that_ends_ends_with_the_next_exchange(
    client: httpx2.AsyncClient, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH)
    chi = (await acting_for(client, token))["Trần Gia Chi"]["id"]
    register.children[BINH] = []

    assert refused(await exchange(client, token, chi))


async def test_a_register_that_is_away_is_a_wait_for_children_and_nothing_for_companies(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, register: Register, company: dict[str, Any]
) -> None:
    register.status = 503
    mother, director = await own_token(client, vneid, BINH), await own_token(client, vneid, DIRECTOR)

    listed = (await client.get("/v1/me/acting-for", headers=bearer(director))).json()
    answer = await exchange(client, mother, new_id())

    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert "retry-after" in answer.headers
    assert ([one["name"] for one in listed["items"]], listed["is_complete"]) == ([company["name"]], False)
    assert (await actor_of(app, await exchange(client, director, listed["items"][0]["id"]))).kind == "company"


@pytest.mark.parametrize(
    ("number", "basis"), [(DIRECTOR, "legal_representative"), (EMPLOYEE, "delegate")], ids=NAMES.get
)
async def test_director_and_delegate_act_for_the_company(
    client: httpx2.AsyncClient,
    app: FastAPI,
    vneid: FakeVNeID,
    register: Register,
    company: dict[str, Any],
    number: str,
    basis: str,
) -> None:
    token = await own_token(client, vneid, number)
    (found,) = (await acting_for(client, token)).values()

    actor = await actor_of(app, await exchange(client, token, found["id"]))

    assert (found["kind"], found["tax_code"], found["basis"]) == ("company", "0100000010", basis)
    assert (actor.kind, actor.subject, actor.organisation) == ("company", found["id"], "0100000010")
    assert (actor.act, actor.roles) == ({"sub": await subject_of(app, token)}, {"company"})
    assert (actor.scopes, actor.citizen_id) == ({"dossier.file"}, None)


@pytest.mark.parametrize(
    "ended",
    ["ended_at = now()", "valid_from = date '2999-01-01'", "valid_until = date '2026-01-02'"],
    ids=["taken back", "not yet", "no more"],
)
async def test_a_delegation_holds_within_its_days(
    client: httpx2.AsyncClient,
    vneid: FakeVNeID,
    register: Register,
    company: dict[str, Any],
    database: Database,
    ended: str,
) -> None:
    token = await own_token(client, vneid, EMPLOYEE)
    (found,) = (await acting_for(client, token)).values()
    async with database.connection() as connection:
        await connection.execute(f"update delegations set {ended}")  # noqa: S608 - the cases above

    assert refused(await exchange(client, token, found["id"]))
    assert await acting_for(client, token) == {}


async def test_an_ended_delegation_does_not_come_back_with_the_file(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, company: dict[str, Any], database: Database,
    register: Register,
) -> None:  # fmt: skip
    from identity.loading import load

    async with database.connection() as connection:
        await connection.execute("update delegations set ended_at = now()")
    await load(app.state.settings, app.state.keys)

    assert await acting_for(client, await own_token(client, vneid, EMPLOYEE)) == {}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "x"}, "invalid_request"),
        ({"requested_subject": None}, "invalid_request"),
        ({"requested_subject": "chi"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x", "actor_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"audience": "urn:lienthong:dossier"}, "invalid_target"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"scope": "health.read openid"}, "invalid_scope"),
        ({"scope": "judicial.apply"}, "invalid_scope"),
        ({"scope": "ops"}, "invalid_scope"),
        ({"client_id": "mobile-app"}, "invalid_request"),
    ],
    ids=str,
)
async def test_what_is_asked_wrongly_is_refused(
    client: httpx2.AsyncClient, vneid: FakeVNeID, register: Register, fields: dict[str, Any], error: str
) -> None:
    token = await own_token(client, vneid, BINH)
    chi = (await acting_for(client, token))["Trần Gia Chi"]["id"]

    assert refused(await exchange(client, token, chi, **fields), error)


async def test_only_narrower_scopes_are_given(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH, scope="openid health.read")
    chi = (await acting_for(client, token))["Trần Gia Chi"]["id"]

    assert (await actor_of(app, await exchange(client, token, chi))).scopes == {"health.read"}
    assert refused(await exchange(client, token, chi, scope="dossier.file"), "invalid_scope")


async def test_a_token_that_acts_already_is_not_exchanged_again(
    client: httpx2.AsyncClient, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH)
    chi = (await acting_for(client, token))["Trần Gia Chi"]["id"]
    of_chi = (await exchange(client, token, chi)).json()["access_token"]

    assert refused(await exchange(client, of_chi, chi))


async def test_a_revoked_token_is_not_exchanged(
    client: httpx2.AsyncClient, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH)
    chi = (await acting_for(client, token))["Trần Gia Chi"]["id"]
    await client.post("/oauth2/revoke", data={"client_id": "cli", "token": token})

    assert refused(await exchange(client, token, chi))


def minted(app: FastAPI, subject: str, *, minter: Minter | None = None, **changes: Any) -> str:
    """Return a token as identity would mint it for the mother, but for what is changed."""
    bearer_ = Bearer(
        subject, "cli", "citizen", PUBLIC_URL, CITIZEN_SCOPES, ["citizen"], acr="urn:vneid:level:2"
    )
    at = Clocks.real().real_now() - changes.pop("age", timedelta())
    return (minter or app.state.token_service.minter).access_token(replace(bearer_, **changes), at).value


async def test_tokens_of_other_kinds_places_and_times_are_not_exchanged(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH)
    chi, mother = (await acting_for(client, token))["Trần Gia Chi"]["id"], await subject_of(app, token)
    stranger = Minter(PUBLIC_URL, SigningKeys(SigningKey.generate(), ()))
    elsewhere = Minter("https://evil.example", app.state.token_service.minter.keys)
    tokens = {
        "expired": minted(app, mother, age=timedelta(minutes=11)),
        "of another issuer": minted(app, mother, minter=elsewhere),
        "signed by another": minted(app, mother, minter=stranger),
        "of another client": minted(app, mother, client_id="mobile-app"),
        "for another audience": minted(app, mother, audience="urn:lienthong:identity"),
        "of staff": minted(app, mother, kind="staff", roles=["operator"], organisation="lien-thong"),
        "of a system": minted(app, "his-99999", kind="system"),
        "of a company": minted(app, str(new_id()), kind="company"),
    }

    answers = {name: await exchange(client, one, chi) for name, one in tokens.items()}

    assert {name: refused(answer) for name, answer in answers.items()} == dict.fromkeys(tokens, True)
    assert len({answer.text for answer in answers.values()}) == 1
    assert (await exchange(client, minted(app, mother), chi)).status_code == 200


async def test_a_system_exchanges_nobodys_token(
    client: httpx2.AsyncClient, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH)
    chi = (await acting_for(client, token))["Trần Gia Chi"]["id"]
    own = (await client.post("/oauth2/token", data=system_form())).json()["access_token"]
    proof = {
        "client_id": "his-99999",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }

    for subject_token in (token, own):
        fields = {**proof, "client_assertion": assertion()}
        assert refused(await exchange(client, subject_token, chi, **fields))


async def test_an_exchanged_token_opens_what_is_the_childs(
    client: httpx2.AsyncClient, vneid: FakeVNeID, register: Register
) -> None:
    token = await own_token(client, vneid, BINH)
    chi = (await acting_for(client, token))["Trần Gia Chi"]["id"]
    of_chi = (await exchange(client, token, chi)).json()["access_token"]

    assert (await client.get("/v1/me", headers=bearer(of_chi))).json()["name"] == "Trần Gia Chi"
    assert (await client.get("/oauth2/userinfo", headers=bearer(of_chi))).status_code == 403
