"""Dossiers and their events, sound by default."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from contracts.envelope import BaseEvent, Envelope
from contracts.events.dossier import DossierChangedV1
from contracts.events.judicial_record import (
    ApplicationChangedV1,
    CertificateIssuedV1,
    CertificateRevokedV1,
)
from contracts.portal import PortalDossier

FILED_AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = "2026-11-23"
CODE = "G18-20261123-0000001"
OWNER = {"kind": "citizen", "name": "Nguyễn Văn An", "personal_id": "001085000017"}
WORDS = {
    1: "Nộp hồ sơ",
    2: "Tiếp nhận",
    4: "Thụ lý",
    5: "Yêu cầu bổ sung",
    9: "Ký kết quả",
    10: "Trả kết quả",
}


def make_dossier(*statuses: int, **overrides: Any) -> PortalDossier:
    """Return a dossier that went through `statuses`; its version is their number."""
    went = statuses or (1,)
    steps = [
        {
            "sequence": number,
            "status": status,
            "done": WORDS.get(status, "Xử lý"),
            "actor": "Đỗ Hoàng Sơn",
            "role": "Chuyên viên",
            "unit": "Cục Quản lý Dược",
            "at": FILED_AT + timedelta(hours=number - 1),
        }
        for number, status in enumerate(went, 1)
    ]
    values = {
        "code": CODE,
        "version": len(went),
        "procedure_code": "1.002088",
        "procedure_name": "Cấp số tiếp nhận Phiếu công bố sản phẩm mỹ phẩm nhập khẩu",
        "field_code": "G18-LV01",
        "field_name": "Mỹ phẩm",
        "agency_code": "G18",
        "unit": "Cục Quản lý Dược",
        "channel": "online",
        "status": went[-1],
        "owner": OWNER,
        "summary": "Công bố mỹ phẩm",
        "submitted_at": FILED_AT,
        "steps": steps,
    }
    return PortalDossier.model_validate(values | overrides)


def make_change(dossier_id: UUID, dossier: PortalDossier, **overrides: Any) -> DossierChangedV1:
    """Return the event of a dossier's newest change."""
    values = {
        "dossier_id": dossier_id,
        "code": dossier.code,
        "procedure_code": dossier.procedure_code,
        "owner_kind": "citizen",
        "owner_id": new_id(),
        "action": "accept",
        "status": dossier.status,
        "version": dossier.version,
        "changed_at": dossier.steps[-1].at,
        "detail_url": f"/v1/me/dossiers/{dossier_id}",
    }
    return DossierChangedV1.model_validate(values | overrides)


def make_application_change(application_id: UUID, **overrides: Any) -> ApplicationChangedV1:
    values = {
        "application_id": application_id,
        "citizen_id": new_id(),
        "code": "G01-20261123-0000001",
        "status": "submitted",
        "national_status": 1,
        "version": 1,
        "changed_at": FILED_AT,
        "detail_url": f"/v1/me/judicial-record-applications/{application_id}",
    }
    return ApplicationChangedV1.model_validate(values | overrides)


def make_issued(application_id: UUID) -> CertificateIssuedV1:
    return CertificateIssuedV1(
        application_id=application_id,
        certificate_id=new_id(),
        citizen_id=new_id(),
        form=1,
        issued_at=FILED_AT,
        detail_url="/v1/me",
    )


def make_revoked(application_id: UUID) -> CertificateRevokedV1:
    return CertificateRevokedV1(
        application_id=application_id,
        certificate_id=new_id(),
        citizen_id=new_id(),
        revoked_at=FILED_AT + timedelta(days=1),
        detail_url="/v1/me",
    )


def make_result(**overrides: Any) -> dict[str, Any]:
    values = {"code": "LLTP-2026-0000001", "name": "Phiếu lý lịch tư pháp số 1", "issued_at": FILED_AT}
    return {**values, "signed_by": "Lê Thị Lan", **overrides}


def envelope_of(event: BaseEvent, event_id: UUID | None = None) -> Envelope:
    """Return an event as a consumer gets it."""
    return Envelope(
        id=event_id or new_id(),
        source=event.source,
        type=event.event_type,
        subject=event.aggregate_id,
        time=FILED_AT,
        sequence="00000000000000000001",
        data=event.model_dump(mode="json"),
    )
