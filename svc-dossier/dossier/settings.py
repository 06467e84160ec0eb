"""Settings of dossier."""

from typing import ClassVar

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class DossierSettings(ServiceSettings):
    """What the process is told from outside, besides what every service is."""

    model_config = SettingsConfigDict(env_prefix="LIENTHONG_DOSSIER_")

    service: ClassVar[str] = "dossier"

    national_portal_sync_url: str = Field(
        "http://127.0.0.1:1",
        validation_alias=AliasChoices("LIENTHONG_NATIONAL_PORTAL_SYNC_URL"),
        description="Internal address of the synchronisation with the national portal.",
    )
    code_prefix: str = Field(
        "G18",
        pattern=r"^[A-Z0-9]+(\.[A-Z0-9]+)*$",
        description="Agency part of dossier codes; G18 is the Ministry of Health.",
    )
    max_attachment_bytes: int = Field(50 << 20, ge=1024, le=50 << 20, description="Largest attachment.")
