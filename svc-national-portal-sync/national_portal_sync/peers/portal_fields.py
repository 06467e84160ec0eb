"""A dossier in the words of the national portal: `HoSo` and rows of `TienDo`, all values strings.

Fields are those that public integrations send (docs/sources.md); times are yyyyMMddHHmmss in
Asia/Ho_Chi_Minh. A value without a word in the dialect raises: what other systems send as an empty string
becomes a delivery that an operator sees.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import orjson

from chassis.clock import LEGAL_ZONE
from contracts.portal import (
    PortalDossier,
    PortalFee,
    PortalOwner,
    PortalResult,
    PortalStep,
    PortalSupplement,
)
from national_portal_sync.peers.results import NotMapped

Fields = dict[str, Any]  # Any: strings, and lists and objects of strings

CHANNELS = {"counter": "1", "online": "2", "post": "3"}
OWNERS = {"citizen": "1", "company": "2"}
FEES = {"fee": "1", "charge": "2"}
STATUSES = frozenset(range(1, 11))
STATUSES_WITH_REASON = frozenset({3, 5, 8})
AT_OTHER_PORTAL = "2"
"""`NoiNopHoSo`: filed at a portal of ministry or province; the value is unverified in the sources."""


def time_of(at: datetime | None) -> str:
    """Return an instant as the dialect writes it; empty where there is none, which the dialect allows."""
    return at.astimezone(LEGAL_ZONE).strftime("%Y%m%d%H%M%S") if at is not None else ""


def due_time_of(due_at: datetime | None) -> str:
    """Return a deadline as the dialect writes it: a due day as its last second.

    A due day is kept as its exclusive end, midnight in Việt Nam, which the portal would show, and score a
    dossier by (QĐ 766/QĐ-TTg, indicator 2.1: `NgayKetThucXuLy` ≤ `NgayHenTra`), as the day after.
    """
    if due_at is not None and due_at.astimezone(LEGAL_ZONE).time() == time(0):
        return time_of(due_at - timedelta(seconds=1))
    return time_of(due_at)


def dossier_fields(dossier: PortalDossier) -> Fields:
    """Return `HoSo`. Raises: NotMapped naming the field."""
    if dossier.status in STATUSES_WITH_REASON:
        _needed("GhiChu", dossier.status_reason)
    returned = dossier.results[-1] if dossier.returned_at and dossier.results else None
    return {
        "MaHoSo": _needed("MaHoSo", dossier.code),
        "MaTTHC": _needed("MaTTHC", dossier.procedure_code),
        "TenTTHC": _needed("TenTTHC", dossier.procedure_name),
        "MaLinhVuc": _needed("MaLinhVuc", dossier.field_code),
        "TenLinhVuc": _needed("TenLinhVuc", dossier.field_name),
        "KenhThucHien": _mapped("KenhThucHien", CHANNELS, dossier.channel),
        **_owner(dossier.owner),
        "TrichYeuHoSo": dossier.summary,
        "NgayNopHoSo": time_of(dossier.submitted_at),
        "NgayTiepNhan": time_of(dossier.accepted_at),
        "NgayHenTra": due_time_of(dossier.due_at),
        "NgayTuChoi": time_of(dossier.refused_at),
        "TrangThaiHoSo": _status(dossier.status),
        "NgayTra": time_of(dossier.returned_at),
        "ThongTinTra": returned.name if returned else "",
        "HinhThuc": "1" if dossier.channel == "post" else "0",
        "NgayKetThucXuLy": time_of(dossier.finished_at),
        "DonViXuLy": _needed("DonViXuLy", dossier.unit),
        "GhiChu": dossier.status_reason or "",
        "NoiNopHoSo": AT_OTHER_PORTAL,
        "DanhSachLePhi": [_fee(fee) for fee in dossier.fees],
        "DanhSachHoSoBoSung": [_supplement(one) for one in dossier.supplements],
        "DanhSachGiayToKetQua": [_result(result) for result in dossier.results],
    }


def step_fields(dossier: PortalDossier) -> list[Fields]:
    """Return every row of `TienDo` in order. Raises: NotMapped."""
    return [_step(dossier.code, step) for step in sorted(dossier.steps, key=lambda one: one.sequence)]


def digest_of(dossier: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> bytes:
    """Return SHA-256 over the canonical JSON (sorted keys, UTF-8, no spaces) of a dossier and its rows.

    Both sides of a reconciliation compute it over what they hold, so it is part of the dialect's setting.
    """
    document = {"HoSo": dossier, "TienDo": list(steps)}
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).digest()


def _owner(owner: PortalOwner) -> Fields:
    number = owner.personal_id if owner.kind == "citizen" else owner.tax_code
    fields: Fields = {
        "SoGiayToChuHoSo": _needed("SoGiayToChuHoSo", number),
        "ChuHoSo": _needed("ChuHoSo", owner.name),
        "LoaiDoiTuong": _mapped("LoaiDoiTuong", OWNERS, owner.kind),
    }
    if owner.kind == "citizen":
        fields["DinhDanhCHS"] = {"LoaiDinhDanh": "1", "SoDinhDanh": number}
    return fields


def _fee(fee: PortalFee) -> Fields:
    return {
        "TenPhiLePhi": fee.name,
        "MaPhiLePhi": _needed("MaPhiLePhi", fee.code),
        "HinhThucThu": "2" if fee.paid_at else "",
        "Gia": str(fee.amount_vnd),
        "LoaiPhiLePhi": _mapped("LoaiPhiLePhi", FEES, fee.kind),
    }


def _supplement(one: PortalSupplement) -> Fields:
    return {
        "HoSoBoSungId": str(one.round),
        "NguoiYeuCauBoSung": one.asked_by,
        "NoiDungBoSung": _needed("NoiDungBoSung", one.asked_for),
        "NgayBoSung": time_of(one.asked_at),
        "NgayTiepNhanBoSung": time_of(one.answered_at),
        "TrangThaiBoSung": "1" if one.answered_at else "0",
        "NgayHenTraTruoc": due_time_of(one.due_before_at),
        "NgayHenTraMoi": due_time_of(one.due_after_at),
    }


def _result(result: PortalResult) -> Fields:
    return {
        "TenGiayTo": _needed("TenGiayTo", result.name),
        "MaGiayToKetQua": _needed("MaGiayToKetQua", result.code),
        "GiayToId": result.code,
        "DuongDanTepTinKetQua": "",
        "TrangThai": result.kind,
    }


def _step(code: str, step: PortalStep) -> Fields:
    return {
        "MaHoSo": code,
        "NguoiXuLy": _needed("NguoiXuLy", step.actor),
        "ChucDanh": step.role,
        "ThoiDiemXuLy": time_of(step.at),
        "PhongBanXuLy": step.unit,
        "NoiDungXuLy": _needed("NoiDungXuLy", step.done),
        "TrangThai": _status(step.status),
        "NgayBatDau": time_of(step.at),
        "NgayKetThucTheoQuyDinh": due_time_of(step.due_at),
    }


def _status(status: int) -> str:
    if status not in STATUSES:
        raise NotMapped("TrangThaiHoSo")
    return str(status)


def _needed(field: str, value: str | None) -> str:
    if value is None or not value.strip():
        raise NotMapped(field)
    return value


def _mapped(field: str, words: Mapping[str, str], value: str) -> str:
    if value not in words:
        raise NotMapped(field)
    return words[value]
