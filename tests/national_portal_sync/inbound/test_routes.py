"""What peers hand over: signed, once per version, item by item, never an older over a newer."""

import asyncio
from typing import Any

import httpx2
import orjson
import pytest

from chassis import http_signatures
from chassis.ids import new_id
from chassis.keys import SigningKey
from chassis.testing import PUBLIC_URL, bearer, make_token
from contracts.portal import InboundDossier
from tests.national_portal_sync.conftest import Sync
from tests.national_portal_sync.factories import OWNER, make_change, make_dossier

KEY = SigningKey.generate()
DOSSIERS = "/v1/portal/dossiers"
STATUSES = "/v1/portal/dossier-statuses"


def item(code: str = "G01-1", version: int = 1, **overrides: Any) -> dict[str, Any]:
    values = {
        "code": code,
        "version": version,
        "procedure_code": "1.002088",
        "owner": OWNER,
        "submitted_at": "2026-11-23T02:00:00Z",
        "form": {"ten": "Kem dưỡng"},
        "papers": [
            {"slot": "TP01", "file_name": "don.pdf", "media_type": "application/pdf", "content": "JVBERi0="}
        ],
    }
    return values | overrides


def status(code: str = "G01-1", version: int = 1, number: int = 4, **overrides: Any) -> dict[str, Any]:
    values = {"code": code, "version": version, "status": number, "changed_at": "2026-11-23T03:00:00Z"}
    return values | overrides


async def send(
    sync: Sync, path: str, items: list[Any], *, client_id: str = "dvcqg", key: SigningKey = KEY, **more: str
) -> httpx2.Response:
    sync.sources.keys.setdefault("dvcqg", {"keys": [KEY.public_jwk()]})
    sync.sources.keys.setdefault("vnsw", {"keys": [KEY.public_jwk()]})
    body = orjson.dumps({"items": items})
    headers = sync.system(client_id, "portal.exchange") | {"content-type": "application/json"} | more
    signed = http_signatures.sign("POST", f"{PUBLIC_URL}{path}", headers, body, key=key, keyid=key.kid)
    return await sync.client.post(path, content=body, headers=signed)


def outcomes(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["outcome"] for one in answer.json()["items"]]


async def announced(sync: Sync) -> list[dict[str, Any]]:
    found = await sync.rows.fetch("select data from outbox order by position")
    return [orjson.loads(row["data"]) for row in found]


async def test_dossier_is_kept_announced_and_given_to_its_service(sync: Sync) -> None:
    answer = await send(sync, DOSSIERS, [item()])

    assert outcomes(answer) == ["received"]
    inbound_id = answer.json()["items"][0]["inbound_id"]
    event = (await announced(sync))[0]
    assert (event["peer"], event["external_code"], event["version"]) == ("dvcqg", "G01-1", 1)
    assert "personal_id" not in str(event)
    token = make_token(kind="service", scopes={"inbound.read"}, audience="urn:lienthong:national-portal-sync")
    content = await sync.client.get(event["detail_url"], headers=bearer(token))
    assert content.status_code == 200
    assert event["detail_url"].endswith(inbound_id)
    dossier = InboundDossier.model_validate_json(content.content)
    assert (dossier.owner.personal_id, dossier.form) == ("001085000017", {"ten": "Kem dưỡng"})


async def test_content_lies_encrypted(sync: Sync) -> None:
    await send(sync, DOSSIERS, [item()])

    assert b"001085000017" not in await sync.rows.fetchval("select content from inbound_dossiers")


async def test_same_version_again_is_unchanged_and_not_announced_again(sync: Sync) -> None:
    first = await send(sync, DOSSIERS, [item()])
    second = await send(sync, DOSSIERS, [item()])

    assert outcomes(second) == ["unchanged"]
    assert second.json()["items"][0]["inbound_id"] == first.json()["items"][0]["inbound_id"]
    assert len(await announced(sync)) == 1


async def test_ten_at_once_are_one(sync: Sync) -> None:
    answers = await asyncio.gather(*(send(sync, DOSSIERS, [item()]) for _ in range(10)))

    assert (
        sorted(outcome for answer in answers for outcome in outcomes(answer))
        == ["received"] + ["unchanged"] * 9
    )
    assert len(await announced(sync)) == 1


async def test_older_version_overwrites_nothing(sync: Sync) -> None:
    await send(sync, DOSSIERS, [item(version=3)])

    assert outcomes(await send(sync, DOSSIERS, [item(version=2)])) == ["stale"]
    state = await sync.client.get(f"{DOSSIERS}/G01-1", headers=sync.system("dvcqg", "portal.exchange"))
    assert state.json()["version"] == 3


async def test_version_used_twice_is_rejected_and_others_of_the_request_are_taken(sync: Sync) -> None:
    await send(sync, DOSSIERS, [item()])
    answer = await send(sync, DOSSIERS, [item(form={"ten": "khác"}), item(code="G01-2")])

    assert outcomes(answer) == ["rejected", "received"]
    assert answer.json()["items"][0]["errors"][0]["code"] == "version_reused"


async def test_each_bad_item_is_told_what_is_wrong_with_it(sync: Sync) -> None:
    bad = [
        item(code="G01-2", owner={"kind": "citizen", "name": "A"}),
        item(code="G01-3", papers=[{**item()["papers"][0], "content": "%%%"}]),
        item(code="G01-4", version="1"),
        "nothing",
        item(code="G01-5", submitted_at="2026-11-23T02:00:00"),
    ]
    answer = await send(sync, DOSSIERS, [item(), *bad])

    assert outcomes(answer) == ["received", *["rejected"] * 5]
    errors = [[(e["pointer"], e["code"]) for e in one["errors"]] for one in answer.json()["items"][1:]]
    assert errors == [
        [("/owner", "owner_number_missing")],
        [("/papers/0/content", "not_base64")],
        [("/version", "int_type")],
        [("", "object_type")],
        [("/submitted_at", "timezone_aware")],
    ]


async def test_request_without_one_sound_item_is_refused(sync: Sync) -> None:
    answer = await send(sync, DOSSIERS, [item(version=0)])

    assert answer.status_code == 422
    assert answer.json()["code"] == "nothing_accepted"
    assert answer.json()["items"][0]["errors"][0]["pointer"] == "/version"


@pytest.mark.parametrize("path", [DOSSIERS, STATUSES])
@pytest.mark.parametrize("body", [{"items": [item()]}, {}])
async def test_unsigned_request_is_refused_whatever_it_says(
    sync: Sync, path: str, body: dict[str, object]
) -> None:
    headers = sync.system("dvcqg", "portal.exchange")
    answer = await sync.client.post(path, json=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_missing")
    assert await announced(sync) == []


async def test_signature_of_another_key_or_for_another_body_is_refused(sync: Sync) -> None:
    forged = await send(sync, DOSSIERS, [item()], key=SigningKey.generate())
    body = orjson.dumps({"items": [item()]})
    headers = sync.system("dvcqg", "portal.exchange") | {"content-type": "application/json"}
    url = f"{PUBLIC_URL}{DOSSIERS}"
    signed = http_signatures.sign("POST", url, headers, body, key=KEY, keyid="dvcqg")
    altered = await sync.client.post(DOSSIERS, content=body.replace(b"G01-1", b"G01-9"), headers=signed)

    assert [answer.json()["code"] for answer in (forged, altered)] == ["signature_invalid"] * 2
    assert await announced(sync) == []


async def test_signed_request_sent_again_under_another_key_is_a_replay(sync: Sync) -> None:
    sync.sources.keys["dvcqg"] = {"keys": [KEY.public_jwk()]}
    body = orjson.dumps({"items": [item()]})
    headers = sync.system("dvcqg", "portal.exchange") | {"content-type": "application/json"}
    url = f"{PUBLIC_URL}{DOSSIERS}"
    signed = http_signatures.sign("POST", url, headers, body, key=KEY, keyid="dvcqg")
    first = await sync.client.post(DOSSIERS, content=body, headers=signed)
    again = {**signed, "idempotency-key": str(new_id())}
    second = await sync.client.post(DOSSIERS, content=body, headers=again)

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (409, "signature_replayed")


async def test_two_portals_may_use_the_same_code(sync: Sync) -> None:
    await send(sync, DOSSIERS, [item(version=5)])

    assert outcomes(await send(sync, DOSSIERS, [item()], client_id="vnsw")) == ["received"]
    assert await sync.rows.fetchval("select count(*) from inbound_dossiers") == 2


async def test_portal_reads_back_only_its_own(sync: Sync) -> None:
    await send(sync, DOSSIERS, [item()])
    answer = await sync.client.get(f"{DOSSIERS}/G01-1", headers=sync.system("vnsw", "portal.exchange"))

    assert answer.status_code == 404


@pytest.mark.parametrize("order", [[1, 2, 3], [3, 2, 1], [2, 3, 1]])
async def test_statuses_in_any_order_end_with_the_newest(sync: Sync, order: list[int]) -> None:
    await send(sync, DOSSIERS, [item()])
    for version in order:
        await send(sync, STATUSES, [status(version=version, number=version + 1)])

    state = await sync.client.get(f"{DOSSIERS}/G01-1", headers=sync.system("dvcqg", "portal.exchange"))
    assert (state.json()["status"], state.json()["status_version"]) == (4, 3)


async def test_status_is_taken_once_and_needs_a_known_dossier_and_its_reason(sync: Sync) -> None:
    await send(sync, DOSSIERS, [item()])
    given = [status(), status(), status(code="G01-7"), status(version=2, number=5)]
    answer = await send(sync, STATUSES, given)

    assert outcomes(answer) == ["received", "unchanged", "rejected", "rejected"]
    codes = [one["errors"][0]["code"] for one in answer.json()["items"][2:]]
    assert codes == ["unknown_dossier", "reason_missing"]


async def test_status_of_a_dossier_that_we_told_of_is_taken(sync: Sync) -> None:
    dossier = make_dossier(1)
    await sync.announce(make_change(new_id(), dossier))

    assert outcomes(await send(sync, STATUSES, [status(code=dossier.code)])) == ["received"]
