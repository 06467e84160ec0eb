"""VNeID's interface for judicial-record results: `DongBoTrangThai`, `statusCode` "00" or "01".

Told is the state of the dossier and, with a result, the certificate's number and signer. The signed file is
fetched by its holder and never pushed, and neither is what is on record.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from chassis.clock import LEGAL_ZONE
from contracts.portal import PortalDossier, PortalResult
from national_portal_sync.peers.peer import Told
from national_portal_sync.peers.portal_fields import STATUSES_WITH_REASON, due_time_of
from national_portal_sync.peers.results import NotMapped, OutcomeUnknown, PeerAway, PeerRefused
from national_portal_sync.peers.wire import Wire

Fields = dict[str, Any]  # Any: strings, and objects of strings


class VneidPush:
    """VNeID's adapter. `provinces` maps an agency's code to the province code that VNeID uses."""

    def __init__(self, url: str, wire: Wire, provinces: Mapping[str, str]) -> None:
        self._url = url
        self._wire = wire
        self._provinces = provinces

    def digest_of(self, dossier: PortalDossier) -> bytes:
        return _digest(self.fields_of(dossier))

    def fields_of(self, dossier: PortalDossier) -> Fields:
        """Return the body of `DongBoTrangThai`. Raises: NotMapped."""
        if dossier.agency_code not in self._provinces:
            raise NotMapped("maTinh")
        if dossier.status in STATUSES_WITH_REASON and not dossier.status_reason:
            raise NotMapped("lyDoTuChoi")
        fields: Fields = {
            "maTinh": self._provinces[dossier.agency_code],
            "maHoSoMCDT": dossier.code,
            "trangThaiXuLy": str(dossier.status),
            "lyDoTuChoi": dossier.status_reason or "",
            "ngayHenTraKetQua": due_time_of(dossier.due_at),
        }
        if dossier.results:
            fields["ketQuaXuLy"] = _result(dossier.results[-1])
        return fields

    async def ask(self, dossier: PortalDossier) -> Told:
        try:
            kept = await self._call("TraCuuTrangThai", {"maHoSoMCDT": dossier.code})
        except OutcomeUnknown as failure:
            raise PeerAway(failure.code, failure.detail) from failure
        return Told(is_known=True, digest=_digest(kept)) if kept else Told()

    async def tell(self, dossier: PortalDossier, told: Told) -> Told:
        fields = self.fields_of(dossier)
        await self._call("DongBoTrangThai", fields)
        return Told(is_known=True, version=dossier.version, steps=told.steps, digest=_digest(fields))

    async def _call(self, operation: str, fields: Fields) -> Fields:
        answer = await self._wire.post(f"{self._url}/{operation}", fields, {})
        if answer.status >= 500:
            raise OutcomeUnknown(f"http_{answer.status}")
        if answer.status != 200:
            raise PeerRefused(f"http_{answer.status}")
        try:
            document = answer.json()
            verdict = document["statusCode"]
        except (ValueError, KeyError, TypeError) as failure:
            raise OutcomeUnknown("half_answer") from failure
        if verdict != "00":
            raise PeerRefused(f"vneid_{verdict}", str(document.get("errorDetail") or ""))
        return document.get("data") or {}


def _result(result: PortalResult) -> Fields:
    return {
        "soPhieuLLTP": result.code,
        "ngayCapPhieu": result.issued_at.astimezone(LEGAL_ZONE).strftime("%d/%m/%Y"),
        "nguoiKy": result.signed_by,
        "trangThai": result.kind,
        "thayChoPhieu": result.replaces or "",
    }


def _digest(fields: Fields) -> bytes:
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).digest()
