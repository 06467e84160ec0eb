"""What a process is told from outside: read once, frozen, typed.

Variables that all processes share are called `LIENTHONG_<NAME>`; those of one service
`LIENTHONG_<SERVICE>_<NAME>`, by the subclass's `env_prefix`. Nothing secret has a default, so that a
forgotten secret stops the start.
"""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost", ""})


def _shared(name: str, default: Any, description: str) -> Any:  # Any: a pydantic field takes any type
    """Return a field read from one variable whatever the subclass's prefix is."""
    return Field(default, validation_alias=AliasChoices(name), description=description)


class ChassisSettings(BaseSettings):
    """Settings that every process has."""

    model_config = SettingsConfigDict(
        env_prefix="LIENTHONG_", frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    service: ClassVar[str]

    profile: Literal["sandbox", "production"] = _shared(
        "LIENTHONG_PROFILE", ..., "`sandbox` opens movable time and made-up keys; `production` opens neither."
    )
    public_url: str = _shared(
        "LIENTHONG_PUBLIC_URL", ..., "Address in tokens, certificates and links; also the public audience."
    )
    nats_url: str | None = _shared("LIENTHONG_NATS_URL", None, "Address of NATS.")
    identity_url: str = _shared("LIENTHONG_IDENTITY_URL", ..., "Internal address of the identity service.")
    sandbox_url: str | None = _shared(
        "LIENTHONG_SANDBOX_URL", None, "Address of the sandbox of national peers; sandbox profile only."
    )
    key_directory: Path = _shared(
        "LIENTHONG_KEY_DIRECTORY", ..., "Folder of key files, readable by the owner alone."
    )
    log_level: Literal["debug", "info", "warning", "error"] = _shared(
        "LIENTHONG_LOG_LEVEL", "info", "Least level logged."
    )
    otlp_endpoint: str | None = _shared(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        None,
        "OpenTelemetry collector; without it traces are propagated, not sent.",
    )
    trace_sampling_ratio: Annotated[float, Field(ge=0, le=1)] = _shared(
        "LIENTHONG_TRACE_SAMPLING_RATIO", 1.0, "Share of new traces recorded when a collector is set, 0 to 1."
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(..., ge=1, le=65535, description="Port of the HTTP interface.")
    metrics_port: int = Field(
        ..., ge=1, le=65535, description="Port of health and metrics, for operators only."
    )
    nats_user: str | None = Field(None, description="NATS user of this process.")
    nats_password: SecretStr | None = Field(None, description="Password of the NATS user.")
    drain_seconds: float = Field(
        0.0,
        ge=0,
        le=60,
        description="Time between dropping readiness and closing the listener, for balancers.",
    )
    shutdown_seconds: int = Field(
        25, ge=1, le=600, description="Longest wait for accepted requests at shutdown."
    )
    max_body_bytes: int = Field(
        1 << 20, ge=0, description="Largest body where a route sets no limit of its own."
    )
    max_held_body_bytes: int = Field(
        256 << 20, ge=1 << 20, description="Largest sum of the bodies that a process holds at once."
    )
    max_header_bytes: int = Field(32 << 10, ge=1024, description="Largest sum of header names and values.")

    @property
    def is_sandbox(self) -> bool:
        return self.profile == "sandbox"


class ServiceSettings(ChassisSettings):
    """Settings of a service: the chassis's, its database and its key as an OAuth client."""

    database_url: SecretStr = Field(..., description="PostgreSQL as the application role, without DDL.")
    migrator_database_url: SecretStr | None = Field(
        None, description="PostgreSQL as the owner; for `migrate` only."
    )
    client_key_file: Path | None = Field(None, description="Private JWK with which the service gets tokens.")
    pool_size: int = Field(
        8,
        ge=1,
        le=200,
        description="Database connections; see docs/architecture.md for the sum over services.",
    )
    work_in_serve: bool = Field(
        True,
        description="Whether `serve` also does the work; false where `work` is its own process.",
    )

    @property
    def internal_audience(self) -> str:
        """Return the audience of tokens for `/internal/v1` of this service."""
        return f"urn:lienthong:{self.service}"

    @model_validator(mode="after")
    def _sandbox_stays_local(self) -> Self:
        """Refuse the sandbox profile against a database elsewhere: made-up people must not meet real ones."""
        for url in (self.database_url, self.migrator_database_url):
            if self.is_sandbox and url is not None and not _is_local(url.get_secret_value()):
                raise ValueError("the sandbox profile takes only a database on this machine")
        return self


def _is_local(database_url: str) -> bool:
    """Return whether every host that an address names, also in its query, is this machine."""
    parts = urlsplit(database_url)
    named = [parts.hostname or "", *parse_qs(parts.query).get("host", ())]
    hosts = [host for names in named for host in names.split(",")]
    return all(host in _LOCAL_HOSTS or host.startswith("/") for host in hosts)  # a path is a socket


S = TypeVar("S", bound=ChassisSettings)


class SettingsIncomplete(Exception):
    """Start-up stops: the message names each variable at fault, never a value."""


def load(settings_class: type[S]) -> S:
    """Return the settings from the environment. Raises: SettingsIncomplete, naming the variables."""
    try:
        return settings_class()
    except ValidationError as failure:
        lines = []
        for error in failure.errors(include_input=False, include_url=False):
            name = str(error["loc"][0]) if error["loc"] else settings_class.__name__
            field = settings_class.model_fields.get(name)
            lines.append(f"{variable_name(settings_class, name, field)}: {error['msg']}")
        raise SettingsIncomplete("; ".join(lines)) from failure


def variable_name(settings_class: type[ChassisSettings], name: str, field: FieldInfo | None) -> str:
    """Return the environment variable of a field."""
    if field is None:
        return name
    if isinstance(field.validation_alias, AliasChoices):
        return str(field.validation_alias.choices[0])
    return f"{settings_class.model_config.get('env_prefix', '')}{name}".upper()
