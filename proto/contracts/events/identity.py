"""Events of identity."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from contracts.envelope import BaseEvent


class TokenRevokedV1(BaseEvent):
    """An access token must be refused from now on, whatever its expiry says."""

    event_type: ClassVar[str] = "identity.token.revoked.v1"
    source: ClassVar[str] = "/svc-identity"

    token_id: str = Field(description="The token's `jti`.")
    expires_at: AwareDatetime = Field(description="After this the revocation can be forgotten.")

    @property
    def aggregate_id(self) -> str:
        return self.token_id
