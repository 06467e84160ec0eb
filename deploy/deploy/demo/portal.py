"""The national portal: an outage while dossiers go on, catching up in order, and a day that reconciles."""

import base64

from deploy.demo.dossier import COSMETICS, FORM, SMALL_PDF
from deploy.demo.narrator import Narrator, short
from deploy.demo.stage import Json, Stage

OPERATOR, PROVINCE = "ops", "tinh-hanoi"
PORTAL = "dvcqg"
AT_PORTAL = "/sandbox/api/dvcqg"


def portal_goes_down(stage: Stage, tell: Narrator) -> None:
    tell.step("Cổng Dịch vụ công quốc gia ngừng hoạt động", "The national portal goes down")
    stage.fault(PORTAL, fail_next=1_000_000)
    tell.claim(
        "hồ sơ vẫn được nộp và giải quyết",
        "dossiers are filed and worked all the same",
        holds=stage.http.get("/readyz").status_code == 200,
    )


def portal_catches_up(stage: Stage, tell: Narrator) -> None:
    tell.step("Cổng hoạt động trở lại và nhận bù, đúng thứ tự", "The portal is back and catches up, in order")
    code = stage.facts["dossier"]["code"]
    tell.claim(
        "trong lúc ngừng, Cổng chưa biết hồ sơ này",
        "while it was down the portal did not know this dossier",
        holds=stage.http.get(f"{AT_PORTAL}/dossiers/{code}").status_code == 404,
    )
    peer = _peer(stage)
    waiting = sum(peer["counts"].values())
    tell.shows(f"breaker {peer['breaker']} · {short(peer['counts'])}")
    tell.claim(
        "không mất gì, tất cả đang chờ", "nothing is lost, all of it waits", holds=waiting > 0, got=peer
    )
    stage.fault(PORTAL)
    number = str(stage.http.post("/v1/dossier-trackings", json=_slip(stage)).json()["status"]["number"])

    def caught_up() -> Json | None:
        answer = stage.http.get(f"{AT_PORTAL}/dossiers/{code}")
        found: Json = answer.json() if answer.is_success else {}
        return found if found.get("HoSo", {}).get("TrangThaiHoSo") == number else None

    found = stage.wait_for(caught_up)
    tell.claim("Cổng có trạng thái mới nhất", "the portal has the latest status", holds=found is not None)
    rows = [] if found is None else [row["TrangThai"] for row in found["TienDo"]]
    times = [] if found is None else [row["ThoiDiemXuLy"] for row in found["TienDo"]]
    tell.shows(f"TienDo: {' → '.join(rows)}")
    tell.claim(
        "tiến độ theo đúng thứ tự, không thiếu, không lặp",
        "the progress is in order, without gap or double",
        holds=times == sorted(times) and rows[-1:] == [number],
        got=found,
    )


def day_reconciles(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Đối soát trong ngày: Cổng đánh mất một hồ sơ, hệ thống tìm ra và gửi lại",
        "The day is reconciled: the portal loses a dossier, it is found and sent again",
    )
    code = stage.facts["dossier"]["code"]
    settled = stage.wait_for(lambda: True if sum(_peer(stage)["counts"].values()) == 0 else None)
    tell.claim("hàng đợi đã trống", "the queue is empty", holds=settled is not None, got=_peer(stage))
    stage.http.delete(f"{AT_PORTAL}/dossiers/{code}").raise_for_status()
    today = stage.http.get("/sandbox/clock").json()["legal_today"]
    asked = {"peer": PORTAL, "day": today, "repair": True}
    said = stage.post("/v1/sync/reconciliations", OPERATOR, asked).json()
    named = [(one["code"], one["kind"]) for one in said["differences"]]
    tell.shows(f"{said['ours']['count']} / {said['theirs']['count']} · {short(named)}")
    tell.claim(
        "chỉ ra đúng hồ sơ thiếu",
        "the missing one is named",
        holds=(code, "missing_at_peer") in named,
        got=said,
    )
    back = stage.wait_for(lambda: stage.http.get(f"{AT_PORTAL}/dossiers/{code}").is_success or None)
    tell.claim("đã gửi lại", "sent again", holds=back is not None)
    again = stage.post("/v1/sync/reconciliations", OPERATOR, asked | {"repair": False}).json()
    tell.claim(
        "hai bên khớp: cùng số lượng, cùng mã băm",
        "both sides agree: same count, same digest",
        holds=again["difference_count"] == 0 and again["ours"] == again["theirs"],
        got=again,
    )


def portal_hands_a_dossier_over(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Anh An nộp một hồ sơ trên Cổng; Cổng ký và chuyển sang",
        "An files at the portal, which signs the dossier and hands it over",
    )
    papers = [
        {
            "slot": slot,
            "file_name": f"{slot}.pdf",
            "media_type": "application/pdf",
            "content": _base64(SMALL_PDF),
        }
        for slot in ("paper-1", "paper-2")
    ]
    body = {"persona": "an", "procedure_code": COSMETICS, "form": FORM, "papers": papers}
    known = {one["id"] for one in _own(stage)}
    first = stage.http.post(f"{AT_PORTAL}/hand-overs", json=body).json()
    answer = first["sent"][0]
    tell.shows(short(answer["answer"]))
    tell.claim(
        "chữ ký RFC 9421 được chấp nhận",
        "its RFC 9421 signature is accepted",
        holds=answer["status"] == 200 and answer["answer"]["items"][0]["outcome"] == "received",
        got=first,
    )
    again = stage.http.post(f"{AT_PORTAL}/hand-overs", json=body | {"code": first["code"]}).json()
    tell.claim(
        "chuyển lần hai: không thành hai hồ sơ",
        "handed over again: known already",
        holds=again["sent"][0]["answer"]["items"][0]["outcome"] != "received",
        got=again,
    )

    def taken() -> list[Json] | None:
        return [one for one in _own(stage) if one["id"] not in known] or None

    there = stage.wait_for(taken) or []
    tell.shows(*(f"{one['code']} · {one['status']['label']['vi']}" for one in there))
    tell.claim(
        "hồ sơ nằm trong danh sách của anh An, đúng một lần",
        "it stands in An's own list, once",
        holds=len(there) == 1,
        got=there,
    )
    stage.facts["handed_over"] = there[0]["code"]


def province_is_told(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Tỉnh đăng ký webhook, ký theo Standard Webhooks",
        "A province registers a webhook, signed as Standard Webhooks",
    )
    base = stage.stack.public_url
    made = stage.post("/v1/webhook-endpoints", PROVINCE, {"url": f"{base}/sandbox/province/hook"}).json()
    stage.http.put("/sandbox/api/province", json={"secrets": [made["secret"]]}).raise_for_status()
    endpoint = made["endpoint"]["id"]
    ping = stage.post(f"/v1/webhook-endpoints/{endpoint}/pings", PROVINCE, {}).json()

    def arrived() -> Json | None:
        messages = stage.http.get("/sandbox/api/province/messages").json()["items"]
        return next((one for one in messages if one["event"].get("id") == ping["event_id"]), None)

    message = stage.wait_for(arrived)
    tell.shows(short(message))
    tell.claim(
        "thư viện standardwebhooks xác nhận chữ ký",
        "the standardwebhooks library accepts the signature",
        holds=message is not None and message["is_verified"],
        got=message,
    )
    stage.send("DELETE", f"/v1/webhook-endpoints/{endpoint}", PROVINCE, {})


def _peer(stage: Stage) -> Json:
    peers = stage.get("/v1/sync/peers", OPERATOR).json()["items"]
    return next(one for one in peers if one["peer"] == PORTAL)


def _slip(stage: Stage) -> dict[str, str]:
    return {"code": stage.facts["dossier"]["code"], "pin": stage.facts["dossier"]["tracking_pin"]}


def _own(stage: Stage) -> list[Json]:
    return list(stage.get("/v1/me/dossiers", "an").json()["items"])


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


BEFORE = (portal_goes_down,)
STEPS = (portal_catches_up, day_reconciles, portal_hands_a_dossier_over, province_is_told)
