"""Settings of national-portal-sync."""

from typing import Any, ClassVar

from pydantic import AliasChoices, Field, SecretStr

from chassis.settings import ServiceSettings
from national_portal_sync.peers.portal import PortalAccount

SANDBOX_ACCOUNT = "lienthong"
SANDBOX_PASSWORD = "matkhau-lienthong"  # noqa: S105  (public: the sandbox lets everybody in)


def _upstream(variable: str, service: str) -> Any:  # Any: a pydantic field takes any type
    return Field(None, validation_alias=AliasChoices(variable), description=f"Internal address of {service}.")


class NationalPortalSyncSettings(ServiceSettings, env_prefix="LIENTHONG_NATIONAL_PORTAL_SYNC_"):
    """What the process is told from outside; a peer without an address is the sandbox's, if there is one."""

    service: ClassVar[str] = "national-portal-sync"

    dossier_url: str | None = _upstream("LIENTHONG_DOSSIER_URL", "dossier")
    judicial_record_url: str | None = _upstream("LIENTHONG_JUDICIAL_RECORD_URL", "judicial-record")

    portal_url: str | None = Field(None, description="Address of the national portal's dialect.")
    portal_username: str | None = Field(None, description="Our account at the national portal.")
    portal_password: SecretStr | None = Field(None, description="Its password.")
    portal_unit_code: str = Field("G18", description="`madonvi` of our calls.")
    portal_destination_code: str = Field("dvcqg", description="`dstcode` of the log-in.")
    portal_expired_session_codes: frozenset[str] = Field(
        frozenset({"401"}), description="`error_code`s of an expired session; unverified in the sources."
    )
    portal_unknown_dossier_codes: frozenset[str] = Field(
        frozenset({"404"}), description="`error_code`s of a dossier that the portal lacks; unverified."
    )
    portal_exists_codes: frozenset[str] = Field(
        frozenset({"409"}), description="`error_code`s of a dossier that the portal has already; unverified."
    )
    portal_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="Longest wait for the portal's answer."
    )
    portal_concurrency: int = Field(96, ge=1, le=1000, description="Dossiers told to the portal at once.")
    vneid_push_url: str | None = Field(None, description="Address of VNeID's interface for results.")
    vneid_concurrency: int = Field(16, ge=1, le=1000, description="Dossiers told to VNeID at once.")
    webhook_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="Longest wait for a province's answer."
    )
    webhook_concurrency: int = Field(8, ge=1, le=100, description="Dossiers told to one endpoint at once.")
    breaker_threshold: int = Field(
        5, ge=1, description="Failures in a row after which a peer is left alone for a time."
    )
    delivery_lease_seconds: float = Field(
        120.0, ge=1, description="Longest time for one delivery; after it another worker takes it over."
    )
    delivery_interval_seconds: float = Field(
        0.25, gt=0, description="How often due deliveries are looked for."
    )
    delivered_days: int = Field(90, ge=1, description="Days for which delivered deliveries are kept.")

    @property
    def portal_account(self) -> PortalAccount | None:
        """How we are known at the national portal, or `None` where none is set up."""
        url, username, password = self.portal_url, self.portal_username, self.portal_password
        if url is None and self.is_sandbox and self.sandbox_url:
            url = f"{self.sandbox_url}/sandbox/dvcqg"
            username, password = username or SANDBOX_ACCOUNT, password or SecretStr(SANDBOX_PASSWORD)
        if url is None or username is None or password is None:
            return None
        return PortalAccount(
            url=url,
            username=username,
            password=password.get_secret_value(),
            unit_code=self.portal_unit_code,
            destination_code=self.portal_destination_code,
            expired_session_codes=self.portal_expired_session_codes,
            unknown_dossier_codes=self.portal_unknown_dossier_codes,
            exists_codes=self.portal_exists_codes,
        )

    @property
    def vneid_address(self) -> str | None:
        """Where VNeID is told of results, or `None` where no address is set up."""
        if self.vneid_push_url is None and self.is_sandbox and self.sandbox_url:
            return f"{self.sandbox_url}/sandbox/vneid-push"
        return self.vneid_push_url
