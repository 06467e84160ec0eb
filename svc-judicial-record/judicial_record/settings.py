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

    @property
    def payment_platform(self) -> str:
        """Return the address of the payment platform. Raises: ValueError when none is set."""
        if self.payment_platform_url is not None:
            return self.payment_platform_url
        if self.is_sandbox and self.sandbox_url is not None:
            return f"{self.sandbox_url}/sandbox/payments"
        raise ValueError("LIENTHONG_JUDICIAL_RECORD_PAYMENT_PLATFORM_URL is not set")
