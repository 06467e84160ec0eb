"""HTTP of the sandbox's national portal: the dialect, and what steers and shows it.

What steers it lies outside `/sandbox/dvcqg`, so that no fault switch is used up by looking.
"""

from typing import Annotated, Any
from uuid import uuid4

import httpx2
from fastapi import APIRouter, Body, Header, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.keys import KeyUnavailable
from contracts.portal import InboundDossier, InboundPaper, PortalOwner
from deploy.sandbox.dvcqg.dialect import Dialect
from deploy.sandbox.dvcqg.handover import HandOver
from deploy.sandbox.dvcqg.store import PortalStore
from deploy.sandbox.personas import personas

JsonBody = Annotated[dict[str, Any], Body()]  # Any: the dialect's own members


class HandOverIn(BaseModel):
    """The dossier that the portal hands over; what is left out is made up."""

    model_config = ConfigDict(extra="forbid")

    persona: str = Field("an", description="Whose dossier it is: a person or a company of the personas.")
    procedure_code: str = Field("1.002088", description="National procedure code.")
    code: str | None = Field(None, description="The portal's own code of the dossier.")
    version: int = Field(1, ge=1)
    submitted_at: str = Field("2026-11-23T02:00:00Z", description="RFC 3339.")
    form: dict[str, Any] = Field(default_factory=dict, description="By the procedure's JSON Schema.")
    papers: list[InboundPaper] = Field(default_factory=list)


def routes(store: PortalStore, dialect: Dialect, hand_over: HandOver) -> APIRouter:
    """Return the routes of the portal."""
    router = APIRouter(prefix="/sandbox", tags=["National portal"])

    @router.post("/dvcqg/login", summary="Log in")
    async def log_in(body: JsonBody, dstcode: Annotated[str | None, Header()] = None) -> dict[str, Any]:
        """Answer `{session, error_code}` for `{username, password}`; header `dstcode` is needed."""
        return dialect.log_in(body, dstcode)

    @router.post("/dvcqg/service", summary="Call service")
    async def call_service(body: JsonBody) -> dict[str, Any]:
        """Answer `{session, madonvi, service, …}`; the verdict is `error_code`, never the HTTP status."""
        return dialect.answer(body)

    @router.get("/api/dvcqg/dossiers", summary="List dossiers of portal")
    async def list_portal_dossiers(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> dict[str, Any]:
        return {"items": store.codes(limit)}

    @router.get("/api/dvcqg/dossiers/{code}", summary="Read dossier of portal")
    async def read_portal_dossier(code: str) -> dict[str, Any]:
        """Give back what was sent of a dossier: `HoSo`, and `TienDo` row by row."""
        found = store.find(code)
        if found is None:
            raise HTTPException(404, "the portal has no such dossier")
        return found

    @router.delete("/api/dvcqg/dossiers/{code}", status_code=204, summary="Lose dossier of portal")
    async def lose_portal_dossier(code: str) -> None:
        """Let the portal lose a dossier, so that the reconciliation has something to find."""
        if not store.forget(code):
            raise HTTPException(404, "the portal has no such dossier")

    @router.post("/api/dvcqg/expired-sessions", summary="Expire sessions of portal")
    async def expire_portal_sessions() -> dict[str, int]:
        return {"expired": store.expire_sessions()}

    @router.post("/api/dvcqg/hand-overs", summary="Hand dossier over")
    async def hand_dossier_over(body: HandOverIn) -> dict[str, Any]:
        """Let the portal send one signed dossier to `/v1/portal/dossiers`, and tell what it was answered."""
        dossier = _dossier(body).model_dump(mode="json")
        try:
            sent = await hand_over.send("/v1/portal/dossiers", {"items": [dossier]})
        except (httpx2.HTTPError, KeyUnavailable, OSError) as failure:
            raise HTTPException(502, f"not handed over: {type(failure).__name__}") from failure
        return {"code": dossier["code"], "sent": sent}

    return router


def _dossier(body: HandOverIn) -> InboundDossier:
    persona = personas().get(body.persona)
    if persona is None or (persona.person is None and persona.number is None):
        raise HTTPException(422, "no such person or company")
    person = persona.person
    return InboundDossier.model_validate(
        {
            "code": body.code or f"DVCQG-{uuid4().hex[:12].upper()}",
            "version": body.version,
            "procedure_code": body.procedure_code,
            "owner": PortalOwner(
                kind="citizen" if person else "company",
                name=person.name if person else persona.title,
                personal_id=person.personal_id if person else None,
                tax_code=None if person else persona.number,
            ),
            "submitted_at": body.submitted_at,
            "form": body.form,
            "papers": body.papers,
        }
    )
