"""A client of the flows that does not give up: after an unknown outcome it sends the same command again."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import httpx2

from deploy.cli.stack import CommandFailed
from deploy.faults.load import RETRIED, Refused

REQUEST_SECONDS = 15.0
PATIENCE_SECONDS = 90.0
PAUSE_SECONDS = 0.25
TOKEN_SECONDS = 240.0
Json = dict[str, Any]  # Any: JSON members


class FlowClient:
    """Calls the gateway as anybody; `faults` are trace ids of answers 500, each a fault of ours."""

    def __init__(self, http: httpx2.AsyncClient, get_token: Callable[[str], str]) -> None:
        self.answers: Counter[str] = Counter()
        self.retries = 0
        self.faults: list[str] = []
        self._http = http
        self._get_token = get_token
        self._tokens: dict[str, tuple[str, float]] = {}
        self._lock = asyncio.Lock()

    async def sign_in(self, names: Iterable[str]) -> None:
        """Sign people in before anything is killed: a one-time code works once."""
        for name in names:
            await self._token(name)

    async def send(self, method: str, path: str, name: str | None = None, **options: Any) -> httpx2.Response:
        """Send a command until it is taken, always under one idempotency key. Raises: Refused."""
        headers = {**options.pop("headers", {}), "idempotency-key": uuid.uuid4().hex}
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = await self._try(method, path, name, {**options, "headers": headers})
            if answer is not None and answer.is_success:
                return answer
            if answer is not None and answer.status_code not in RETRIED:
                raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            if time.monotonic() > end:
                raise Refused(f"{method} {path}: not taken: {answer.text[:300] if answer else 'no answer'}")
            self.retries += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def post(self, path: str, name: str | None, body: Json) -> Json:
        answer = await self.send("POST", path, name, json=body)
        return dict(answer.json()) if answer.content else {}

    async def look(self, path: str, name: str | None, is_there: Callable[[Json], bool]) -> Json:
        """Read until the answer is as wished. Raises: Refused when it does not become so."""
        found: Json = {}
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            answer = await self._try("GET", path, name, {})
            found = answer.json() if answer is not None and answer.is_success else found
            if found and is_there(found):
                return found
            await asyncio.sleep(PAUSE_SECONDS)
        raise Refused(f"GET {path}: stays at {found.get('status')}")

    async def _try(self, method: str, path: str, name: str | None, options: Json) -> httpx2.Response | None:
        """Send once; None when no answer came, which says nothing about what happened."""
        headers = dict(options.get("headers", {}))
        try:
            if name is not None:
                headers["authorization"] = f"Bearer {await self._token(name)}"
            answer = await self._http.request(method, path, **{**options, "headers": headers})
        except (httpx2.HTTPError, CommandFailed) as failure:
            self.answers[type(failure).__name__] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        if answer.status_code == 500:
            self.faults.append(_trace_of(answer))
        if answer.status_code == 401 and name is not None:
            self._tokens.pop(name, None)
        return answer

    async def _token(self, name: str) -> str:
        async with self._lock:
            token, until = self._tokens.get(name, ("", 0.0))
            if time.monotonic() >= until:
                token = await asyncio.to_thread(self._get_token, name)
                self._tokens[name] = (token, time.monotonic() + TOKEN_SECONDS)
            return token


def _trace_of(answer: httpx2.Response) -> str:
    try:
        return str(answer.json().get("trace_id", ""))
    except ValueError:
        return ""
