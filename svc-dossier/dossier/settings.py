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
    payment_platform_url: str = Field(
        "http://127.0.0.1:1",
        validation_alias=AliasChoices("LIENTHONG_PAYMENT_PLATFORM_URL"),
        description="Address of the payment platform; while nothing answers there, payments are `unknown`.",
    )
    payment_platform_client_id: str = Field(
        "thanh-toan", description="Client whose key signs the platform's notices."
    )
    time_stamping_url: str | None = Field(
        None,
        validation_alias=AliasChoices("LIENTHONG_TIME_STAMPING_URL"),
        description="Time-stamping authority; without it results are signed without a time stamp.",
    )
    result_prefix: str = Field(
        "G18",
        pattern=r"^[A-Z0-9]+(\.[A-Z0-9]+)*$",
        description="Agency part of result codes `KQ.Gxx.nnnnnn`.",
    )
    default_supplement_rounds: int | None = Field(
        None, ge=1, description="Most rounds of procedures without a rule of their own; no cap by default."
    )
    intake_working_hours: int = Field(
        8, ge=1, le=400, description="Time of the desk to look at a dossier; unverified as law."
    )
    applicant_days: int = Field(
        30, ge=1, le=400, description="Time to supplement where the rule states none; unverified as law."
    )
    payment_days: int = Field(10, ge=1, le=400, description="Time to pay; unverified as law.")
    draft_days: int = Field(
        180, ge=1, le=4000, description="How long an untouched draft is kept; unverified as law."
    )
    timer_seconds: float = Field(2.0, gt=0, description="How often deadlines are looked at.")
    settle_seconds: float = Field(5.0, gt=0, description="How often open payments are asked about.")
