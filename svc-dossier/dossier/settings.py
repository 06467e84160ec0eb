"""Settings of dossier."""

from typing import ClassVar

from chassis.settings import ServiceSettings


class DossierSettings(ServiceSettings, env_prefix="LIENTHONG_DOSSIER_"):
    """What the process is told from outside; it needs nothing beyond the chassis yet."""

    service: ClassVar[str] = "dossier"
