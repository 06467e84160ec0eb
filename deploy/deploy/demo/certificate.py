"""The certificate: applied for, paid, decided by the statutory clock, checked by anyone, and revoked."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import httpx2

from casework.seals import read_roots
from casework.signatures import verify_now
from deploy.demo.narrator import Narrator, short
from deploy.demo.stage import Json, Stage

MINE = "/v1/me/judicial-record-applications"
OFFICE = "/v1/judicial-record-applications"
CHECKS = "/v1/certificate-verifications"
OFFICER, LEADER = "cb-tuan", "ld-lan"


def citizen_applies(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Anh An xin Phiếu lý lịch tư pháp số 1, bản điện tử",
        "An applies for a criminal-record certificate, form 1, electronic",
    )
    made = _apply(stage, "an", "Xin việc làm")
    tell.shows(f"{made['code']} · {made['status_label']['vi']} · {made['fee']['total_vnd']:,} ₫")
    tell.claim(
        "phải nộp phí, nêu rõ căn cứ",
        "a fee is owed, with its legal source",
        holds=made["status"] == "awaiting_payment" and "244/2016" in made["fee"]["source"],
        got=made,
    )
    again = stage.post(MINE, "an", _form("Lần nữa"))
    tell.claim(
        "không mở được hồ sơ thứ hai cùng loại",
        "a second open one of the same form is refused",
        holds=(again.status_code, again.json()["code"]) == (409, "already_open"),
        got=again.text,
    )
    stage.facts["an"] = made


def citizen_pays(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Anh An nộp phí; nền tảng thanh toán báo hai lần",
        "An pays; the payment platform calls back twice",
    )
    mine = stage.facts["an"]
    notice = {"error_code": 0, "MaTraCuuTT": mine["code"], "MaGiaoDich": "X", "SoTien": 200_000}
    forged = stage.http.post("/v1/judicial-record-payments/notices", json=notice)
    tell.claim(
        "thông báo giả, không chữ ký: 401",
        "a forged, unsigned notice: 401",
        holds=forged.status_code == 401,
        got=forged.text,
    )
    stage.fault("payments", duplicate_next=1)
    try:
        _pay(stage, "an", mine["id"])
        checked = stage.wait_until(f"{MINE}/{mine['id']}", "an", lambda one: one["status"] == "checking")
    finally:
        stage.fault("payments")
    actions = [] if checked is None else [step["action"] for step in checked["steps"]]
    tell.shows(" → ".join(actions))
    tell.claim(
        "ghi nhận đúng một lần, tự động tiếp nhận và tra cứu",
        "counted once, accepted and looked up automatically",
        holds=actions.count("confirm_payment") == 1 and actions[-1:] == ["look_up"],
        got=checked,
    )
    deadline = (checked or {})["deadline"]
    tell.shows(*(f"{step['on']}: {step['text']['vi']}" for step in deadline["steps"]))
    tell.claim(
        f"không có án tích: hạn 3 ngày làm việc, {deadline['due_on']}, giải thích từng ngày",
        "nothing on record: 3 working days, each day explained",
        holds=(deadline["limit"]["value"], deadline["limit"]["unit"]) == (3, "working_day"),
        got=deadline,
    )


def two_officers_decide(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Cán bộ Tuấn trình, lãnh đạo Lan ký: hai người khác nhau",
        "Officer Tuấn proposes and leader Lan signs: two different people",
    )
    mine = stage.facts["an"]
    early = _act(stage, LEADER, mine["id"], "approve")
    tell.claim(
        "chưa trình thì chưa ký được: 409",
        "not proposed yet, so not to be approved: 409",
        holds=(early.status_code, early.json()["code"]) == (409, "illegal_transition"),
        got=early.text,
    )
    proposed = _act(stage, OFFICER, mine["id"], "propose")
    tell.claim("đã trình", "proposed", holds=proposed.json()["status"] == "proposed", got=proposed.text)
    own = _act(stage, OFFICER, mine["id"], "approve")
    tell.claim(
        "người trình không tự ký được: 403",
        "whoever proposed cannot sign: 403",
        holds=own.status_code == 403,
        got=own.text,
    )
    issued = _act(stage, LEADER, mine["id"], "approve")
    tell.claim(
        "đã ký và cấp", "approved and issued", holds=issued.json()["status"] == "issued", got=issued.text
    )


def citizen_holds_the_certificate(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Anh An tải Phiếu: PDF ký số PAdES, có mã QR",
        "An fetches the certificate: a PAdES-signed PDF with a QR code",
    )
    answer = stage.get(f"{MINE}/{stage.facts['an']['id']}/certificate.pdf", "an")
    pdf = answer.content
    roots = read_roots(stage.stack.layout.keys / "pki" / "roots.pem")
    verdict = verify_now(pdf, roots)
    tell.shows(f"{len(pdf):,} B · pyHanko: {verdict.state}, {[one.signer for one in verdict.signatures]}")
    tell.claim(
        "pyHanko: chữ ký hợp lệ",
        "pyHanko: the signatures hold",
        holds=verdict.state == "valid",
        got=str(verdict),
    )
    if shutil.which("pdfsig"):
        said = _pdfsig(pdf)
        tell.claim(
            "pdfsig: chữ ký hợp lệ", "pdfsig agrees", holds=said.count("Signature is Valid") == 2, got=said
        )
    stage.facts["pdf"] = pdf


def anyone_checks_it(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Nhà tuyển dụng kiểm tra Phiếu, không cần tài khoản",
        "An employer checks the certificate, without an account",
    )
    pdf: bytes = stage.facts["pdf"]
    said = _check(stage, pdf)
    tell.shows(short({name: said[name] for name in ("status", "number", "issued_on", "holder")}))
    tell.claim("hợp lệ", "valid", holds=said["status"] == "valid", got=said)
    middle = len(pdf) // 3
    altered = pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :]
    said = _check(stage, altered)
    tell.claim(
        "đổi một byte: không còn hợp lệ",
        "one byte changed: no longer valid",
        holds=said["status"] in ("altered", "unknown"),
        got=said,
    )
    said = _check(stage, b"%PDF-1.7\nnot ours")
    tell.claim(
        "tệp lạ: không nhận ra", "a strange file: unknown", holds=said["status"] == "unknown", got=said
    )


def a_conviction_goes_the_slow_way(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Chị Bình có án tích chưa được xóa: phải xác minh",
        "Binh has a conviction not yet expunged: it must be verified",
    )
    made = _apply(stage, "binh", "Xuất khẩu lao động")
    _pay(stage, "binh", made["id"])
    checked = stage.wait_until(f"{MINE}/{made['id']}", "binh", lambda one: one["status"] == "checking")
    limit = {} if checked is None else checked["deadline"]["limit"]
    tell.claim(
        f"thời hạn dài hơn: {limit.get('value')} ngày",
        "the longer time limit applies",
        holds=limit.get("value", 0) > 3,
        got=checked,
    )
    early = _act(stage, OFFICER, made["id"], "propose")
    tell.claim(
        "chưa xác minh thì chưa trình được",
        "not to be proposed before it is verified",
        holds=early.status_code == 409,
        got=early.text,
    )
    _act(stage, OFFICER, made["id"], "request_verification", note="Đề nghị tòa án và công an xác minh")
    answered = stage.wait_until(
        f"{MINE}/{made['id']}", "binh", lambda one: one["steps"][-1]["action"] == "receive_answers"
    )
    tell.claim("tòa án, công an đã trả lời", "court and police have answered", holds=answered is not None)
    _act(stage, OFFICER, made["id"], "propose")
    issued = _act(stage, LEADER, made["id"], "approve")
    tell.claim("đã cấp", "issued", holds=issued.json().get("status") == "issued", got=issued.text)
    said = _check(stage, stage.get(f"{MINE}/{made['id']}/certificate.pdf", "binh").content)
    tell.shows(short(said["holder"]))
    tell.claim(
        "Phiếu ghi có án tích, nơi kiểm tra không thấy nội dung",
        "the certificate shows it; the check tells no more than that",
        holds=said["holder"]["has_convictions"] is True and "judgment" not in str(said),
        got=said,
    )


def an_expunged_conviction_does_not_show(stage: Stage, tell: Narrator) -> None:
    tell.step(
        "Ông Em, 66 tuổi, được miễn phí; án tích đã được xóa",
        "Em, 66, pays no fee; his conviction is expunged",
    )
    made = _apply(stage, "em", "Bổ sung hồ sơ")
    tell.claim("không phải nộp phí", "no fee is owed", holds=made["fee"]["total_vnd"] == 0, got=made["fee"])
    path = f"{MINE}/{made['id']}"
    ready = stage.wait_until(path, "em", lambda one: one["status"] == "checking")
    tell.claim("đã tra cứu", "looked up", holds=ready is not None)
    proposed = _act(stage, OFFICER, made["id"], "propose")
    if proposed.json().get("code") == "verification_missing":
        _act(stage, OFFICER, made["id"], "request_verification", note="Xác minh việc xóa án tích")
        stage.wait_until(path, "em", lambda one: one["steps"][-1]["action"] == "receive_answers")
        _act(stage, OFFICER, made["id"], "propose")
    issued = _act(stage, LEADER, made["id"], "approve")
    tell.claim("đã cấp", "issued", holds=issued.json().get("status") == "issued", got=issued.text)
    pdf = stage.get(f"{path}/certificate.pdf", "em").content
    said = _check(stage, pdf)
    tell.claim(
        "Phiếu số 1 ghi không có án tích",
        "form 1 says: no conviction",
        holds=(said["status"], said["holder"]["has_convictions"]) == ("valid", False),
        got=said,
    )
    ended = stage.post(
        f"/v1/certificates/{said['number']}/revocation",
        LEADER,
        {"reason": "Sai thông tin cư trú", "legal_ground": "Luật 28/2009/QH12, điều 50"},
    )
    tell.shows(f"revocation → {ended.status_code}")
    now = _check(stage, pdf)
    tell.claim(
        "thu hồi: thôi hợp lệ ngay", "revoked: invalid at once", holds=now["status"] == "revoked", got=now
    )


def _form(purpose: str) -> Json:
    return {"form": 1, "purpose": purpose, "delivery": "electronic", "copies": 1, "include_bans": False}


def _apply(stage: Stage, name: str, purpose: str) -> Json:
    answer = stage.post(MINE, name, _form(purpose))
    if answer.status_code == 409:  # an earlier telling was broken off half-way
        open_one = next(one for one in stage.get(MINE, name).json()["items"] if _is_open(one))
        stage.post(f"{MINE}/{open_one['id']}/withdrawal", name, {"reason": "Kể lại từ đầu"})
        answer = stage.post(MINE, name, _form(purpose))
    made: Json = answer.raise_for_status().json()
    return made


def _is_open(application: Json) -> bool:
    return application["status"] not in ("issued", "refused", "withdrawn", "stopped")


def _pay(stage: Stage, name: str, application_id: str) -> None:
    payment = stage.post(f"{MINE}/{application_id}/payments", name, {}).json()
    stage.http.post(f"/sandbox/payments/intents/{payment['lookup_code']}/pay", json={}).raise_for_status()


def _act(stage: Stage, officer: str, application_id: str, action: str, **more: str) -> httpx2.Response:
    return stage.post(f"{OFFICE}/{application_id}/actions", officer, {"action": action, **more})


def _check(stage: Stage, pdf: bytes) -> Json:
    said: Json = stage.http.post(CHECKS, content=pdf, headers={"Content-Type": "application/pdf"}).json()
    return said


def _pdfsig(pdf: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.pdf"
        file.write_bytes(pdf)
        return subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout


STEPS = (
    citizen_applies,
    citizen_pays,
    two_officers_decide,
    citizen_holds_the_certificate,
    anyone_checks_it,
    a_conviction_goes_the_slow_way,
    an_expunged_conviction_does_not_show,
)
