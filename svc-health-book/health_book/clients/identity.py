"""Asks identity which citizens a batch of people are (`POST /internal/v1/person-resolutions`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import httpx2

from chassis.errors import UpstreamUnavailable
from chassis.service_tokens import ServiceTokens

AUDIENCE = "urn:lienthong:identity"
SCOPE = "people.resolve"
BATCH_SIZE = 500

State = Literal["confirmed", "unconfirmed", "insufficient", "conflict"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Identity's answer about one person; `citizen_id` is `None` when insufficient or in conflict."""

    citizen_id: UUID | None
    state: State


class IdentityClient:
    """Identity, as far as the health book uses it."""

    def __init__(
        self, http: httpx2.AsyncClient, tokens: ServiceTokens, base_url: str, timeout_seconds: float
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._url = f"{base_url}/internal/v1/person-resolutions"
        self._timeout_seconds = timeout_seconds

    async def resolve(self, questions: Sequence[dict[str, Any]]) -> list[Resolution]:
        """Return one answer per question, in order; idempotent, also under concurrency.

        Raises: UpstreamUnavailable when identity does not answer, or not as agreed.
        """
        answers: list[Resolution] = []
        for start in range(0, len(questions), BATCH_SIZE):
            answers += await self._ask(questions[start : start + BATCH_SIZE])
        return answers

    async def _ask(self, questions: Sequence[dict[str, Any]]) -> list[Resolution]:
        items = [{"ref": str(n), **question} for n, question in enumerate(questions)]
        token = await self._tokens.token(AUDIENCE, SCOPE)
        try:
            response = await self._http.post(
                self._url,
                json={"items": items},
                headers={"authorization": f"Bearer {token}"},
                timeout=self._timeout_seconds,
            )
            if response.status_code == 401:
                self._tokens.forget(AUDIENCE, SCOPE)
            response.raise_for_status()
            by_ref = {item["ref"]: item for item in response.json()["items"]}
            return [_resolution(by_ref[item["ref"]]) for item in items]
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="identity") from failure


def _resolution(item: dict[str, Any]) -> Resolution:
    citizen_id = item["citizen_id"]
    return Resolution(UUID(citizen_id) if citizen_id else None, item["state"])
