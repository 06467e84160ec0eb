"""Events of the national portal's synchronisation."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import BaseEvent


class InboundDossierReceivedV1(BaseEvent):
    """A peer handed over a dossier that was filed with it; its content waits to be fetched."""

    event_type: ClassVar[str] = "national-portal-sync.dossier.received.v1"
    source: ClassVar[str] = "/svc-national-portal-sync"

    inbound_id: UUID = Field(description="What was received.")
    peer: str = Field(description="Client id of the peer that signed it.", examples=["dvcqg"])
    external_code: str = Field(description="The dossier's code at the peer.")
    version: int = Field(ge=1, description="The peer's version of it.")
    received_at: AwareDatetime = Field(description="UTC instant of receipt.")
    detail_url: str = Field(description="Internal path where the dossier service fetches the content.")

    @property
    def aggregate_id(self) -> str:
        return f"{self.peer}/{self.external_code}"
