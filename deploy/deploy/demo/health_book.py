"""The health book: from a hospital's file to a line in the citizen's hand, and what is refused on the way."""

from deploy.demo.narrator import Narrator, short
from deploy.demo.stage import Stage
from deploy.sandbox.samples import make_submission
from deploy.sandbox.samples.stories import an_outpatient, em_and_a_bad_one, sample

HOSPITAL = "his-99999"


def hospital_gets_a_token(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Phần mềm bệnh viện 99999 lấy mã truy cập bằng khóa riêng (private_key_jwt)",
        "The hospital system of facility 99999 gets a token with its own key, no shared secret",
    )
    token = stage.token(HOSPITAL)
    tell.claim("có mã truy cập ES256 ngắn hạn", "a short-lived token is there", holds=token.count(".") == 2)


def hospital_submits(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Bệnh viện gửi lượt khám của anh An (XML1–XML5 và giấy hẹn XML14)",
        "The hospital sends An's visit (XML1–XML5 and the re-examination slip XML14)",
    )
    code = f"DEMO-{stage.run}-AN"
    body = make_submission("99999", [an_outpatient(code=code)])
    answer = stage.submit(HOSPITAL, body, key=f"demo-{stage.run}")
    said = answer.json()
    tell.shows(
        f"POST /v1/facility-submissions ({len(body):,} B) → {answer.status_code}", short(said.get("visits"))
    )
    taken = answer.status_code == 201 and (said["accepted"], said["unchanged"], said["rejected"]) == (
        1,
        0,
        [],
    )
    tell.claim("một hồ sơ được nhận", "one dossier is taken", holds=taken, got=said)
    stage.facts |= {"body": body, "code": code, "submission": said, "visit_id": said["visits"][0]["visit_id"]}


def hospital_repeats_itself(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Mạng chập chờn, bệnh viện gửi lại đúng tệp đó",
        "The network flickers and the hospital sends the very same file again",
    )
    first, body = stage.facts["submission"], stage.facts["body"]
    same_key = stage.submit(HOSPITAL, body, key=f"demo-{stage.run}")
    is_replayed = same_key.headers.get("idempotency-replayed") == "true" and same_key.json() == first
    tell.claim(
        "cùng khóa: đúng câu trả lời cũ",
        "same key: the first answer again",
        holds=is_replayed,
        got=same_key.text,
    )
    new_key = stage.submit(HOSPITAL, body).json()
    tell.shows(f"id {new_key.get('id')} · unchanged {new_key.get('unchanged')}")
    is_same = (new_key["id"], new_key["accepted"], new_key["unchanged"]) == (first["id"], 0, 1)
    tell.claim(
        "khóa mới: cùng mã, không đổi gì", "new key: same id, all unchanged", holds=is_same, got=new_key
    )


def hospital_corrects(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Bệnh viện sửa kết quả HbA1c từ 8.2 xuống 7.2 và gửi lại",
        "The hospital corrects the HbA1c from 8.2 to 7.2 and sends it again",
    )
    body = make_submission("99999", [an_outpatient(code=stage.facts["code"], is_corrected=True)])
    said = stage.submit(HOSPITAL, body).json()
    tell.shows(short(said.get("visits")))
    is_superseded = (said["accepted"], said["superseded"]) == (1, 1)
    is_superseded &= said["visits"][0]["visit_id"] == stage.facts["visit_id"]
    tell.claim("bản cũ được thay thế", "the old version is superseded", holds=is_superseded, got=said)
    original = stage.get(f"/v1/facility-submissions/{stage.facts['submission']['id']}/original", HOSPITAL)
    tell.claim(
        "bản gốc lần đầu vẫn đọc lại được, từng byte",
        "the first file is still there, byte for byte",
        holds=original.content == stage.facts["body"],
        got=original.text[:300],
    )


def citizen_signs_in(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Anh An đăng nhập bằng VNeID mức 2 (mã ủy quyền + PKCE, qua các trang đăng nhập)",
        "An signs in with VNeID at level 2, through the real pages (code + PKCE)",
    )
    me = stage.get("/v1/me", "an").json()
    tell.shows(f"GET /v1/me → {short({'name': me.get('name'), 'born_on': me.get('born_on')})}")
    tell.claim("đúng là anh An", "it is An", holds=me.get("name") == "Nguyễn Văn An", got=me)


def citizen_reads_the_book(stage: Stage, tell: Narrator) -> None:
    tell.step("Anh An mở sổ sức khỏe", "An opens the health book")
    visits = stage.get("/v1/me/health-book/visits", "an").json()["items"]
    listed = [visit["id"] for visit in visits]
    tell.claim(
        "lượt khám có trong sổ",
        "the visit is in the book",
        holds=stage.facts["visit_id"] in listed,
        got=visits,
    )
    visit = stage.get(f"/v1/me/health-book/visits/{stage.facts['visit_id']}", "an").json()
    results = {result["name"]: result["value"] for result in visit["results"]}
    tell.shows(visit["diagnosis"]["text"], short(results))
    is_new = (results.get("HbA1c"), visit["version"]) == ("7.2", 2)
    tell.claim(
        "kết quả là bản đã sửa, phiên bản 2", "the corrected result, version 2", holds=is_new, got=results
    )
    papers = [paper["kind"] for paper in visit["papers"]]
    tell.claim(
        "giấy hẹn khám lại nằm trong sổ",
        "the re-examination slip is there",
        holds="appointment_paper" in papers,
        got=papers,
    )


def citizen_is_notified(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Sự kiện đi qua NATS, hộp thư của anh An nhận thông báo",
        "The event travels over NATS and a notice arrives in An's inbox",
    )
    visit_id = stage.facts["visit_id"]

    def arrived() -> dict[str, object] | None:
        items = stage.get("/v1/me/notifications?limit=100", "an").json()["items"]
        return next((one for one in items if visit_id in (one.get("detail_url") or "")), None)

    notice = stage.wait_for(arrived)
    tell.shows(short({} if notice is None else {"title": notice["title"], "text": notice["text"]}))
    tell.claim("thông báo đã đến", "the notice has arrived", holds=notice is not None)
    is_thin = notice is not None and "HbA1c" not in str(notice) and "huyết áp" not in str(notice)
    tell.claim("thông báo không lộ bệnh", "and it tells no diagnosis", holds=is_thin, got=notice)


def another_citizen_is_refused(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Chị Bình thử mở lượt khám của anh An",
        "Binh tries to open An's visit",
    )
    path = f"/v1/me/health-book/visits/{stage.facts['visit_id']}"
    answer = stage.get(path, "binh")
    tell.shows(f"GET …/visits/{stage.facts['visit_id']} → {answer.status_code} {answer.json().get('code')}")
    refused = (answer.status_code, answer.json().get("code")) == (404, "not_found")
    tell.claim("404: không được biết là có", "404: not even that it exists", holds=refused, got=answer.text)

    def traced() -> dict[str, object] | None:
        items = stage.get("/v1/me/access-log?limit=100", "an").json()["items"]
        attempts = (one for one in items if one["outcome"] == "refused")
        return next((one for one in attempts if stage.facts["visit_id"] in (one["resource"] or "")), None)

    entry = stage.wait_for(traced)
    tell.shows(short(entry))
    tell.claim(
        "nhật ký của anh An ghi lại lần thử bị từ chối",
        "An's own access log shows the refused attempt",
        holds=entry is not None,
    )


def level_one_is_not_enough(stage: Stage, tell: Narrator) -> None:
    tell.step("Anh Dũng chỉ có tài khoản mức 1", "Dung's account has level 1 only")
    answer = stage.get("/v1/me/health-book", "dung", level=1)
    tell.shows(f"{answer.status_code} {answer.headers.get('www-authenticate', '')}")
    is_asked = answer.status_code == 401 and answer.json()["code"] == "insufficient_user_authentication"
    tell.claim("được mời nâng mức (RFC 9470)", "asked to step up (RFC 9470)", holds=is_asked, got=answer.text)


def another_facility_is_refused(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Bệnh viện 99999 gửi tệp của cơ sở 01001",
        "The hospital system of 99999 sends a file of facility 01001",
    )
    answer = stage.submit(HOSPITAL, sample("em-01001-outpatient.xml"))
    tell.shows(f"{answer.status_code} {answer.json().get('code')}: {answer.json().get('detail')}")
    refused = (answer.status_code, answer.json()["code"]) == (403, "other_facility")
    tell.claim("403, không lưu gì", "403, and nothing is kept", holds=refused, got=answer.text)


def bad_dossier_does_not_lose_the_good(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Một tệp hai hồ sơ, một hồ sơ sai tiền bảo hiểm",
        "A file of two dossiers, one with an insurance share that does not add up",
    )
    dossiers = em_and_a_bad_one(code=f"DEMO-{stage.run}-EM")
    said = stage.submit(HOSPITAL, make_submission("99999", dossiers)).json()
    tell.shows(*(f"{one['pointer']} {one['code']}: {one['message']}" for one in said.get("rejected", [])))
    is_partial = said["accepted"] == 1 and [one["dossier"] for one in said["rejected"]] == [2]
    tell.claim(
        "hồ sơ đúng được nhận, hồ sơ sai bị từ chối và nói rõ vì sao",
        "the good one is taken, the bad one refused with its reason",
        holds=is_partial,
        got=said,
    )
    none = stage.submit(HOSPITAL, make_submission("99999", dossiers[1:]))
    is_nothing = (none.status_code, none.json()["code"]) == (422, "no_dossier_accepted")
    tell.claim("chỉ hồ sơ sai: 422", "the bad one alone: 422", holds=is_nothing, got=none.text)


def hostile_file_is_refused(stage: Stage, tell: Narrator) -> None:
    tell.step("Một tệp có DOCTYPE và thực thể ngoài", "A file with a DOCTYPE and an external entity")
    body = b'<!DOCTYPE GIAMDINHHS [<!ENTITY x SYSTEM "file:///etc/hostname">]><GIAMDINHHS>&x;</GIAMDINHHS>'
    answer = stage.submit(HOSPITAL, body)
    refused = (answer.status_code, answer.json()["code"]) == (400, "malformed_body")
    tell.claim("400, không mở thực thể nào", "400, no entity is opened", holds=refused, got=answer.text)


STEPS = (
    hospital_gets_a_token,
    hospital_submits,
    hospital_repeats_itself,
    hospital_corrects,
    citizen_signs_in,
    citizen_reads_the_book,
    citizen_is_notified,
    another_citizen_is_refused,
    level_one_is_not_enough,
    another_facility_is_refused,
    bad_dossier_does_not_lose_the_good,
    hostile_file_is_refused,
)
