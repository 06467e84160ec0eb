"""Settings of judicial-record."""

from typing import ClassVar

from pydantic import Field

from casework.settings import CaseworkSettings


class JudicialRecordSettings(CaseworkSettings, env_prefix="LIENTHONG_JUDICIAL_RECORD_"):
    """What the judicial record is told from outside, besides what every service is."""

    service: ClassVar[str] = "judicial-record"

    payment_platform_client_id: str = Field(
        "thanh-toan", description="Client whose key signs the platform's notices."
    )
    person_facts_seconds: float = Field(
        3.0, gt=0, le=30, description="Longest wait for identity before an application is refused for now."
    )
    advance_interval_seconds: float = Field(
        1.0, gt=0, description="How often submitted applications are accepted and looked up."
    )
    clock_interval_seconds: float = Field(
        2.0, gt=0, description="How often deadlines of offices and applicants are looked at."
    )
    settle_interval_seconds: float = Field(
        5.0, gt=0, description="How often the payment platform is asked about open payments."
    )
    sources_url: str | None = Field(
        None,
        description="Address below which courts and police answer verifications, each at its code; in the "
        "sandbox profile the sandbox's by default.",
    )
    link_interval_seconds: float = Field(
        2.0, gt=0, description="How often convictions that wait for their person are looked at."
    )
    verification_interval_seconds: float = Field(
        1.0, gt=0, description="How often questions to courts and police are sent or asked after."
    )

    @property
    def sources_address(self) -> str | None:
        """Return the address of the sources' systems, None when none is set: questions then wait."""
        if self.sources_url is None and self.is_sandbox and self.sandbox_url is not None:
            return f"{self.sandbox_url}/sandbox/courts"
        return self.sources_url
