"""What identity is told from outside."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class IdentitySettings(ServiceSettings):
    """Settings of identity: the chassis's, the client registrations, VNeID and the population register."""

    model_config = SettingsConfigDict(env_prefix="LIENTHONG_IDENTITY_")
    service: ClassVar[str] = "identity"

    clients_file: Path | None = Field(
        None,
        description="Client registrations loaded by `migrate`; `clients.json` in the key folder by default.",
    )
    staff_file: Path | None = Field(
        None,
        description="Staff registrations loaded by `migrate` (mode 0600); `staff.json` in the key folder by"
        " default.",
    )
    organisations_file: Path | None = Field(
        None,
        description="Organisations loaded by `migrate` (mode 0600); `organisations.json` in the key folder by"
        " default.",
    )
    vneid_issuer: str | None = Field(
        None, description="VNeID's issuer; the sandbox's in the sandbox profile, needed in production."
    )
    vneid_backchannel_url: str | None = Field(
        None,
        description="Address that replaces VNeID's issuer in calls of our own; the issuer itself by default.",
    )
    vneid_client_id: str = Field("lienthong-identity", description="Our client id at VNeID.")
    vneid_client_key_file: Path | None = Field(None, description="Private JWK of our client at VNeID.")
    population_register_url: str | None = Field(
        None, description="Look-up address of the population register; the sandbox's in the sandbox profile."
    )

    @property
    def issuer(self) -> str:
        """Our own issuer: the public URL, never taken from a request."""
        return self.public_url

    @property
    def registrations(self) -> Path:
        """The file of client registrations."""
        return self.clients_file or self.key_directory / "clients.json"

    @property
    def staff(self) -> Path:
        """The file of staff registrations."""
        return self.staff_file or self.key_directory / "staff.json"

    @property
    def organisations(self) -> Path:
        """The file of organisations."""
        return self.organisations_file or self.key_directory / "organisations.json"

    @property
    def upstream_issuer(self) -> str | None:
        """VNeID's issuer, or `None` where none is set up."""
        if self.vneid_issuer is None and self.is_sandbox:
            return f"{self.public_url}/sandbox/vneid"
        return self.vneid_issuer

    @property
    def upstream_backchannel(self) -> str | None:
        """Where VNeID is called by us."""
        if self.vneid_backchannel_url is None and self.vneid_issuer is None and self.sandbox_url:
            return f"{self.sandbox_url}/sandbox/vneid"
        return self.vneid_backchannel_url or self.upstream_issuer

    @property
    def register_url(self) -> str | None:
        """Look-up address of the population register, or `None` where none is set up."""
        if self.population_register_url is None and self.is_sandbox and self.sandbox_url:
            return f"{self.sandbox_url}/sandbox/population/look-ups"
        return self.population_register_url
