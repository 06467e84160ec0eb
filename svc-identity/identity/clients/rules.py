"""What a registration allows. Pure."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

CITIZEN_SCOPES = frozenset(
    {"openid", "profile", "health.read", "health.share", "judicial.apply", "dossier.file"}
)
"""What a citizen may ask for; `offline_access` joins them when refresh tokens are served."""

_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Client:
    """One active client."""

    client_id: str
    kind: str
    name: str
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str]
    audiences: tuple[str, ...]
    roles: tuple[str, ...]
    organisation: str | None
    jwks: dict[str, Any] | None  # Any: JSON Web Key members

    @property
    def is_public(self) -> bool:
        return self.kind == "public"


def allows_redirect(registered: tuple[str, ...], presented: str) -> bool:
    """Return whether a redirect URI is registered: equal as text, but for the port of a loopback address.

    A registration `http://127.0.0.1/*` allows any path on that address. `localhost` is no loopback address
    here, because a name can be made to point elsewhere.

    Source: RFC 9700, section 4.1.3 (exact match); RFC 8252, sections 7.3 and 8.3 (loopback, any port).
    """
    if any(presented == uri for uri in registered if not uri.endswith("*")):
        return True
    parts = _loopback(presented)
    return parts is not None and any(_same_but_port(uri, parts) for uri in registered)


def grantable_scopes(asked: str, client: Client, person_scopes: frozenset[str]) -> tuple[str, ...]:
    """Return the asked scopes that both the client and the person may have, in the order asked, each once.

    Source: RFC 6749, section 3.3.
    """
    allowed = client.scopes & person_scopes
    return tuple(scope for scope in dict.fromkeys(asked.split()) if scope in allowed)


def _loopback(uri: str) -> SplitResult | None:
    """Return a URI's parts when it is plain HTTP to a loopback address and nothing is hidden in it."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    if not uri.startswith("http://") or parts.hostname not in _LOOPBACK or "#" in uri or port == 0:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    spelled = host if port is None else f"{host}:{port}"
    return parts if parts.netloc == spelled and ".." not in parts.path else None


def _same_but_port(registered: str, presented: SplitResult) -> bool:
    parts = urlsplit(registered)
    if parts.scheme != "http" or parts.hostname != presented.hostname:
        return False
    if parts.path.endswith("*"):
        return not presented.query and presented.path.startswith(parts.path[:-1] or "/")
    return (parts.path, parts.query) == (presented.path, presented.query)
