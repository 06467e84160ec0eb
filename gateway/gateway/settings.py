"""What the gateway is told from outside. Shared variables are described in `chassis.settings`."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ChassisSettings
from gateway.routes import Service


def _upstream(variable: str, service: str) -> Any:  # Any: a pydantic field takes any type
    return Field(None, validation_alias=AliasChoices(variable), description=f"Internal address of {service}.")


class GatewaySettings(ChassisSettings):
    """Settings of the gateway: `LIENTHONG_GATEWAY_<NAME>`, and where the services are."""

    model_config = SettingsConfigDict(env_prefix="LIENTHONG_GATEWAY_")

    service: ClassVar[str] = "gateway"

    health_book_url: str | None = _upstream("LIENTHONG_HEALTH_BOOK_URL", "health-book")
    judicial_record_url: str | None = _upstream("LIENTHONG_JUDICIAL_RECORD_URL", "judicial-record")
    dossier_url: str | None = _upstream("LIENTHONG_DOSSIER_URL", "dossier")
    national_portal_sync_url: str | None = _upstream(
        "LIENTHONG_NATIONAL_PORTAL_SYNC_URL", "national-portal-sync"
    )

    trusted_proxies: tuple[str, ...] = Field(
        (),
        description="Networks (CIDR) of load balancers in front, whose X-Forwarded-For names the "
        "caller; JSON list.",
    )
    max_headers: int = Field(100, ge=10, le=1000, description="Most header fields of a request.")
    max_request_line_bytes: int = Field(8192, ge=1024, description="Longest path with query.")
    header_timeout_seconds: float = Field(
        10, gt=0, description="Longest time for a request's headers to arrive."
    )
    client_timeout_seconds: float = Field(
        30, gt=0, description="Longest silence of a caller that sends a body or reads an answer."
    )
    keep_alive_seconds: int = Field(75, ge=1, description="How long an idle connection of a caller is kept.")
    max_concurrent_requests: int = Field(
        512, ge=1, description="Requests in progress before further ones are answered 503 `overloaded`."
    )
    max_connections: int = Field(
        8192, ge=16, description="Open connections of callers before new ones are closed at once."
    )

    connect_timeout_seconds: float = Field(1.0, gt=0, description="Longest wait for a service to accept.")
    connections_per_service: int = Field(128, ge=1, description="Most connections to one service.")
    breaker_threshold: int = Field(
        5, ge=1, description="Failures in a row after which a service is left alone."
    )
    breaker_first_seconds: float = Field(0.5, gt=0, description="First pause of an open breaker.")
    breaker_longest_seconds: float = Field(5.0, gt=0, description="Longest pause of an open breaker.")

    person_requests_per_minute: int = Field(6_000, ge=1, description="Quota per client and person.")
    person_burst: int = Field(300, ge=1, description="Requests of the person quota that may come at once.")
    system_requests_per_minute: int = Field(60_000, ge=1, description="Quota per system client.")
    system_burst: int = Field(3_000, ge=1, description="Requests of the system quota that may come at once.")
    address_requests_per_minute: int = Field(
        6_000, ge=1, description="Quota per network address for requests without a valid token."
    )
    address_burst: int = Field(300, ge=1, description="Requests of the address quota that may come at once.")

    openapi_refresh_seconds: float = Field(
        30, gt=0, description="Age after which a service's OpenAPI is asked again."
    )

    @property
    def is_https(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"

    def upstreams(self) -> dict[Service, str]:
        """Return the address of every service that has one in this profile."""
        candidates = {
            Service.IDENTITY: self.identity_url,
            Service.HEALTH_BOOK: self.health_book_url,
            Service.JUDICIAL_RECORD: self.judicial_record_url,
            Service.DOSSIER: self.dossier_url,
            Service.NATIONAL_PORTAL_SYNC: self.national_portal_sync_url,
            Service.SANDBOX: self.sandbox_url if self.is_sandbox else None,
        }
        return {service: url for service, url in candidates.items() if url}
