"""What the sandbox is told from outside."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.sandbox.town import DEFAULT_SEED, DEFAULT_SIZE


class SandboxSettings(BaseSettings):
    """Addresses, folders and the size of the town."""

    model_config = SettingsConfigDict(
        env_prefix="LIENTHONG_SANDBOX_", frozen=True, extra="ignore", populate_by_name=True
    )

    service: ClassVar[str] = "sandbox"

    profile: Literal["sandbox", "production"] = Field(
        ..., validation_alias=AliasChoices("LIENTHONG_PROFILE"), description="Must be `sandbox`."
    )
    public_url: str = Field(
        ..., validation_alias=AliasChoices("LIENTHONG_PUBLIC_URL"), description="Address of the gateway."
    )
    nats_url: str | None = Field(
        None, validation_alias=AliasChoices("LIENTHONG_NATS_URL"), description="Address of NATS."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias=AliasChoices("LIENTHONG_LOG_LEVEL"), description="Least level logged."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(..., ge=1, le=65535, description="Port of the HTTP interface.")
    metrics_port: int | None = Field(None, ge=1, le=65535, description="Port of health and metrics.")
    nats_user: str | None = Field(None, description="NATS user of this process.")
    nats_password: SecretStr | None = Field(None, description="Password of the NATS user.")
    state_directory: Path = Field(Path("var/sandbox"), description="Folder of what the sandbox remembers.")
    clients_directory: Path = Field(
        Path("var/clients"), description="Folder with the key of `lienthong-identity`, as VNeID knows it."
    )
    vneid_clients_file: Path | None = Field(
        None, description="JSON list of further VNeID clients; see `vneid/clients.py`."
    )
    tsa_key_file: Path | None = Field(
        None, description="PEM file with key and certificate of the time-stamping authority."
    )
    town_size: int = Field(DEFAULT_SIZE, ge=0, le=200_000, description="How many people beside the personas.")
    town_seed: int = Field(DEFAULT_SEED, description="Which people; equal seeds make equal towns.")

    @property
    def issuer(self) -> str:
        """Return VNeID's issuer, below the public address so that one origin serves all."""
        return f"{self.public_url.rstrip('/')}/sandbox/vneid"
