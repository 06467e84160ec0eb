"""Courts and police over HTTP: they answer verifications below `/sandbox/courts/{source}`.

What steers them (what is held, sent, complete) is below `/sandbox/api/courts` and never under a fault.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal
from uuid import UUID

import httpx2
from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from chassis.keys import KeyUnavailable
from deploy.sandbox.courts.holdings import SOURCES, Document, coverage, holdings
from deploy.sandbox.courts.sender import PEER, CourtSender
from deploy.sandbox.faults import Faults
from deploy.sandbox.people import Person
from deploy.sandbox.state import State

PREFIX = "/sandbox/courts"
SourceCode = Literal["toa-an", "cong-an"]
_ASKED, _ADDED, _COVERAGE = "courts.asked", "courts.added", "courts.coverage"


class QuestionIn(BaseModel):
    """A question about one person."""

    request_id: UUID
    person: dict[str, Any] = Field(description="Name, birth and papers.")  # Any: JSON members
    asked_on: str = Field(max_length=10)


class DocumentIn(BaseModel):
    """A document that a source holds from now on, in the shape of `POST /v1/convictions`."""

    source: SourceCode
    item: dict[str, Any]  # Any: JSON members


class CoverageStateIn(BaseModel):
    """How complete the sources say that they are."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["complete", "partial", "none"] = "complete"
    sources: list[SourceCode] = ["toa-an", "cong-an"]


class Courts:
    """What the sources hold, were asked, and say of themselves; kept across restarts."""

    def __init__(
        self, town: Sequence[Person], state: State, faults: Faults, now: Callable[[], float]
    ) -> None:
        self._town = town
        self._state = state
        self._faults = faults
        self._now = now

    def documents(self, source: str) -> list[Document]:
        added: dict[str, list[Document]] = self._state.get(_ADDED, {})
        return [*holdings(self._town)[source], *added.get(source, [])]

    def add(self, source: str, item: Document) -> None:
        added: dict[str, list[Document]] = self._state.get(_ADDED, {})
        added.setdefault(source, []).append(item)
        self._state.put(_ADDED, added)

    def coverage(self, source: str) -> Document:
        states: dict[str, str] = self._state.get(_COVERAGE, {})
        return coverage(source, states.get(source, "complete"))

    def set_coverage(self, source: str, state: str) -> None:
        self._state.put(_COVERAGE, {**self._state.get(_COVERAGE, {}), source: state})

    def ask(self, source: str, question: QuestionIn) -> dict[str, Any]:
        """Keep a question and answer it, now or when its delay is over; the same question is kept once."""
        asked: dict[str, Any] = self._state.get(_ASKED, {})
        key = f"{source}:{question.request_id}"
        if key not in asked:
            late_ms = self._faults.use_delay(PEER)
            number = question.person.get("personal_id")
            asked[key] = {"personal_id": number, "ready_at": self._now() + late_ms / 1000}
            self._state.put(_ASKED, asked)
            self._state.record(PEER, "asked", source=source, late_ms=late_ms)
        return self._answer(source, asked[key])

    def look(self, source: str, request_id: UUID) -> dict[str, Any] | None:
        asked: dict[str, Any] = self._state.get(_ASKED, {})
        kept = asked.get(f"{source}:{request_id}")
        return None if kept is None else self._answer(source, kept)

    def _answer(self, source: str, kept: dict[str, Any]) -> dict[str, Any]:
        if self._now() < kept["ready_at"]:
            return {"state": "pending"}
        number = kept["personal_id"]
        items = [one for one in self.documents(source) if one.get("person", {}).get("personal_id") == number]
        return {"state": "answered", "verdict": "found" if items else "nothing", "items": items}


def routes(courts: Courts, sender: CourtSender) -> APIRouter:
    """Return the routes of the peers and those that steer them."""
    router = APIRouter(tags=["Courts and police"])

    @router.post(f"{PREFIX}/{{source}}/verifications", summary="Ask about a person")
    async def ask(source: SourceCode, body: QuestionIn) -> dict[str, Any]:
        """Answer what is held of a person, or `pending`; the same `request_id` is one question."""
        return courts.ask(source, body)

    @router.get(f"{PREFIX}/{{source}}/verifications/{{request_id}}", summary="Ask after a question")
    async def look(source: SourceCode, request_id: UUID) -> dict[str, Any]:
        """Answer a question asked before; 404 when it never arrived."""
        found = courts.look(source, request_id)
        if found is None:
            raise HTTPException(404, "no such question")
        return found

    @router.get("/sandbox/api/courts/{source}/documents", summary="List documents of a source")
    async def list_documents(source: SourceCode) -> dict[str, Any]:
        return {"items": courts.documents(source), "coverage": courts.coverage(source)}

    @router.post("/sandbox/api/courts/documents", summary="Add and send a document")
    async def add_document(body: DocumentIn) -> dict[str, Any]:
        """Let a source hold one more document and send it at once."""
        courts.add(body.source, body.item)
        return {"sent": await _sent(sender, body.source, [body.item])}

    @router.put("/sandbox/api/courts/coverage", summary="Set and send coverage")
    async def set_coverage(body: CoverageStateIn) -> dict[str, Any]:
        """Let sources say that they are complete, partial or without information."""
        sent: list[dict[str, Any]] = []
        for source in body.sources:
            courts.set_coverage(source, body.state)
            sent += await _sent(sender, source, [], courts.coverage(source))
        return {"sent": sent}

    @router.post("/sandbox/api/courts/deliveries", summary="Send everything")
    async def send_everything() -> dict[str, Any]:
        """Send all that the sources hold and how complete it is; what was sent before changes nothing."""
        sent: list[dict[str, Any]] = []
        for source in SOURCES:
            sent += await _sent(sender, source, courts.documents(source), courts.coverage(source))
        return {"sent": sent}

    return router


async def _sent(
    sender: CourtSender, source: str, documents: Sequence[Document], told: Document | None = None
) -> list[dict[str, Any]]:
    try:
        return await sender.send(source, documents, told)
    except (httpx2.HTTPError, OSError, KeyUnavailable, ValueError) as failure:
        raise HTTPException(502, f"could not send: {type(failure).__name__}") from failure
