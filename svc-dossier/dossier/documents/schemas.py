"""Wire shapes of `documents`."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from chassis.schemas import RequestModel, ResponseModel

_ID = "0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"


class DocumentOut(ResponseModel):
    """One paper that the state holds for its owner."""

    id: UUID = Field(description="The document.", examples=[_ID])
    code: str = Field(description="National code of the result.", examples=["KQ.G18.000001"])
    name: str = Field(description="Procedure that it came of.", examples=["Cấp số tiếp nhận công bố"])
    kind: Literal["granted", "published"] = Field(description="What it is.", examples=["granted"])
    dossier_id: UUID = Field(description="Dossier that it came of.", examples=[_ID])
    issued_at: AwareDatetime = Field(description="When it was signed.", examples=["2026-11-23T02:15:00Z"])
    sha256: str = Field(description="SHA-256 of the PDF, hexadecimal.", examples=["9f86d081884c7d65"])
    document_url: str = Field(
        description="Where the PDF is.", examples=[f"/v1/me/dossiers/{_ID}/results/{_ID}/document"]
    )


class DocumentUseIn(RequestModel):
    """A document of the own store, put into a slot."""

    document_id: Annotated[UUID, Field(description="Document of `/v1/me/documents`.", examples=[_ID])]
