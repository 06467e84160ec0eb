"""Wire shapes of the OAuth endpoints."""

from typing import Any

from pydantic import BaseModel, Field


class TokenOut(BaseModel):
    """A token answer (RFC 6749, section 5.1)."""

    access_token: str = Field(description="Signed access token (RFC 9068).", examples=["eyJhbGciOi…"])
    token_type: str = Field(description="Always `Bearer`.", examples=["Bearer"])
    expires_in: int = Field(description="Lifetime in seconds.", examples=[600])
    scope: str = Field(description="What was granted, which may be less than was asked.", examples=["openid"])
    issued_token_type: str | None = Field(
        default=None,
        description="Of an exchanged token: that it is an access token (RFC 8693).",
        examples=["urn:ietf:params:oauth:token-type:access_token"],
    )
    id_token: str | None = Field(default=None, description="With scope `openid`.", examples=["eyJhbGciOi…"])


class OAuthErrorOut(BaseModel):
    """A refusal (RFC 6749, section 5.2)."""

    error: str = Field(description="Code of the RFC.", examples=["invalid_grant"])
    error_description: str = Field(description="For the developer.", examples=["the code is not valid"])


class KeySetOut(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]] = Field(description="Public keys, the current one first.")  # Any: JWK members


class UserInfoOut(BaseModel):
    """Claims about the person (OpenID Connect Core 1.0, section 5.3); beyond `sub` with scope `profile`."""

    sub: str = Field(
        description="The person's `citizen_id`.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"]
    )
    name: str | None = Field(default=None, description="Full name.", examples=["Nguyễn Văn An"])
    gender: str | None = Field(default=None, description="`male` or `female`.", examples=["male"])
    birthdate: str | None = Field(
        default=None, description="`YYYY-MM-DD` or `YYYY`.", examples=["1985-03-12"]
    )
    personal_id: str | None = Field(
        default=None, description="12-digit personal number.", examples=["001085000017"]
    )
    locale: str | None = Field(default=None, description="`vi` or `en`.", examples=["vi"])
