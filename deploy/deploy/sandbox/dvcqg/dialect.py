"""The portal's one address: what it answers to each `service`, and what it refuses."""

from collections.abc import Callable
from typing import Any

from deploy.sandbox.accounts import password_of
from deploy.sandbox.dvcqg.store import Fields, PortalStore
from deploy.sandbox.state import State

USERNAME = "lienthong"
EXPIRED, UNKNOWN, EXISTS, MALFORMED, UNSUPPORTED = "401", "404", "409", "422", "501"
_MESSAGES = {
    EXPIRED: "Phiên làm việc không hợp lệ",
    UNKNOWN: "Hồ sơ không tồn tại",
    EXISTS: "Hồ sơ đã tồn tại",
    MALFORMED: "Dữ liệu không hợp lệ",
    UNSUPPORTED: "Dịch vụ không được hỗ trợ",
}
STATUSES = frozenset(str(number) for number in range(1, 11))


class Refused(Exception):
    """An answer with another `error_code` than success."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.what = what


class Dialect:
    """Log-in and services. Success is said in the three ways that real versions say it."""

    def __init__(self, store: PortalStore, state: State) -> None:
        self._store = store
        self._state = state
        self._services: dict[str, Callable[[Fields], Fields]] = {
            "TraCuuHoSo": self._look_up,
            "DongBoHoSoMC": self._take_dossiers,
            "CapNhatTienDoHoSoMC": self._take_steps,
            "LayDanhSachHoSoTheoNgay": self._list_day,
        }

    def log_in(self, body: Fields, destination: str | None) -> Fields:
        """Return a session, or a refusal in the dialect's shape."""
        is_right = body.get("username") == USERNAME and body.get("password") == password_of(USERNAME)
        if not is_right or not destination:
            return {"error_code": -1, "message": "Sai tài khoản, mật khẩu hoặc dstcode"}
        self._state.record("dvcqg", "logged_in")
        return {"error_code": 0, "session": self._store.open_session()}

    def answer(self, body: Fields) -> Fields:
        """Return the answer to one call; refusals are answers with HTTP status 200, as in the dialect."""
        service = body.get("service")
        try:
            if not self._store.is_open(body.get("session")):
                raise Refused(EXPIRED)
            if service not in self._services:
                raise Refused(UNSUPPORTED)
            if not body.get("madonvi"):
                raise Refused(MALFORMED, "madonvi")
            return self._services[str(service)](body)
        except Refused as refusal:
            self._state.record(
                "dvcqg", "refused", service=str(service)[:40], code=refusal.code, what=refusal.what
            )
            message = f"{_MESSAGES[refusal.code]} {refusal.what}".strip()
            return {"error_code": refusal.code, "message": message}

    def _look_up(self, body: Fields) -> Fields:
        found = self._store.find(str(body.get("mahoso")))
        return {"error_code": "0", "data": [found] if found is not None else []}

    def _take_dossiers(self, body: Fields) -> Fields:
        is_updating = body.get("isUpdating")
        if is_updating not in ("True", "False"):
            raise Refused(MALFORMED, "isUpdating")
        dossiers = _rows(body)
        for fields in dossiers:
            code = _text(fields, "MaHoSo")
            if _text(fields, "TrangThaiHoSo") not in STATUSES:
                raise Refused(MALFORMED, "TrangThaiHoSo")
            for name in ("MaTTHC", "TenTTHC", "ChuHoSo", "SoGiayToChuHoSo", "DonViXuLy"):
                _text(fields, name)
            is_there = self._store.find(code) is not None
            if is_there != (is_updating == "True"):
                raise Refused(UNKNOWN if is_updating == "True" else EXISTS, code)
        for fields in dossiers:
            self._store.put(fields["MaHoSo"], fields)
            self._state.record(
                "dvcqg",
                "dossier_taken",
                code=fields["MaHoSo"],
                status=fields["TrangThaiHoSo"],
                new=is_updating == "False",
            )
        return {"error_code": "00"}

    def _take_steps(self, body: Fields) -> Fields:
        rows = _rows(body)
        for row in rows:
            code = _text(row, "MaHoSo")
            if self._store.find(code) is None:
                raise Refused(UNKNOWN, code)
            if _text(row, "TrangThai") not in STATUSES:
                raise Refused(MALFORMED, "TrangThai")
            _text(row, "ThoiDiemXuLy")
            _text(row, "NoiDungXuLy")
        for row in rows:
            self._store.append(row["MaHoSo"], [row])
            self._state.record("dvcqg", "step_taken", code=row["MaHoSo"], status=row["TrangThai"])
        return {"error_code": "0"}

    def _list_day(self, body: Fields) -> Fields:
        day = str(body.get("ngay"))
        if len(day) != 8 or not day.isdigit():
            raise Refused(MALFORMED, "ngay")
        return {"error_code": "0", "data": self._store.list_day(day)}


def _rows(body: Fields) -> list[Fields]:
    """Return the objects of `data`, all of whose values are strings. Raises: Refused."""
    rows = body.get("data")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Refused(MALFORMED, "data")
    if not all(_is_text(value) for row in rows for value in row.values()):
        raise Refused(MALFORMED, "a value is no string")
    return rows


def _is_text(value: Any) -> bool:  # Any: JSON not checked yet
    if isinstance(value, dict):
        return all(_is_text(one) for one in value.values())
    if isinstance(value, list):
        return all(_is_text(one) for one in value)
    return isinstance(value, str)


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(MALFORMED, name)
    return value
