"""Settings of judicial-record."""

from typing import ClassVar

from chassis.settings import ServiceSettings


class JudicialRecordSettings(ServiceSettings, env_prefix="LIENTHONG_JUDICIAL_RECORD_"):
    """What the process is told from outside; it needs nothing beyond the chassis yet."""

    service: ClassVar[str] = "judicial-record"
