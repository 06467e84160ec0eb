"""Tells callers what became of their payments: signed, and again until they have taken it."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2

from chassis import http_signatures
from chassis.keys import SigningKey
from chassis.logging import get_logger
from deploy.sandbox.faults import Faults
from deploy.sandbox.payments.store import IntentStore, Stored
from deploy.sandbox.state import State

PEER = "payments"
CLIENT_ID = "thanh-toan"
MOST_ATTEMPTS = 20
LONGEST_PAUSE_SECONDS = 60.0

log = get_logger(__name__)


def notice_of(stored: Stored) -> dict[str, object]:
    """Return what the platform says of a payment, in a notice and when asked."""
    code = {"paid": 0, "failed": -1, "waiting": 1}[stored.status]
    return {
        "error_code": code,
        "MaTraCuuTT": stored.intent.code,
        "MaHoSo": stored.intent.case_code,
        "MaGiaoDich": stored.reference,
        "SoTien": stored.paid_vnd,
    }


class Notifier:
    """Sends the notices that are owed; one task of the sandbox process."""

    def __init__(
        self,
        store: IntentStore,
        state: State,
        faults: Faults,
        *,
        key_file: Path,
        client: httpx2.AsyncClient,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._state = state
        self._faults = faults
        self._key_file = key_file
        self._client = client
        self._now = now
        self._wake = asyncio.Event()

    def owe(self, code: str) -> None:
        """Let the notice of a payment be sent: once, and again where a fault switch says so."""
        due_at = self._now() + self._faults.use_delay(PEER) / 1000
        for _ in range(2 if self._faults.use_up(PEER, "duplicate_next") else 1):
            self._store.owe_notice(code, due_at)
        self._wake.set()

    async def run(self) -> None:
        """Send what is due until cancelled."""
        while True:
            await self.send_due()
            owed = self._store.owed_notices()
            self._wake.clear()
            with suppress(TimeoutError):
                pause = max(0.0, owed[0][2] - self._now()) if owed else None
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def send_due(self) -> int:
        """Send each notice that is due now and return how many were taken."""
        taken = 0
        for notice_id, code, due_at, attempts in self._store.owed_notices():
            if due_at > self._now():
                break
            stored = self._store.find(code)
            if stored is None or await self._send(stored) or attempts + 1 >= MOST_ATTEMPTS:
                self._store.forget_notice(notice_id)
                taken += 1
            else:
                pause = min(LONGEST_PAUSE_SECONDS, 0.5 * 2**attempts)
                self._store.put_off_notice(notice_id, self._now() + pause)
        return taken

    async def _send(self, stored: Stored) -> bool:
        """Return whether the notice was taken, or refused for good (a 4xx but 404, 409 and 429)."""
        url = stored.intent.notice_url
        body = json.dumps(notice_of(stored)).encode()
        headers = {"content-type": "application/json"}
        key = SigningKey.from_file(self._key_file)
        signed = http_signatures.sign("POST", url, headers, body, key=key, keyid=CLIENT_ID)
        try:
            answer = await self._client.post(url, content=body, headers=signed)
        except httpx2.HTTPError as failure:
            self._state.record(PEER, "notice_failed", code=stored.intent.code, reason=type(failure).__name__)
            return False
        self._state.record(PEER, "notice_sent", code=stored.intent.code, status=answer.status_code)
        return answer.status_code < 500 and answer.status_code not in (404, 409, 429)
