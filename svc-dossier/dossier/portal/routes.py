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
from dossier.deps import DeskTools
from dossier.portal.service import PortalDossiers

router = APIRouter(tags=["portal"])

Synchronisation = Annotated[
    Actor, allow(kinds={"service"}, scope="portal.read", audience="internal", rows="any")
]


@router.get(
    "/internal/v1/portal-dossiers/{dossier_id}",
    operation_id="get_portal_dossier",
    summary="Read dossier for national portal",
    responses=responses(NotFound),
)
async def get_portal_dossier(
    dossier_id: UUID, actor: Synchronisation, tools: DeskTools, db: Db
) -> PortalDossier:
    """Answer a filed dossier as portals tell each other about it. For services with scope `portal.read`."""
    return await PortalDossiers(db, tools).get(actor, dossier_id)
