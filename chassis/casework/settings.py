"""What a service with cases is told from outside beside the chassis's settings."""

from pathlib import Path

from pydantic import AliasChoices, Field

from chassis.settings import ServiceSettings


class CaseworkSettings(ServiceSettings):
    """Addresses of the peers that cases need and where keys of seals lie, the same for every such service."""

    payment_platform_url: str | None = Field(
        None,
        validation_alias=AliasChoices("LIENTHONG_PAYMENT_PLATFORM_URL"),
        description="Address of the national payment platform's interface.",
    )
    time_stamping_url: str | None = Field(
        None,
        validation_alias=AliasChoices("LIENTHONG_TIME_STAMPING_URL"),
        description="Address of the time-stamping authority; without it signatures stay at the basic level.",
    )
    trust_roots_file: Path | None = Field(
        None,
        validation_alias=AliasChoices("LIENTHONG_TRUST_ROOTS_FILE"),
        description="PEM file of trusted roots of signatures; by default `pki/roots.pem` among the keys.",
    )

    @property
    def seal_directory(self) -> Path:
        """Return the folder of this service's seals, for `casework.seals.FileSeals`."""
        return self.key_directory / self.service / "seals"

    @property
    def roots_file(self) -> Path:
        """Return the file of trusted roots, for `casework.seals.read_roots`."""
        return self.trust_roots_file or self.key_directory / "pki" / "roots.pem"
