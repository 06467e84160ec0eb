"""The national portal in the session + `service` dialect, one address for everything.

    login(username, password, dstcode) → session
    TraCuuHoSo → does the portal know the dossier, and what of it
    DongBoHoSoMC isUpdating "True"/"False" → the dossier
    CapNhatTienDoHoSoMC → further rows of progress

A look-up that fails says nothing about the dossier: it is a failure, never "not there".
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from chassis.logging import get_logger
from contracts.portal import PortalDossier
from national_portal_sync.peers import portal_fields
from national_portal_sync.peers.peer import Told
from national_portal_sync.peers.results import OutcomeUnknown, PeerAway, PeerRefused
from national_portal_sync.peers.wire import Answer, Wire

SUCCESS = frozenset({"0", "00"})
"""Words of success; the number 0 is read as "0". One version answers one, another the other."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PortalAccount:
    """How we are known at the portal. The code words are configuration: no public source gives them all."""

    url: str
    username: str
    password: str
    unit_code: str
    destination_code: str
    expired_session_codes: frozenset[str]
    unknown_dossier_codes: frozenset[str]
    exists_codes: frozenset[str]


class NationalPortal:
    """The portal's adapter; one session per process, made when first needed."""

    def __init__(self, account: PortalAccount, wire: Wire) -> None:
        self._account = account
        self._wire = wire
        self._session: str | None = None
        self._login = asyncio.Lock()

    def digest_of(self, dossier: PortalDossier) -> bytes:
        return portal_fields.digest_of(
            portal_fields.dossier_fields(dossier), portal_fields.step_fields(dossier)
        )

    async def ask(self, dossier: PortalDossier) -> Told:
        answer = await self._look("TraCuuHoSo", mahoso=dossier.code)
        found = answer.get("data")
        if not isinstance(found, list):
            raise PeerAway("look_up_unreadable")
        for one in found:
            if isinstance(one, dict) and isinstance(one.get("HoSo"), dict):
                steps = one.get("TienDo") or []
                if one["HoSo"].get("MaHoSo") == dossier.code:
                    digest = portal_fields.digest_of(one["HoSo"], steps)
                    return Told(is_known=True, steps=len(steps), digest=digest)
        return Told()

    async def tell(self, dossier: PortalDossier, told: Told) -> Told:
        fields, steps = portal_fields.dossier_fields(dossier), portal_fields.step_fields(dossier)
        if not told.is_known:
            told = await self.ask(dossier)
        try:
            await self._change("DongBoHoSoMC", isUpdating="True" if told.is_known else "False", data=[fields])
            if steps[told.steps :]:
                await self._change("CapNhatTienDoHoSoMC", data=steps[told.steps :])
        except PeerRefused as refusal:
            if refusal.code in {f"portal_{code}" for code in self._changed_codes}:
                # Known there and not to us, or the other way round: what we believed is worth nothing.
                raise OutcomeUnknown(refusal.code, refusal.detail) from refusal
            raise
        return Told(
            is_known=True,
            version=dossier.version,
            steps=max(len(steps), told.steps),
            digest=portal_fields.digest_of(fields, steps),
        )

    async def list_day(self, day: str) -> dict[str, str]:
        answer = await self._look("LayDanhSachHoSoTheoNgay", ngay=day)
        found = answer.get("data")
        if not isinstance(found, list):
            raise PeerAway("list_unreadable")
        return {str(one["MaHoSo"]): str(one["Digest"]) for one in found}

    @property
    def _changed_codes(self) -> frozenset[str]:
        return self._account.unknown_dossier_codes | self._account.exists_codes

    async def _look(self, service: str, **fields: Any) -> dict[str, Any]:  # Any: JSON members
        """Return the answer to a question; asking changes nothing, so whatever fails is only away."""
        try:
            return await self._call(service, fields)
        except OutcomeUnknown as failure:
            raise PeerAway(failure.code, failure.detail) from failure

    async def _change(self, service: str, **fields: Any) -> None:  # Any: JSON members
        await self._call(service, fields)

    async def _call(self, service: str, fields: dict[str, Any]) -> dict[str, Any]:  # Any: JSON members
        for is_last in (False, True):
            session = await self._open_session()
            body = {"session": session, "madonvi": self._account.unit_code, "service": service, **fields}
            answer = _read(await self._wire.post(f"{self._account.url}/service", body, {}))
            code = _code(answer)
            if code in SUCCESS:
                return answer
            if code in self._account.expired_session_codes and is_last:
                raise PeerAway("session_refused")
            if code not in self._account.expired_session_codes:
                raise PeerRefused(f"portal_{code}", str(answer.get("message") or ""))
            self._forget(session)
        raise AssertionError("unreachable")

    async def _open_session(self) -> str:
        async with self._login:
            if self._session is None:
                self._session = await self._log_in()
            return self._session

    def _forget(self, session: str) -> None:
        if self._session == session:  # another call may have logged in again already
            self._session = None

    async def _log_in(self) -> str:
        body = {"username": self._account.username, "password": self._account.password}
        headers = {"dstcode": self._account.destination_code}
        try:
            answer = _read(await self._wire.post(f"{self._account.url}/login", body, headers))
        except OutcomeUnknown as failure:
            raise PeerAway(failure.code, failure.detail) from failure
        if _code(answer) not in SUCCESS or not isinstance(answer.get("session"), str):
            raise PeerAway("log_in_refused", _code(answer))
        log.info("portal.logged_in")
        session: str = answer["session"]
        return session


def _read(answer: Answer) -> dict[str, Any]:  # Any: JSON members
    """Return the JSON object of an answer. Raises: OutcomeUnknown; PeerRefused for a request never taken."""
    if answer.status >= 500:
        raise OutcomeUnknown(f"http_{answer.status}")
    if answer.status == 429:
        raise PeerAway("http_429")
    if answer.status != 200:
        raise PeerRefused(f"http_{answer.status}")
    try:
        document = answer.json()
    except ValueError as failure:
        raise OutcomeUnknown("half_answer") from failure
    if not isinstance(document, dict):
        raise OutcomeUnknown("half_answer")
    return document


def _code(answer: dict[str, Any]) -> str:  # Any: JSON members
    """Return the verdict as text. Raises: OutcomeUnknown when the answer has none."""
    code = answer.get("error_code")
    if isinstance(code, bool) or not isinstance(code, int | str) or code == "":
        raise OutcomeUnknown("no_verdict")
    return str(code)
