"""Settings of national-portal-sync."""

from typing import ClassVar

from chassis.settings import ServiceSettings


class NationalPortalSyncSettings(ServiceSettings, env_prefix="LIENTHONG_NATIONAL_PORTAL_SYNC_"):
    """What the process is told from outside; it needs nothing beyond the chassis yet."""

    service: ClassVar[str] = "national-portal-sync"
