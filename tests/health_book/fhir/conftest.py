"""The FHIR interface of a running health book."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from chassis.ids import new_id
from chassis.testing import bearer, make_token
from tests.health_book.conftest import SUBMISSIONS, Book
from tests.health_book.fhir.factories import AN, Json, as_bytes

BASE = "/fhir/R4"
FHIR_JSON = "application/fhir+json"
SCOPES = {"health.submit", "system/*.read", "system/*.write"}


@dataclass
class Fhir:
    """Calls of hospitals' systems and citizens."""

    book: Book

    @staticmethod
    def system(code: str = "99999", **fields: Any) -> dict[str, str]:
        values = {"kind": "system", "client_id": f"his-{code}", "organisation": code, "scopes": SCOPES}
        return bearer(make_token(**(values | fields)))

    async def post(self, body: Json | bytes, *, facility: str = "99999", **headers: str) -> httpx2.Response:
        content = body if isinstance(body, bytes) else as_bytes(body)
        given = {**self.system(facility), "content-type": FHIR_JSON, **headers}
        return await self.book.client.post(BASE, content=content, headers=given)

    async def submit(self, body: Json | bytes, **options: Any) -> httpx2.Response:
        content = body if isinstance(body, bytes) else as_bytes(body)
        headers = {**self.system(), "content-type": FHIR_JSON, "idempotency-key": str(new_id())}
        return await self.book.client.post(SUBMISSIONS, content=content, headers=headers, **options)

    async def take(self, body: Json | bytes, **options: Any) -> list[str]:
        """Post a Bundle that must be taken; return `Type/id` of each entry."""
        answer = await self.post(body, **options)
        assert answer.status_code == 200, answer.text
        return [entry["response"]["location"].partition("/_history")[0] for entry in answer.json()["entry"]]

    async def get(self, path: str, headers: dict[str, str] | None = None, **options: Any) -> httpx2.Response:
        return await self.book.client.get(f"{BASE}/{path}", headers=headers or self.system(), **options)

    async def found(self, path: str, headers: dict[str, str] | None = None) -> list[Json]:
        answer = await self.get(path, headers)
        assert answer.status_code == 200, answer.text
        return [entry["resource"] for entry in answer.json().get("entry", [])]

    def citizen(self, personal_id: str = AN, **fields: Any) -> dict[str, str]:
        return self.book.citizen(personal_id, **fields)


@pytest.fixture
def fhir(book: Book) -> Fhir:
    return Fhir(book)
