"""The dossier: a company files fully online, the ministry works it by its table, and anyone can track it."""

from typing import Any

import httpx2

from deploy.demo.narrator import Narrator, short
from deploy.demo.stage import Json, Stage

MINE = "/v1/me/dossiers"
FILER, BOSS = "nhan-vien@cty-duoc", "giam-doc@cty-duoc"
DESK, OFFICER, LEADER = "mot-cua", "cb-son", "ld-mai"
COSMETICS = "1.002088"
FORM = {
    "brand": "Hoa Sen",
    "product_name": "Kem dưỡng da Hoa Sen",
    "product_kind": "cream",
    "intended_use": "Dưỡng ẩm da mặt",
    "manufacturer": {"name": "Lotus Cosmetics", "country": "KR"},
    "ingredients": [{"name": "Aqua", "percent": 70}, {"name": "Glycerin", "percent": 5}],
}


def procedures_are_found(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Tìm thủ tục, gõ không dấu: «my pham nhap khau»",
        "A procedure is found without typing accents",
    )
    found = stage.http.get("/v1/procedures", params={"q": "my pham nhap khau"}).json()["items"]
    tell.shows(*(f"{one['code']} {one['name']}" for one in found[:3]))
    tell.claim(
        "tìm thấy thủ tục công bố mỹ phẩm",
        "the notification of cosmetics is found",
        holds=COSMETICS in [one["code"] for one in found],
        got=found,
    )


def company_files(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Chị Ngân, nhân viên được ủy quyền, nộp hồ sơ cho Công ty Dược Mẫu",
        "Ngân, delegated staff, files for the company",
    )
    draft = stage.post(MINE, FILER, {"procedure_code": COSMETICS, "form": FORM}).raise_for_status().json()
    early = stage.post(f"{MINE}/{draft['id']}/submission", FILER, {})
    tell.shows(*(f"{one['pointer']}: {one['message']}" for one in early.json().get("errors", [])))
    tell.claim(
        "thiếu giấy tờ: 422, nói rõ thiếu gì",
        "papers are missing: 422, naming each",
        holds=early.status_code == 422 and bool(early.json()["errors"]),
        got=early.text,
    )
    for slot in ("paper-1", "paper-2"):
        sent = attach(stage, draft["id"], slot)
        tell.claim(f"đã nộp {slot}", f"{slot} is taken", holds=sent.status_code in (200, 201), got=sent.text)
    filed = stage.post(f"{MINE}/{draft['id']}/submission", FILER, {})
    shown = stage.get(f"{MINE}/{draft['id']}", FILER).json()
    tell.shows(f"{shown['code']} · {shown['status']['label']['vi']} · {shown['owner']['shown_as']}")
    tell.claim(
        "có mã hồ sơ quốc gia, ghi rõ ai thay mặt ai",
        "it has its national code and says who acted for whom",
        holds=filed.is_success and "thay mặt" in (shown["owner"]["shown_as"] or ""),
        got=filed.text,
    )
    stranger = stage.get(f"{MINE}/{draft['id']}", "an")
    tell.claim("người khác: 404", "anybody else: 404", holds=stranger.status_code == 404, got=stranger.text)
    stage.facts["dossier"] = shown


def company_pays(stage: Stage, tell: Narrator) -> None:
    tell.step("Công ty nộp phí, một cửa tiếp nhận", "The company pays and the desk accepts")
    dossier_id = stage.facts["dossier"]["id"]
    if status_of(stage) == "submitted":
        asked = act(stage, DESK, "request_payment")
        tell.shows(f"request_payment → {asked.status_code}")
    payment = stage.post(f"{MINE}/{dossier_id}/payments", FILER, {}).json()
    tell.shows(f"{payment['amount_vnd']:,} ₫ · {payment['lookup_code']}")
    stage.http.post(f"/sandbox/payments/intents/{payment['lookup_code']}/pay", json={}).raise_for_status()
    paid = stage.wait_until(
        f"{MINE}/{dossier_id}", FILER, lambda one: one["status"]["name"] not in ("awaiting_payment",)
    )
    tell.claim("nền tảng xác nhận đã nộp", "the platform has confirmed", holds=paid is not None)
    if status_of(stage) == "submitted":
        act(stage, DESK, "accept")
    accepted = stage.get(f"{MINE}/{dossier_id}", FILER).json()
    tell.claim("đã tiếp nhận", "accepted", holds=accepted["status"]["name"] == "accepted", got=accepted)
    tell.shows(*(f"{step['on']}: {step['text']['vi']}" for step in accepted["deadline"]["steps"]))
    tell.claim(
        f"hẹn trả {accepted['due_on']}, giải thích từng ngày",
        "the promised day explains itself",
        holds=accepted["due_on"] is not None,
        got=accepted,
    )
    receipt = stage.get(f"{MINE}/{dossier_id}/receipt.pdf", FILER)
    tell.claim(
        "giấy tiếp nhận và hẹn trả kết quả, PDF ký số",
        "the receipt with the promised day is a signed PDF",
        holds=receipt.status_code == 200 and receipt.content.startswith(b"%PDF"),
        got=receipt.text[:300],
    )


def officers_ask_once_and_wait(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Chuyên viên Sơn yêu cầu bổ sung; đồng hồ dừng lại",
        "Officer Sơn asks for a supplement; the clock stands still",
    )
    dossier_id = stage.facts["dossier"]["id"]
    for action in ("assign", "start"):
        taken = act(stage, OFFICER, action)
        tell.shows(f"{action} → {taken.status_code}")
    asked = act(
        stage,
        OFFICER,
        "request_supplement",
        reason="Tỷ lệ thành phần chưa rõ",
        items=["Bản thành phần công thức đầy đủ"],
    )
    waiting = stage.get(f"{MINE}/{dossier_id}", FILER).json()
    tell.claim(
        "chờ bổ sung, thời hạn xử lý tạm dừng",
        "waiting for the company, the processing clock suspended",
        holds=waiting["status"]["name"] == "awaiting_supplement"
        and bool(waiting["deadline"]["suspended_since"]),
        got=asked.text,
    )
    skipped = act(stage, LEADER, "sign")
    tell.claim(
        "không nhảy cóc: đang chờ thì chưa ký được (409)",
        "no skipping: not to be signed while waiting (409)",
        holds=(skipped.status_code, skipped.json()["code"]) == (409, "illegal_transition"),
        got=skipped.text,
    )
    attach(stage, dossier_id, "paper-3")
    answered = stage.post(f"{MINE}/{dossier_id}/supplements", FILER, {"note": "Đã bổ sung bản thành phần"})
    tell.claim(
        "đã bổ sung, đồng hồ chạy tiếp",
        "answered, the clock runs again",
        holds=answered.is_success,
        got=answered.text,
    )


def result_is_signed(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Chuyên viên trình, lãnh đạo Mai ký kết quả", "The officer proposes, leader Mai signs the result"
    )
    dossier_id = stage.facts["dossier"]["id"]
    proposed = act(stage, OFFICER, "propose", kind="granted", content="Số tiếp nhận: 000001/26/CBMP-QLD")
    tell.shows(f"propose → {proposed.status_code}")
    signed = act(stage, LEADER, "sign")
    tell.claim("đã ký", "signed", holds=signed.is_success, got=signed.text)
    results = stage.get(f"{MINE}/{dossier_id}/results", FILER).json()["items"]
    tell.shows(short(results))
    document = stage.get(f"{MINE}/{dossier_id}/results/{results[0]['id']}/document", FILER)
    tell.claim(
        "công ty tải được kết quả, PDF ký số",
        "the company fetches the signed result",
        holds=document.content.startswith(b"%PDF"),
        got=document.text[:300],
    )


def anyone_with_the_slip_tracks_it(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Tra cứu công khai bằng mã và PIN, không cần tài khoản", "Public tracking by code and PIN, no account"
    )
    shown = stage.facts["dossier"]
    asked = {"code": shown["code"], "pin": shown["tracking_pin"]}
    said = stage.http.post("/v1/dossier-trackings", json=asked).json()
    tell.shows(short(said["status"]))
    tell.claim("đúng trạng thái", "the very status", holds=said["status"]["number"] in (9, 10), got=said)
    wrong = stage.http.post("/v1/dossier-trackings", json=asked | {"pin": "0000000000"})
    tell.claim("sai PIN: 404", "wrong PIN: 404", holds=wrong.status_code == 404, got=wrong.text)
    history = stage.get(f"{MINE}/{shown['id']}/history", FILER).json()["items"]
    tell.shows(" → ".join(one["label"]["vi"] for one in history))
    figures = stage.http.get("/v1/public/statistics")
    tell.claim("thống kê công khai", "public statistics", holds=figures.status_code == 200, got=figures.text)


def attach(stage: Stage, dossier_id: str, slot: str) -> httpx2.Response:
    """Send a small real PDF into a slot."""
    headers = {
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment; filename*=UTF-8''ph%E1%BB%A5%20l%E1%BB%A5c.pdf",
    }
    return stage.send("PUT", f"{MINE}/{dossier_id}/attachments/{slot}", FILER, SMALL_PDF, headers=headers)


def act(stage: Stage, officer: str, action: str, **more: Any) -> httpx2.Response:  # Any: members of an action
    return stage.post(
        f"/v1/dossiers/{stage.facts['dossier']['id']}/actions", officer, {"action": action, **more}
    )


def status_of(stage: Stage) -> str:
    shown: Json = stage.get(f"{MINE}/{stage.facts['dossier']['id']}", FILER).json()
    return str(shown["status"]["name"])


SMALL_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""

STEPS = (
    procedures_are_found,
    company_files,
    company_pays,
    officers_ask_once_and_wait,
    result_is_signed,
    anyone_with_the_slip_tracks_it,
)
