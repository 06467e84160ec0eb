"""Refusals of the OAuth endpoints, in the shape of RFC 6749, section 5.2 (not problem+json: OAuth client
libraries read `error`).

    OAuthError
    ├── 400 InvalidRequest, InvalidGrant, InvalidScope, InvalidTarget, UnauthorizedClient,
    │       UnsupportedGrantType
    └── 401 InvalidClient
"""

from typing import ClassVar


class OAuthError(Exception):
    """An expected refusal. `description` is public, plain ASCII, and never quotes what was sent."""

    status: ClassVar[int] = 400
    error: ClassVar[str]

    def __init__(self, description: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(self.error)
        self.description = description
        self.headers = headers or {}


class InvalidRequest(OAuthError):
    """A parameter is missing, repeated, unreadable or too long."""

    error = "invalid_request"


class InvalidClient(OAuthError):
    """The client is unknown or has not proved who it is; which of the two is not said."""

    status = 401
    error = "invalid_client"


class InvalidGrant(OAuthError):
    """The code is unknown, used, expired or another client's; which of these is not said."""

    error = "invalid_grant"


class InvalidScope(OAuthError):
    """Nothing that was asked may be given."""

    error = "invalid_scope"


class InvalidTarget(OAuthError):
    """The client may not have tokens for this resource (RFC 8707, section 2)."""

    error = "invalid_target"


class UnauthorizedClient(OAuthError):
    """The client may not use this grant."""

    error = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """The grant is not served."""

    error = "unsupported_grant_type"
