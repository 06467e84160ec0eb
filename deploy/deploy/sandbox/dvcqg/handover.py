"""Hands a dossier over to Liên Thông as the portal would: with a token of its own, signed by RFC 9421."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from chassis import http_signatures
from chassis.clock import Clocks
from chassis.keys import SigningKey
from chassis.service_tokens import ASSERTION_TYPE, client_assertion
from deploy.sandbox.faults import Faults
from deploy.sandbox.state import State

CLIENT_ID = "dvcqg"
SCOPE = "portal.exchange"


class HandOver:
    """The portal as a client of ours, at the public address."""

    def __init__(
        self, public_url: str, key_file: Path, client: httpx2.AsyncClient, state: State, faults: Faults
    ) -> None:
        self._public_url = public_url
        self._key_file = key_file
        self._client = client
        self._state = state
        self._faults = faults

    async def send(self, path: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:  # Any: JSON members
        """Post `body` and return status and answer of each time: two where a fault switch says so.

        Raises: httpx2.HTTPError, OSError, KeyUnavailable.
        """
        key = SigningKey.from_file(self._key_file)
        token = await self._token(key)
        await asyncio.sleep(self._faults.use_delay(CLIENT_ID) / 1000)
        times = 2 if self._faults.use_up(CLIENT_ID, "duplicate_next") else 1
        return [await self._post(path, body, key, token) for _ in range(times)]

    async def _post(
        self, path: str, body: Mapping[str, Any], key: SigningKey, token: str
    ) -> dict[str, Any]:  # Any: JSON members
        url = f"{self._public_url}{path}"
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {token}",
            "idempotency-key": str(uuid4()),
        }
        signed = http_signatures.sign("POST", url, headers, content, key=key, keyid=CLIENT_ID)
        answer = await self._client.post(url, content=content, headers=signed)
        self._state.record(CLIENT_ID, "handed_over", path=path, status=answer.status_code)
        return {"status": answer.status_code, "answer": answer.json()}

    async def _token(self, key: SigningKey) -> str:
        assertion = client_assertion(
            key, client_id=CLIENT_ID, audience=self._public_url, clocks=Clocks.real()
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": SCOPE,
        }
        answer = await self._client.post(f"{self._public_url}/oauth2/token", data=form)
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token
