"""Settings of the health book."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class HealthBookSettings(ServiceSettings):
    """What the health book is told from outside, besides what every service is."""

    model_config = SettingsConfigDict(env_prefix="LIENTHONG_HEALTH_BOOK_")

    service: ClassVar[str] = "health-book"

    max_submission_bytes: int = Field(20 << 20, ge=1024, description="Largest file of a facility.")
    is_record_summary_expected: bool = Field(
        True, description="Whether inpatient dossiers without XML8 are warned about; the sources disagree."
    )
    facility_keys_file: Path | None = Field(
        None,
        description="JSON `{facility code: JWK Set}` of signing keys; a facility named there must sign.",
    )
    person_resolution_seconds: float = Field(
        2.0, gt=0, le=30, description="Longest wait for identity before a visit is taken without its person."
    )
    link_interval_seconds: float = Field(
        2.0, gt=0, description="How often visits that wait for their person are looked at."
    )
