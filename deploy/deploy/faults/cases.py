"""What is in flight: applications for certificates and dossiers, from filing to what was signed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from deploy.faults.client import FlowClient, Json

APPLICATIONS = "/v1/me/judicial-record-applications"
DOSSIERS = "/v1/me/dossiers"
OFFICER, JUDICIAL_LEADER = "cb-tuan", "ld-lan"
FILER, DESK, CLERK, LEADER = "nhan-vien@cty-duoc", "mot-cua", "cb-son", "ld-mai"
PROCEDURE = "1.002088"
FORM = {
    "brand": "Hoa Sen",
    "product_name": "Kem dưỡng da Hoa Sen",
    "product_kind": "cream",
    "intended_use": "Dưỡng ẩm da mặt",
    "manufacturer": {"name": "Lotus Cosmetics", "country": "KR"},
    "ingredients": [{"name": "Aqua", "percent": 70}],
}
PAPER = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""

Step = Literal["file", "pay", "decide", "issue"]


@dataclass
class Case:
    """One application or dossier. `paid` counts what the platform was paid for it, by our own order."""

    kind: Literal["application", "dossier"]
    name: str
    form: int = 1
    id: str = ""
    code: str = ""
    paid_vnd: int = 0
    done: int = 0


def make_cases(dossiers: int) -> list[Case]:
    """Return both forms for three people who owe the fee, and so many dossiers of a company."""
    applications = [
        Case("application", name, form) for name in ("an", "giam-doc", "nhan-vien") for form in (1, 2)
    ]
    return applications + [Case("dossier", FILER) for _ in range(dossiers)]


async def take_step(client: FlowClient, case: Case, step: Step) -> None:
    """Bring a case through one step, whatever is killed meanwhile. Raises: Refused."""
    await STEPS[(case.kind, step)](client, case)
    case.done += 1


async def _apply(client: FlowClient, case: Case) -> None:
    body = {
        "form": case.form,
        "purpose": "Xin việc làm",
        "delivery": "electronic",
        "copies": 1,
        "include_bans": False,
    }
    made = await client.post(APPLICATIONS, case.name, body)
    case.id, case.code = made["id"], made["code"]


async def _pay_fee(client: FlowClient, case: Case) -> None:
    await _pay(client, case, f"{APPLICATIONS}/{case.id}")
    await client.look(f"{APPLICATIONS}/{case.id}", case.name, lambda one: one["status"] == "checking")


async def _propose_certificate(client: FlowClient, case: Case) -> None:
    path = f"/v1/judicial-record-applications/{case.id}/actions"
    await client.post(path, OFFICER, {"action": "propose"})


async def _approve(client: FlowClient, case: Case) -> None:
    path = f"/v1/judicial-record-applications/{case.id}/actions"
    await client.post(path, JUDICIAL_LEADER, {"action": "approve"})


async def _file(client: FlowClient, case: Case) -> None:
    made = await client.post(DOSSIERS, FILER, {"procedure_code": PROCEDURE, "form": FORM})
    case.id = made["id"]
    for slot in ("paper-1", "paper-2"):
        headers = {
            "content-type": "application/pdf",
            "content-disposition": f'attachment; filename="{slot}.pdf"',
        }
        path = f"{DOSSIERS}/{case.id}/attachments/{slot}"
        await client.send("PUT", path, FILER, content=PAPER, headers=headers)
    await client.post(f"{DOSSIERS}/{case.id}/submission", FILER, {})
    case.code = (await client.look(f"{DOSSIERS}/{case.id}", FILER, lambda one: bool(one["code"])))["code"]


async def _pay_and_accept(client: FlowClient, case: Case) -> None:
    path = f"{DOSSIERS}/{case.id}"
    shown = await client.look(path, FILER, lambda one: True)
    if shown["status"]["name"] == "submitted":
        await _act(client, case, DESK, "request_payment")
    await _pay(client, case, path)
    await client.look(path, FILER, lambda one: one["status"]["name"] == "accepted")


async def _propose_result(client: FlowClient, case: Case) -> None:
    await _act(client, case, CLERK, "assign")
    await _act(client, case, CLERK, "start")
    await _act(client, case, CLERK, "propose", kind="granted", content="Số tiếp nhận: 000001/26/CBMP-QLD")


async def _sign(client: FlowClient, case: Case) -> None:
    await _act(client, case, LEADER, "sign")


async def _act(client: FlowClient, case: Case, officer: str, action: str, **more: str) -> None:
    await client.post(f"/v1/dossiers/{case.id}/actions", officer, {"action": action, **more})


async def _pay(client: FlowClient, case: Case, path: str) -> None:
    payment = await _opened(client, case, f"{path}/payments")
    await client.post(f"/sandbox/payments/intents/{payment['lookup_code']}/pay", None, {})
    case.paid_vnd = payment["amount_vnd"]


async def _opened(client: FlowClient, case: Case, path: str) -> Json:
    """Return a payment that the platform has. One that it never got fails when the service has asked, and
    the payer opens another, as a person would.
    """
    while True:
        payment = await client.post(path, case.name, {})
        if payment["state"] == "unknown":
            payment = await client.look(path, case.name, lambda one: one["state"] != "unknown")
        if payment["state"] == "pending":
            return payment


STEPS: dict[tuple[str, str], Callable[[FlowClient, Case], Awaitable[None]]] = {
    ("application", "file"): _apply,
    ("application", "pay"): _pay_fee,
    ("application", "decide"): _propose_certificate,
    ("application", "issue"): _approve,
    ("dossier", "file"): _file,
    ("dossier", "pay"): _pay_and_accept,
    ("dossier", "decide"): _propose_result,
    ("dossier", "issue"): _sign,
}
