"""The catalogue: found without accents, dated, published by its owner alone."""

from typing import Any

import pytest

from tests.dossier.conftest import Desk

COSMETICS = "/v1/procedures/1.002088"


def owner(desk: Desk) -> dict[str, str]:
    return desk.staff("danh-muc", "catalogue_owner", "bo-y-te", "catalogue.write")


def as_input(out: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return what a read procedure is published as again."""
    own = ("code", "version", "valid_from", "valid_until", "fully_online_share", "fees_total_vnd")
    return {name: value for name, value in out.items() if name not in own} | changes


@pytest.mark.parametrize("q", ["mỹ phẩm nhập khẩu", "my pham nhap khau", "MY PHAM  NHẬP khau", "1.002088"])
async def test_search_needs_no_accents(desk: Desk, q: str) -> None:
    answer = await desk.client.get("/v1/procedures", params={"q": q})

    assert "1.002088" in [item["code"] for item in answer.json()["items"]]


@pytest.mark.parametrize("q", ["đấu thầu vũ trụ", "!!!", "%", "_"])
async def test_search_without_a_match_is_empty(desk: Desk, q: str) -> None:
    answer = await desk.client.get("/v1/procedures", params={"q": q})

    assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None})


async def test_pages_hold_every_procedure_once(desk: Desk) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "25", **({"cursor": cursor} if cursor else {})}
        page = (await desk.client.get("/v1/procedures", params=params)).json()
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 82


async def test_filters_take_code_or_name(desk: Desk) -> None:
    by_code = await desk.client.get("/v1/procedures", params={"agency": "cuc-quan-ly-duoc", "limit": "100"})
    by_name = await desk.client.get("/v1/procedures", params={"agency": "Cục Quản lý Dược", "limit": "100"})
    by_field = await desk.client.get("/v1/procedures", params={"field": "my pham", "limit": "100"})

    assert by_code.json() == by_name.json()
    assert {item["agency"]["code"] for item in by_code.json()["items"]} == {"cuc-quan-ly-duoc"}
    assert len(by_field.json()["items"]) == 9


async def test_cursor_of_another_search_is_refused(desk: Desk) -> None:
    page = (await desk.client.get("/v1/procedures", params={"limit": "2"})).json()
    answer = await desk.client.get("/v1/procedures", params={"q": "duoc", "cursor": page["next_cursor"]})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_cursor")


async def test_procedure_says_what_is_law_and_what_is_a_default(desk: Desk) -> None:
    answer = await desk.client.get(COSMETICS)

    out = answer.json()
    assert (out["deadline"]["value"], out["deadline"]["unit"]) == (3, "working_day")
    assert out["deadline"]["confidence"] == "sourced"
    assert out["fees"][0]["amount_vnd"] == 500_000
    assert out["fees"][0]["confidence"] == "memory"
    assert {paper["confidence"] for paper in out["papers"]} == {"unverified"}
    assert out["form"]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (out["online"]["kind"], out["fully_online_share"]) == ("full", 1.0)
    again = await desk.client.get(COSMETICS, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_partly_online_procedure_has_a_reason(desk: Desk) -> None:
    out = (await desk.client.get("/v1/procedures/1.002257")).json()

    assert out["online"]["kind"] == "partial"
    assert out["online"]["reason"]["kind"] == "not_published"
    assert out["fully_online_share"] < 1


async def test_local_copy_of_a_code_leads_to_the_procedure(desk: Desk) -> None:
    assert (await desk.client.get("/v1/procedures/1.013868.H41")).json()["code"] == "1.013868"


@pytest.mark.parametrize("code", ["9.999999", "LT.999999"])
async def test_unknown_procedure_is_not_found(desk: Desk, code: str) -> None:
    answer = await desk.client.get(f"/v1/procedures/{code}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_owner_publishes_a_dated_version(desk: Desk) -> None:
    now = (await desk.client.get(COSMETICS)).json()
    body = as_input(now, deadline={**now["deadline"], "value": 2}, valid_from="2026-12-01")

    made = await desk.send("PUT", COSMETICS, owner(desk), json=body)

    assert made.status_code == 200, made.text
    assert (made.json()["version"], made.json()["valid_from"]) == (2, "2026-12-01")
    assert (await desk.client.get(COSMETICS)).json()["version"] == 1
    desk.clocks.set_offset(9 * 86_400)
    later = (await desk.client.get(COSMETICS)).json()
    assert (later["version"], later["deadline"]["value"]) == (2, 2)
    assert (await desk.client.get(COSMETICS, params={"version": "1"})).json()["deadline"]["value"] == 3


async def test_same_content_makes_no_version(desk: Desk) -> None:
    now = (await desk.client.get(COSMETICS)).json()

    made = await desk.send("PUT", COSMETICS, owner(desk), json=as_input(now))

    assert (made.status_code, made.json()["version"]) == (200, 1)


async def test_new_procedure_is_created(desk: Desk) -> None:
    now = (await desk.client.get(COSMETICS)).json()

    made = await desk.send(
        "PUT", "/v1/procedures/1.999001", owner(desk), json=as_input(now, name="Thủ tục mẫu")
    )

    assert made.status_code == 201, made.text
    found = await desk.client.get("/v1/procedures", params={"q": "thu tuc mau"})
    assert [item["code"] for item in found.json()["items"]] == ["1.999001"]


async def test_stale_version_is_refused(desk: Desk) -> None:
    now = (await desk.client.get(COSMETICS)).json()

    made = await desk.send(
        "PUT", COSMETICS, owner(desk), json=as_input(now, name="Khác"), headers={"if-match": '"1.002088-7"'}
    )

    assert (made.status_code, made.json()["code"]) == (412, "stale_version")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"form": {"type": "array"}}, "/form"),
        ({"form": {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1/x"}}}}, "/form"),
        ({"form": {"type": "object", "required": 1}}, "/form"),
        ({"valid_from": "2026-11-22"}, "/valid_from"),
        (
            {"fees": [{"code": "x", "name": "X", "amount_vnd": -1, "confidence": "none"}]},
            "/fees/0/amount_vnd",
        ),
        ({"papers": []}, "/papers"),
        ({"online": {"kind": "partial"}}, ""),
    ],
)
async def test_what_cannot_be_published_is_named(desk: Desk, changes: dict[str, Any], pointer: str) -> None:
    now = (await desk.client.get(COSMETICS)).json()

    made = await desk.send("PUT", COSMETICS, owner(desk), json=as_input(now, **changes))

    assert (made.status_code, made.json()["code"]) == (422, "invalid"), made.text
    assert made.json()["errors"][0]["pointer"] == pointer


async def test_only_the_owner_publishes(desk: Desk) -> None:
    now = as_input((await desk.client.get(COSMETICS)).json())
    officer = desk.staff("cb-son", "dossier_officer", "cuc-quan-ly-duoc", "catalogue.write")

    for who in (desk.citizen(), officer):
        answer = await desk.send("PUT", COSMETICS, who, json=now)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_portals_read_the_catalogue_under_their_own_scope(desk: Desk) -> None:
    path = "/v1/portal/procedures"
    portal = desk.system("dvcqg", "portal.exchange")

    page = await desk.send("GET", path, portal, params={"limit": "100"})

    assert page.status_code == 200, page.text
    assert len(page.json()["items"]) == 82
    assert (await desk.client.get(path)).status_code == 401
    other = await desk.send("GET", path, desk.system("bv-01001", "health.submit"))
    assert (other.status_code, other.json()["code"]) == (403, "scope_missing")
    assert (await desk.send("GET", path, desk.citizen())).status_code == 403
