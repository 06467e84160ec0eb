"""Sends what courts and police hold to Liên Thông, each with a token of its own and signed (RFC 9421)."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from chassis import http_signatures
from chassis.clock import Clocks
from chassis.keys import SigningKey
from chassis.service_tokens import ASSERTION_TYPE, client_assertion
from deploy.sandbox.courts.holdings import Document
from deploy.sandbox.state import State

SCOPE = "judicial.convictions"
PEER = "courts"
BATCH = 100


class CourtSender:
    """The sources as clients of ours, at the public address."""

    def __init__(self, public_url: str, keys: Path, client: httpx2.AsyncClient, state: State) -> None:
        self._public_url = public_url.rstrip("/")
        self._keys = keys
        self._client = client
        self._state = state

    async def send(
        self, source: str, documents: Sequence[Document], coverage: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Send documents in batches, and coverage after them; return status and answer of each request.

        Sending again changes nothing there. Raises: httpx2.HTTPError, OSError, KeyUnavailable.
        """
        key = SigningKey.from_file(self._keys / f"{source}.jwk")
        token = await self._token(source, key)
        answers = []
        for start in range(0, len(documents), BATCH):
            batch = {"items": list(documents[start : start + BATCH])}
            answers.append(await self._call("POST", "/v1/convictions", batch, source, key, token))
        if coverage is not None:
            path = f"/v1/conviction-sources/{source}/coverage"
            answers.append(await self._call("PUT", path, coverage, source, key, token))
        return answers

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any], source: str, key: SigningKey, token: str
    ) -> dict[str, Any]:
        url, content = f"{self._public_url}{path}", json.dumps(body, ensure_ascii=False).encode()
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {token}",
            "idempotency-key": str(uuid4()),
        }
        signed = http_signatures.sign(method, url, headers, content, key=key, keyid=source)
        answer = await self._client.request(method, url, content=content, headers=signed)
        self._state.record(PEER, "sent", source=source, path=path, status=answer.status_code)
        return {"source": source, "path": path, "status": answer.status_code, "answer": answer.json()}

    async def _token(self, source: str, key: SigningKey) -> str:
        assertion = client_assertion(key, client_id=source, audience=self._public_url, clocks=Clocks.real())
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
