"""Wire shapes of `clients`."""

from typing import Any

from pydantic import Field

from chassis.schemas import ResponseModel


class ClientKeysOut(ResponseModel):
    """The public keys that a client signs with, and whom it speaks for."""

    client_id: str = Field(description="The client.", examples=["toa-an"])
    organisation: str | None = Field(
        description="Code of the facility, agency or platform that it is bound to.", examples=["toa-an"]
    )
    jwks: dict[str, Any] = Field(  # Any: JSON Web Key members
        description="JSON Web Key Set of public keys.", examples=[{"keys": []}]
    )
