"""Asks a court's or the police's system about one person: `POST {url}/verifications`, `GET …/{request_id}`.

The question may be sent again under its id, so nothing is asked twice; a question whose sending ended without
an answer is asked after first.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import UUID

import httpx2
import orjson

from chassis.http_signatures import sign
from chassis.keys import KeyUnavailable, SigningKey
from chassis.logging import get_logger

_TIMEOUT_SECONDS = 5.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What a source is asked: all that it holds of a person."""

    request_id: UUID
    person: dict[str, Any]  # Any: JSON members
    asked_on: date


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `unknown`: it cannot be told whether the question arrived; `absent`: it did not.

    `items` are documents that the source had not sent before, or sends again.
    """

    state: Literal["answered", "pending", "unknown", "absent"]
    items: tuple[Any, ...] = ()  # Any: JSON, read like everything a source sends
    verdict: Literal["nothing", "found"] | None = None


class SourcePeer(Protocol):
    """The systems of all sources."""

    async def ask(self, source: str, question: Question) -> Reply:
        """Send a question. Never raises for the peer."""
        ...

    async def look(self, source: str, request_id: UUID) -> Reply:
        """Ask what became of a question. Never raises for the peer."""
        ...


class HttpSourcePeer:
    """The peers over HTTP, at `{base}/{source code}`; requests are signed with this service's key."""

    def __init__(
        self, http: httpx2.AsyncClient, base_url: str | None, key_file: Path | None, client_id: str
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._key_file = key_file
        self._client_id = client_id

    async def ask(self, source: str, question: Question) -> Reply:
        body = {
            "request_id": str(question.request_id),
            "person": question.person,
            "asked_on": question.asked_on.isoformat(),
        }
        return await self._call("POST", f"{source}/verifications", orjson.dumps(body))

    async def look(self, source: str, request_id: UUID) -> Reply:
        return await self._call("GET", f"{source}/verifications/{request_id}", b"")

    async def _call(self, method: str, path: str, body: bytes) -> Reply:
        if self._base_url is None:
            log.error("verifications.no_address")
            return Reply("unknown")
        url = f"{self._base_url}/{path}"
        headers = {"content-type": "application/json"} if body else {}
        try:
            if self._key_file is not None:
                key = SigningKey.from_file(self._key_file)
                headers = sign(method, url, headers, body, key=key, keyid=self._client_id)
            answer = await self._http.request(
                method, url, content=body or None, headers=headers, timeout=_TIMEOUT_SECONDS
            )
            if answer.status_code == 404:
                return Reply("absent")
            answer.raise_for_status()
            return _reply(answer.json())
        except (httpx2.HTTPError, KeyUnavailable, ValueError, KeyError, TypeError) as failure:
            log.warning("verifications.peer_unclear", error_type=type(failure).__name__)
            return Reply("unknown")


def _reply(answer: Any) -> Reply:  # Any: JSON
    if answer["state"] == "pending":
        return Reply("pending")
    if answer["state"] != "answered" or answer["verdict"] not in ("nothing", "found"):
        raise ValueError("neither an answer nor none yet")
    items = answer["items"]
    if not isinstance(items, list) or (answer["verdict"] == "found") != bool(items):
        raise ValueError("a verdict that its documents do not bear out")
    return Reply("answered", tuple(items), answer["verdict"])
