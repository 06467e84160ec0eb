"""The file of client registrations that `migrate` loads: what it may hold, checked before anything is stored.

A file and not an API: in this slice clients are part of the deployment, like the services themselves.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from chassis.keys import public_key_of

CLIENT_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
ClientId = Annotated[str, StringConstraints(pattern=CLIENT_ID)]
Scope = Annotated[str, StringConstraints(pattern=r"^[\x21\x23-\x5B\x5D-\x7E]{1,100}$")]
Kind = Literal["public", "system", "service"]
SERVED: frozenset[str] = frozenset(get_args(Kind))


class ClientRegistration(BaseModel):
    """One client as the file describes it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    client_id: ClientId
    kind: Kind
    name: str = Field(min_length=1, max_length=200)
    redirect_uris: list[str] = Field(default_factory=list)
    scopes: list[Scope] = Field(default_factory=list)
    audiences: list[str] = Field(default_factory=list)
    roles: list[str] | None = None
    organisation: str | None = None
    jwks: dict[str, Any] | None = None  # Any: JSON Web Key members

    @model_validator(mode="after")
    def _is_usable(self) -> "ClientRegistration":
        if self.kind == "public":
            if self.jwks is not None or not self.redirect_uris:
                raise ValueError(f"{self.client_id}: a public client has redirect URIs and no keys")
        elif not (self.jwks and self.jwks.get("keys")) or self.redirect_uris:
            raise ValueError(f"{self.client_id}: a {self.kind} has public keys and no redirect URI")
        for uri in self.redirect_uris:
            _require_redirect_uri(uri)
        for jwk in (self.jwks or {}).get("keys", []):
            if "d" in jwk:
                raise ValueError(f"{self.client_id}: a registration holds public keys only")
            public_key_of(jwk)
        return self

    def effective_roles(self) -> list[str]:
        """Return the roles in the client's own tokens: as registered, else what its kind and scopes say."""
        if self.roles is not None:
            return self.roles
        if self.kind == "service":
            return ["service"]
        return ["facility_system"] if "health.submit" in self.scopes else []


def read_registrations(path: Path) -> list[ClientRegistration]:
    """Return the registrations in a file, without those of kinds that are not served.

    Confidential clients of citizens (`app-backend`, `web`) may stand in the file: they are served with the
    profile that they need (pushed requests, sender-constrained tokens), not before and not with less.

    Raises: OSError, pydantic.ValidationError (a ValueError): the message names the client, never a key.
    """
    entries = TypeAdapter(list[dict[str, Any]]).validate_json(path.read_bytes())  # Any: not checked yet
    return [ClientRegistration.model_validate(entry) for entry in entries if entry.get("kind") in SERVED]


def _require_redirect_uri(uri: str) -> None:
    """Refuse what may not be a redirect URI: relative, with a fragment, or plain HTTP beyond this machine."""
    parts = urlsplit(uri)
    if not parts.scheme or parts.fragment or "#" in uri or parts.scheme in ("javascript", "data", "file"):
        raise ValueError(f"{uri} cannot be a redirect URI")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1"):
        raise ValueError(f"{uri}: plain HTTP only on the loopback addresses (RFC 8252, section 8.3)")
