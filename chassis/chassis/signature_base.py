"""What an HTTP message signature is made over: the signature base (RFC 9421, section 2.5) and Content-Digest
(RFC 9530). Pure: a message in, bytes or a refusal out.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import http_sf

from chassis.errors import SignatureInvalid

Components = Sequence[tuple[Any, Any]]  # Any: structured-field values, not validated yet

_DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_PORTS = {"http": 80, "https": 443}


def read_dictionary(value: str) -> dict[str, Any]:  # Any: structured-field values
    """Return the members of a structured-field dictionary (RFC 9651). Raises: SignatureInvalid."""
    try:
        return dict(http_sf.parse(value.encode(), tltype="dictionary", on_duplicate_key=_refuse_twice))  # type: ignore[arg-type]  # a dictionary, since one was asked for
    except (ValueError, TypeError, UnicodeEncodeError) as failure:
        raise SignatureInvalid(reason="unreadable") from failure


def _refuse_twice(key: str, context: str) -> None:
    raise ValueError(f"{key} twice in a {context}")


def write_dictionary(members: Any) -> str:  # Any: as http_sf takes them
    """Return the canonical text of a structured-field dictionary."""
    return http_sf.ser(members)


def write_parameters(components: Components, parameters: Mapping[str, Any]) -> str:  # Any: as above
    """Return the canonical text of a signature's components and parameters."""
    members: Any = [(list(components), dict(parameters))]
    return http_sf.ser(members)


@dataclass(frozen=True, slots=True)
class Message:
    """A request as a signature sees it. `url` is absolute, as the sender wrote it."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def field(self, name: str) -> str | None:
        """Return the combined value of a field (RFC 9421, section 2.1)."""
        lines = [value.strip() for known, value in self.headers if known.lower() == name]
        return ", ".join(lines) if lines else None


def content_digest(body: bytes) -> str:
    """Return the Content-Digest of a body (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def require_digest(message: Message) -> None:
    """Check every digest of a known kind, at least one. Raises: SignatureInvalid."""
    given = message.field("content-digest")
    if given is None:
        return  # a signature over a body has to cover the field, and then it has to be there
    digests = read_dictionary(given)
    known = [name for name in _DIGESTS if name in digests]
    for name in known:
        value, _ = digests[name]
        if not isinstance(value, bytes) or not hmac.compare_digest(
            value, _DIGESTS[name](message.body).digest()
        ):
            raise SignatureInvalid(reason="digest")
    if not known:
        raise SignatureInvalid(reason="digest_of_unknown_kind")


def signature_base(message: Message, components: Components, parameters: Mapping[str, Any]) -> bytes:
    """Return the signature base (RFC 9421, section 2.5). Raises: SignatureInvalid."""
    lines = []
    for name, options in components:
        if not isinstance(name, str) or options:
            raise SignatureInvalid(reason="component_not_taken")
        lines.append(f'"{name}": {_value_of(message, name)}')
    lines.append(f'"@signature-params": {write_parameters(components, parameters)}')
    try:
        return "\n".join(lines).encode("ascii")
    except UnicodeEncodeError as failure:
        raise SignatureInvalid(reason="not_ascii") from failure


def _value_of(message: Message, name: str) -> str:
    if not name.startswith("@"):
        value = message.field(name)
        if value is None or name != name.lower() or "\n" in value:
            raise SignatureInvalid(reason="field_not_there")
        return value
    url = urlsplit(message.url)
    authority = (url.hostname or "") + (
        f":{url.port}" if url.port not in (None, _PORTS.get(url.scheme)) else ""
    )
    path, query = url.path or "/", f"?{url.query}" if url.query else ""
    derived = {
        "@method": message.method,
        "@scheme": url.scheme,
        "@authority": authority,
        "@path": path,
        "@query": query or "?",
        "@request-target": path + query,
        "@target-uri": f"{url.scheme}://{authority}{path}{query}",
    }
    if name not in derived:
        raise SignatureInvalid(reason="component_not_taken")
    return derived[name]
