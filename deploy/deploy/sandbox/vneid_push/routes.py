"""`DongBoTrangThai` as VNeID takes it, and what it has taken.

Answers `{statusCode, data, errorDetail}`; "00" is success. What is needed with which status is in the
interface's field list (docs/sources.md).
"""

import json
import sqlite3
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException

from deploy.sandbox.state import State

PEER = "vneid-push"
STATUSES = frozenset(str(number) for number in range(1, 11))
_TABLES = "create table if not exists vneid_results (code text primary key, fields text not null)"

JsonBody = Annotated[dict[str, Any], Body()]  # Any: the interface's own members


class ResultStore:
    """The newest status of each dossier, in the sandbox's SQLite file."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute(_TABLES)

    def close(self) -> None:
        self._file.close()

    def put(self, code: str, fields: dict[str, Any]) -> None:  # Any: JSON members
        text = json.dumps(fields, ensure_ascii=False)
        self._file.execute("insert or replace into vneid_results values (?, ?)", (code, text))

    def find(self, code: str) -> dict[str, Any] | None:  # Any: JSON members
        row = self._file.execute("select fields from vneid_results where code = ?", (code,)).fetchone()
        return json.loads(row[0]) if row is not None else None


def routes(store: ResultStore, state: State) -> APIRouter:
    """Return the routes of the receiver."""
    router = APIRouter(prefix="/sandbox", tags=["VNeID results"])

    @router.post("/vneid-push/DongBoTrangThai", summary="Take status")
    async def take_status(body: JsonBody) -> dict[str, Any]:
        wrong = _fault_of(body)
        if wrong is not None:
            state.record(PEER, "refused", what=wrong)
            return {"statusCode": "01", "data": None, "errorDetail": wrong}
        store.put(body["maHoSoMCDT"], body)
        result = body.get("ketQuaXuLy") or {}
        state.record(
            PEER,
            "status_taken",
            code=body["maHoSoMCDT"],
            status=body["trangThaiXuLy"],
            result=result.get("trangThai"),
        )
        return {"statusCode": "00", "data": None, "errorDetail": None}

    @router.post("/vneid-push/TraCuuTrangThai", summary="Look up status")
    async def look_up_status(body: JsonBody) -> dict[str, Any]:
        return {"statusCode": "00", "data": store.find(str(body.get("maHoSoMCDT"))), "errorDetail": None}

    @router.get("/api/vneid-push/results/{code}", summary="Read result at VNeID")
    async def read_result(code: str) -> dict[str, Any]:
        found = store.find(code)
        if found is None:
            raise HTTPException(404, "VNeID has no such dossier")
        return found

    return router


def _fault_of(body: dict[str, Any]) -> str | None:  # Any: JSON not checked yet
    for name in ("maTinh", "maHoSoMCDT", "trangThaiXuLy"):
        if not isinstance(body.get(name), str) or not body[name]:
            return name
    status = body["trangThaiXuLy"]
    if status not in STATUSES:
        return "trangThaiXuLy"
    if status in ("3", "5", "8") and not body.get("lyDoTuChoi"):
        return "lyDoTuChoi"
    result = body.get("ketQuaXuLy")
    if status in ("9", "10") and not (isinstance(result, dict) and result.get("soPhieuLLTP")):
        return "ketQuaXuLy"
    return None
