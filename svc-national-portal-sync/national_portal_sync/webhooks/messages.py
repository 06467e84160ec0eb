"""What a webhook says: a CloudEvents 1.0 message in JSON with what the public tracking shows, and no more.

No owner, no officer, no reason: a receiver that needs them asks for the dossier with rights of its own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.case_status import NationalStatus

STATUS_TYPE = "vn.lienthong.dossier.status-changed.v1"
PING_TYPE = "vn.lienthong.webhook.pinged.v1"

Message = dict[str, Any]  # Any: JSON members


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """The public facts of one change; `changed_at` is a legal instant in UTC."""

    kind: str
    code: str
    procedure_code: str | None
    status: int
    version: int
    changed_at: datetime


def status_message(event_id: UUID, status: PublicStatus, public_url: str) -> Message:
    """Return the message of one change. `sequence` counts the versions of its subject, so gaps show."""
    national = NationalStatus(status.status)
    return _message(
        event_id,
        STATUS_TYPE,
        subject=status.code,
        at=status.changed_at,
        sequence=status.version,
        public_url=public_url,
        data={
            "kind": status.kind,
            "code": status.code,
            "procedure_code": status.procedure_code,
            "status": {"number": status.status, "name": national.slug, "label": national.label},
            "version": status.version,
            "changed_at": _text(status.changed_at),
        },
    )


def ping_message(event_id: UUID, endpoint_id: UUID, at: datetime, public_url: str) -> Message:
    """Return the message of a test."""
    data = {"endpoint_id": str(endpoint_id)}
    return _message(
        event_id, PING_TYPE, subject=str(endpoint_id), at=at, sequence=0, public_url=public_url, data=data
    )


def _message(
    event_id: UUID,
    kind: str,
    *,
    subject: str,
    at: datetime,
    sequence: int,
    public_url: str,
    data: Message,
) -> Message:
    return {
        "specversion": "1.0",
        "id": str(event_id),
        "source": f"{public_url}/svc-national-portal-sync",
        "type": kind,
        "subject": subject,
        "time": _text(at),
        "datacontenttype": "application/json",
        "sequence": f"{sequence:020d}",
        "data": data,
    }


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
