"""What the provider keeps of a sign-in on its way, and how it refuses."""

from dataclasses import dataclass, field

from deploy.sandbox.people import Person
from deploy.sandbox.vneid.claims import Account
from deploy.sandbox.vneid.clients import Client


class AuthorizeRefused(Exception):
    """The request cannot even be sent back to its client; it is shown on a page of our own."""


class AuthorizeError(Exception):
    """The request is refused by a redirect to its client (RFC 6749, 4.1.2.1)."""

    def __init__(self, location: str) -> None:
        super().__init__("refused at the authorization endpoint")
        self.location = location


class TokenError(Exception):
    """The token endpoint refuses (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(slots=True)
class Transaction:
    """One sign-in on its way through the pages; bound to one browser by `browser`."""

    id: str
    browser: str
    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    nonce: str | None
    challenge: str
    wanted_level: int | None
    language: str | None
    began_at: float
    person: Person | None = None
    is_level_settled: bool = False
    signed_in_at: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    nonce: str | None
    challenge: str
    personal_id: str
    account: Account
    level: int
    signed_in_at: int
    expires_at: float


@dataclass(slots=True)
class Token:
    grant: Grant
    expires_at: float


@dataclass(slots=True)
class Memory:
    transactions: dict[str, Transaction] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    used_codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
