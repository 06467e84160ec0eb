"""From draft to a filed dossier: forms, papers, codes, companies, parents, and what is not one's own."""

import asyncio
from typing import Any

import pytest

from chassis.ids import new_id
from tests.dossier.conftest import Desk
from tests.dossier.filing import COSMETICS, FREE, ME, complete, draft, filed, form, put_file, submit


async def test_draft_is_filled_in_and_filed(desk: Desk) -> None:
    an = desk.citizen()
    made = await draft(desk, an)
    assert (made["status"]["name"], made["code"], made["version"]) == ("draft", None, 1)
    patch = {"form": form()}
    patched = await desk.send("PATCH", f"{ME}/{made['id']}", an, json=patch)
    assert patched.json()["form"] == form()
    for slot in ("paper-1", "paper-2"):
        assert (await put_file(desk, an, made["id"], slot)).status_code == 201

    answer = await submit(desk, an, made["id"])

    out = answer.json()
    assert answer.status_code == 201, answer.text
    assert out["code"] == "G18-20261123-0000001"
    assert out["owner"]["name"] == out["owner"]["shown_as"] == "Nguyễn Văn An"
    assert len(out["tracking_pin"]) == 10
    events = await desk.events()
    assert events[0]["action"] == "submit"
    assert (events[0]["status"], events[0]["code"]) == (1, out["code"])
    assert events[0]["owner_id"] == str(desk.person("an"))


async def test_incomplete_draft_is_refused_field_by_field(desk: Desk) -> None:
    an = desk.citizen()
    wrong = form(
        product_kind="rocket",
        ingredients=[{"name": "Aqua", "percent": 130}],
        manufacturer={"country": "Nhật"},
    )
    made = await draft(desk, an, form={**wrong, "unknown~/field": 1})

    answer = await submit(desk, an, made["id"])

    found = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert found == {
        ("/form/product_kind", "enum"),
        ("/form/ingredients/0/percent", "invalid_value"),
        ("/form/manufacturer/name", "missing"),
        ("/form/manufacturer/country", "string_pattern_mismatch"),
        ("/form/unknown~0~1field", "extra_forbidden"),
        ("/attachments/paper-1", "missing"),
        ("/attachments/paper-2", "missing"),
    }
    assert await desk.events() == []
    assert await desk.count("number_counters") == 0


async def test_submitting_twice_answers_the_same(desk: Desk) -> None:
    an = desk.citizen()
    made = await complete(desk, an)

    answers = await asyncio.gather(*(submit(desk, an, made["id"]) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["code"] for answer in answers}) == 1
    assert await desk.count("dossier_history where action = 'submit'") == 1


async def test_codes_of_a_day_have_no_gap(desk: Desk) -> None:
    an = desk.citizen()
    drafts = [await draft(desk, an, FREE, form={"subject": f"Đề nghị số {n}"}) for n in range(6)]

    answers = await asyncio.gather(*(submit(desk, an, one["id"]) for one in drafts))

    assert sorted(answer.json()["code"] for answer in answers) == [
        f"G18-20261123-{n:07d}" for n in range(1, 7)
    ]


async def test_company_files_by_the_hand_of_its_staff(desk: Desk) -> None:
    out = await filed(desk, desk.company())

    assert out["owner"] == {
        "kind": "company",
        "name": "Công ty TNHH Dược Mẫu",
        "tax_code": "0100000010",
        "acting_name": "Phan Thị Ngân",
        "shown_as": "Phan Thị Ngân thay mặt Công ty TNHH Dược Mẫu",
    }
    seen = await desk.client.get(f"{ME}/{out['id']}", headers=desk.company("giam-doc"))
    assert seen.status_code == 200
    alone = await desk.client.get(f"{ME}/{out['id']}", headers=desk.citizen("nhan-vien"))
    assert alone.status_code == 404
    (event, *_) = await desk.events()
    assert (event["owner_kind"], event["acting_citizen_id"]) == ("company", str(desk.person("nhan-vien")))


async def test_parent_files_for_a_child(desk: Desk) -> None:
    out = await filed(desk, desk.citizen("chi", acting="binh"), FREE)

    assert out["owner"]["shown_as"] == "Trần Thị Bình thay mặt Trần Gia Chi"


async def test_parent_s_reading_stands_in_the_child_s_access_log_and_one_s_own_in_none(desk: Desk) -> None:
    parent = desk.citizen("chi", acting="binh")
    child_s, own = await filed(desk, parent, FREE), await filed(desk, desk.citizen(), FREE)
    await desk.rows.execute("delete from access_entries")

    for path in (f"{ME}/{child_s['id']}", ME, "/v1/me/documents"):
        assert (await desk.client.get(path, headers=parent)).status_code == 200
    assert (await desk.client.get(f"{ME}/{own['id']}", headers=desk.citizen())).status_code == 200

    traces = await desk.rows.fetch("select * from access_entries order by occurred_at, id")
    assert {(one["citizen_id"], one["actor_subject"], one["actor_role"]) for one in traces} == {
        (desk.person("chi"), str(desk.person("binh")), "parent")
    }
    assert [one["resource"] for one in traces] == [f"dossiers/{child_s['id']}", "dossiers", "documents"]


async def test_another_s_dossier_is_not_there_and_the_attempt_is_traced(desk: Desk) -> None:
    mine = await filed(desk, desk.citizen())
    path = f"{ME}/{mine['id']}"
    attempts = [
        ("GET", path, {}),
        ("GET", f"{path}/history", {}),
        ("GET", f"{path}/attachments/paper-1", {}),
        ("PATCH", path, {"json": {"form": {}}}),
        ("POST", f"{path}/submission", {}),
        ("POST", f"{path}/withdrawal", {"json": {"reason": "không phải của tôi"}}),
        ("DELETE", path, {}),
    ]

    for method, target, options in attempts:
        for who in (desk.citizen("binh"), desk.company()):
            answer = await desk.send(method, target, who, **options)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (method, target)

    traced = f"access_entries where citizen_id = '{desk.person('an')}' and outcome = 'refused'"
    assert await desk.count(traced) == len(attempts) * 2


async def test_level_one_may_draft_but_not_file(desk: Desk) -> None:
    dung = desk.citizen("dung", level=1)
    made = await draft(desk, dung, FREE, form={"subject": "Đăng ký hành nghề"})

    answer = await submit(desk, dung, made["id"])

    assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication")
    assert 'acr_values="urn:vneid:level:2"' in answer.headers["www-authenticate"]


async def test_identity_away_files_nothing(desk: Desk) -> None:
    an = desk.citizen()
    made = await complete(desk, an)
    desk.identity.is_away = True

    answer = await submit(desk, an, made["id"])

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    desk.identity.is_away = False
    assert (await submit(desk, an, made["id"])).status_code == 201


async def test_patch_merges_and_minds_the_version(desk: Desk) -> None:
    an = desk.citizen()
    made = await draft(desk, an, form={"brand": "A", "manufacturer": {"name": "X", "country": "JP"}})
    path = f"{ME}/{made['id']}"

    patched = await desk.send(
        "PATCH",
        path,
        an,
        json={"form": {"brand": None, "manufacturer": {"country": "KR"}}},
        headers={"if-match": '"1"'},
    )
    stale = await desk.send("PATCH", path, an, json={"form": {"brand": "B"}}, headers={"if-match": '"1"'})

    assert patched.json()["form"] == {"manufacturer": {"name": "X", "country": "KR"}}
    assert patched.headers["etag"] == '"2"'
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    unchanged = await desk.client.get(path, headers={**an, "if-none-match": '"2"'})
    assert unchanged.status_code == 304


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "wrong", [{"note": "a\x00b"}, {"note": ["x", {"y": "\x00"}]}, nested(30), {"note": "x" * 300_000}]
)
async def test_form_that_cannot_be_kept_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    an = desk.citizen()
    made = await draft(desk, an)

    answer = await desk.send("PATCH", f"{ME}/{made['id']}", an, json={"form": wrong})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    ("code", "why"), [("9.999999", "unknown_procedure"), ("2.000488", "filed_elsewhere")]
)
async def test_draft_needs_a_procedure_that_is_filed_here(desk: Desk, code: str, why: str) -> None:
    answer = await desk.send("POST", ME, desk.citizen(), json={"procedure_code": code})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == why


async def test_filed_dossier_is_no_draft_any_more(desk: Desk) -> None:
    an = desk.citizen()
    out = await filed(desk, an)
    path = f"{ME}/{out['id']}"

    for method, target, options in (
        ("PATCH", path, {"json": {"form": {"brand": "B"}}}),
        ("DELETE", path, {}),
        ("DELETE", f"{path}/attachments/paper-1", {}),
    ):
        answer = await desk.send(method, target, an, **options)
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")


async def test_discarded_draft_is_gone_with_its_files(desk: Desk) -> None:
    an = desk.citizen()
    made = await complete(desk, an)

    answer = await desk.send("DELETE", f"{ME}/{made['id']}", an)

    assert answer.status_code == 204
    assert await desk.count("dossiers") == await desk.count("attachments") == 0


async def test_list_is_own_and_paged(desk: Desk) -> None:
    an = desk.citizen()
    made = [(await draft(desk, an, FREE))["id"] for _ in range(5)]
    await draft(desk, desk.citizen("binh"), FREE)

    first = (await desk.client.get(ME, params={"limit": "3"}, headers=an)).json()
    rest = (
        await desk.client.get(ME, params={"limit": "3", "cursor": first["next_cursor"]}, headers=an)
    ).json()
    filed_only = (await desk.client.get(ME, params={"status": "1"}, headers=an)).json()

    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    assert filed_only["items"] == []


async def test_dossier_keeps_the_version_it_was_filed_under(desk: Desk) -> None:
    out = await filed(desk, desk.citizen())
    now = (await desk.client.get(f"/v1/procedures/{COSMETICS}")).json()
    own = ("code", "version", "valid_from", "valid_until", "fully_online_share", "fees_total_vnd")
    changed = {name: value for name, value in now.items() if name not in own} | {"name": "Tên mới"}
    owner = desk.staff("danh-muc", "catalogue_owner", "bo-y-te", "catalogue.write")
    await desk.send("PUT", f"/v1/procedures/{COSMETICS}", owner, json=changed)

    kept = (await desk.client.get(f"{ME}/{out['id']}", headers=desk.citizen())).json()
    fresh = await draft(desk, desk.citizen())

    assert (kept["procedure"]["version"], kept["procedure"]["name"]) == (1, now["name"])
    assert (fresh["procedure"]["version"], fresh["procedure"]["name"]) == (2, "Tên mới")


async def test_history_tells_what_was_done_in_both_languages(desk: Desk) -> None:
    an = desk.citizen()
    out = await filed(desk, an, FREE)

    history = (await desk.client.get(f"{ME}/{out['id']}/history", headers=an)).json()

    first = history["items"][0]
    assert (first["sequence"], first["action"], first["by"]) == (1, "submit", "applicant")
    assert first["label"] == {"vi": "Nộp hồ sơ", "en": "Submitted"}
    assert (first["from_status"]["number"], first["to_status"]["number"]) == (0, 1)


async def test_personal_data_is_unreadable_at_rest(desk: Desk) -> None:
    out = await filed(desk, desk.citizen())

    row = await desk.rows.fetchrow("select * from dossiers where dossier_id = $1", out["id"])
    files = await desk.rows.fetch("select name, content from attachments")

    assert row is not None
    stored = b"".join(value for record in (row, *files) for value in record if isinstance(value, bytes))
    for secret in ("Hoa Sen", "Nguyễn Văn An", "001085000017", "%PDF", out["tracking_pin"]):
        assert secret.encode() not in stored


async def test_company_token_without_a_person_files_nothing(desk: Desk) -> None:
    from chassis.testing import bearer, make_token

    nobody = bearer(
        make_token(kind="company", subject=str(new_id()), organisation="1", scopes={"dossier.file"})
    )

    answer = await desk.send("POST", ME, nobody, json={"procedure_code": FREE})

    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
