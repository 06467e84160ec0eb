"""A citizen reads and sets their own; nobody else gets near."""

import httpx2
import pytest

from chassis.testing import bearer
from tests.identity.factories import citizen_tokens, system_form
from tests.identity.fake_vneid import FakeVNeID, make_person

ME = "/v1/me"


@pytest.fixture
async def headers(client: httpx2.AsyncClient) -> dict[str, str]:
    return bearer((await citizen_tokens(client))["access_token"])


async def test_me_is_the_person_whom_vneid_named(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    me = (await client.get(ME, headers=headers)).json()

    assert (me["name"], me["born_on"], me["sex"]) == ("Nguyễn Văn An", "1985-03-12", "male")
    assert (me["personal_id"], me["state"], me["language"]) == ("001085000017", "confirmed", "vi")


async def test_level_1_suffices(client: httpx2.AsyncClient, vneid: FakeVNeID) -> None:
    vneid.person = make_person(acr="LoA1")
    token = (await citizen_tokens(client))["access_token"]

    assert (await client.get(ME, headers=bearer(token))).status_code == 200


async def test_an_unchanged_me_is_not_sent_again(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    etag = (await client.get(ME, headers=headers)).headers["etag"]

    again = await client.get(ME, headers={**headers, "if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")


async def test_the_language_is_set_and_kept(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    before = await client.get(ME, headers=headers)

    changed = await client.patch(ME, json={"language": "en"}, headers={**headers, "idempotency-key": "1"})

    after = await client.get(ME, headers=headers)
    assert (changed.status_code, changed.json()["language"]) == (200, "en")
    assert changed.headers["etag"] == after.headers["etag"] != before.headers["etag"]
    assert after.json()["language"] == "en"


async def test_signing_in_again_keeps_the_language(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    await client.patch(ME, json={"language": "en"}, headers={**headers, "idempotency-key": "1"})

    token = (await citizen_tokens(client))["access_token"]

    assert (await client.get(ME, headers=bearer(token))).json()["language"] == "en"


async def test_an_edit_of_an_old_version_is_refused(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    etag = (await client.get(ME, headers=headers)).headers["etag"]
    await client.patch(ME, json={"language": "en"}, headers={**headers, "idempotency-key": "1"})

    late = await client.patch(
        ME, json={"language": "vi"}, headers={**headers, "idempotency-key": "2", "if-match": etag}
    )

    assert (late.status_code, late.json()["code"]) == (412, "stale_version")
    assert (await client.get(ME, headers=headers)).json()["language"] == "en"


async def test_a_key_replays_its_answer_and_takes_no_other_body(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    keyed = {**headers, "idempotency-key": "1"}
    await client.patch(ME, json={"language": "en"}, headers=keyed)

    replayed = await client.patch(ME, json={"language": "en"}, headers=keyed)
    reused = await client.patch(ME, json={"language": "vi"}, headers=keyed)
    without = await client.patch(ME, json={"language": "vi"}, headers=headers)

    assert replayed.headers["idempotency-replayed"] == "true"
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert (without.status_code, without.json()["code"]) == (400, "missing_idempotency_key")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b'{"language":"fr"}', 422, "invalid"),
        (b'{"language":1}', 422, "invalid"),
        (b'{"language":"vi","name":"X"}', 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"{", 400, "malformed_body"),
        (b"", 400, "malformed_body"),
    ],
)
async def test_only_the_language_can_be_set(
    client: httpx2.AsyncClient, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    sent = {**headers, "idempotency-key": "1", "content-type": "application/json"}

    answer = await client.patch(ME, content=content, headers=sent)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_systems_have_no_me(client: httpx2.AsyncClient) -> None:
    token = (await client.post("/oauth2/token", data=system_form())).json()["access_token"]

    answer = await client.get(ME, headers=bearer(token))

    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
