"""HTTP for the synchronisation with the national portal."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import NotFound
from chassis.openapi import responses
from contracts.portal import PortalDossier
from judicial_record.deps import DossiersForPortal

router = APIRouter(tags=["judicial-record"])

Synchronisation = Annotated[
    Actor, allow(kinds={"service"}, scope="portal.read", audience="internal", rows="any")
]


@router.get(
    "/internal/v1/portal-dossiers/{application_id}",
    summary="Read application for national portal",
    responses=responses(NotFound),
)
async def get_portal_judicial_record_dossier(
    application_id: UUID, actor: Synchronisation, dossiers: DossiersForPortal, db: Db
) -> PortalDossier:
    """Answer an application as portals tell each other about it. For services with scope `portal.read`."""
    return await dossiers.get(db, actor, application_id)
