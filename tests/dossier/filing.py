"""The steps of an applicant, valid by default."""

from typing import Any

import httpx2

from tests.dossier.conftest import Desk
from tests.dossier.files import pdf

ME = "/v1/me/dossiers"
COSMETICS = "1.002088"
FREE = "1.012275"
"""A procedure without a fee and with one optional paper."""


def form(**changes: Any) -> dict[str, Any]:
    """Return a complete form of the cosmetics notification."""
    return {
        "brand": "Hoa Sen",
        "product_name": "Kem dưỡng da ban đêm",
        "product_kind": "cream",
        "manufacturer": {"name": "Hoa Sen Co.", "country": "JP"},
        "ingredients": [{"name": "Aqua", "percent": 71.5}, {"name": "Glycerin"}],
        **changes,
    }


async def draft(desk: Desk, who: dict[str, str], code: str = COSMETICS, **body: Any) -> dict[str, Any]:
    """Return a new draft."""
    answer = await desk.send("POST", ME, who, json={"procedure_code": code, **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def put_file(
    desk: Desk,
    who: dict[str, str],
    dossier_id: str,
    slot: str = "paper-1",
    content: bytes | None = None,
    **headers: str,
) -> httpx2.Response:
    """Put a file into a slot."""
    sent = {"content-type": "application/pdf", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return await desk.send(
        "PUT", f"{ME}/{dossier_id}/attachments/{slot}", who, content=content or pdf(slot), headers=sent
    )


async def complete(desk: Desk, who: dict[str, str], **body: Any) -> dict[str, Any]:
    """Return a draft of the cosmetics notification that lacks nothing."""
    made = await draft(desk, who, form=form(), **body)
    for slot in ("paper-1", "paper-2"):
        assert (await put_file(desk, who, made["id"], slot)).status_code == 201
    return made


async def submit(desk: Desk, who: dict[str, str], dossier_id: str) -> httpx2.Response:
    return await desk.send("POST", f"{ME}/{dossier_id}/submission", who)


async def filed(desk: Desk, who: dict[str, str], code: str = COSMETICS, **body: Any) -> dict[str, Any]:
    """Return a filed dossier."""
    if code == COSMETICS:
        made = await complete(desk, who, **body)
    else:
        made = await draft(desk, who, code, form={"subject": "Đăng ký hành nghề"}, **body)
    answer = await submit(desk, who, made["id"])
    assert answer.status_code == 201, answer.text
    out: dict[str, Any] = answer.json()
    return out
