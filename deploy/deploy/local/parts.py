"""The processes of the stack as data: what is started, in which order, and what each one is given."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """One process of ours. `name` is also its NATS user; `variable` stands in `LIENTHONG_<variable>_…`."""

    name: str
    module: str
    has_database: bool = True

    @property
    def variable(self) -> str:
        return self.name.replace("-", "_").upper()

    @property
    def database(self) -> str:
        return f"lienthong_{self.name.replace('-', '_')}"

    @property
    def client_id(self) -> str:
        return f"svc-{self.name}"


SANDBOX = ServiceEntry("sandbox", "deploy.sandbox", has_database=False)
SERVICES = (
    ServiceEntry("identity", "identity"),
    ServiceEntry("health-book", "health_book"),
    ServiceEntry("judicial-record", "judicial_record"),
    ServiceEntry("dossier", "dossier"),
    ServiceEntry("national-portal-sync", "national_portal_sync"),
)
GATEWAY = ServiceEntry("gateway", "gateway", has_database=False)

ALL = (SANDBOX, *SERVICES, GATEWAY)
"""In the order of starting; stopped the other way round."""
