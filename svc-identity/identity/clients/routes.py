"""HTTP of clients, for services that check signatures of messages (RFC 9421)."""

from typing import Annotated

from fastapi import APIRouter, Path

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import NotFound
from chassis.openapi import responses
from identity.clients.registrations import CLIENT_ID
from identity.clients.repository import ClientRepository
from identity.clients.schemas import ClientKeysOut

router = APIRouter(tags=["clients"])

Reader = Annotated[Actor, allow(kinds={"service"}, scope="clients.read", audience="internal", rows="any")]


@router.get(
    "/internal/v1/clients/{client_id}/keys",
    operation_id="get_client_keys",
    summary="Get keys of client",
    responses=responses(NotFound),
)
async def get_client_keys(
    client_id: Annotated[str, Path(pattern=CLIENT_ID)], actor: Reader, db: Db
) -> ClientKeysOut:
    """Answer the public keys of a client that has some. For services with scope `clients.read`.

    Unknown, withdrawn and public clients are not found alike.
    """
    client = await ClientRepository(db).find(client_id)
    if client is None or client.jwks is None:
        raise NotFound
    return ClientKeysOut(client_id=client.client_id, organisation=client.organisation, jwks=client.jwks)
