"""What each process is told: the variables that production sets the same way, with this stack's values.

A process gets the shared variables and its own, never another's. Every `LIENTHONG_…` variable that the
launcher itself was given wins over the value made here, by the same rule of who may see it; so external
servers, log levels and further settings need no option.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.databases import role_names
from deploy.local.layout import Layout
from deploy.local.parts import ALL, SERVICES, ServiceEntry
from deploy.local.ports import HOST, Ports, remembered_ports
from deploy.local.process import StartError

SHARED = (
    "LIENTHONG_PROFILE",
    "LIENTHONG_PUBLIC_URL",
    "LIENTHONG_NATS_URL",
    "LIENTHONG_IDENTITY_URL",
    "LIENTHONG_SANDBOX_URL",
    "LIENTHONG_KEY_DIRECTORY",
    "LIENTHONG_PAYMENT_PLATFORM_URL",
    "LIENTHONG_TIME_STAMPING_URL",
    "LIENTHONG_TRUST_ROOTS_FILE",
    "LIENTHONG_LOG_LEVEL",
    "LIENTHONG_TRACE_SAMPLING_RATIO",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
)
CALLS = {
    "dossier": ("national-portal-sync",),
    "national-portal-sync": ("dossier", "judicial-record"),
}
"""Which services a service calls beside identity, whose address everybody has."""
FROM_SYSTEM = ("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True)
class Stack:
    """All that the environments are made from. `secrets` holds the passwords by role and by NATS user."""

    layout: Layout
    ports: Ports
    secrets: Mapping[str, str]
    given: Mapping[str, str]

    @property
    def public_url(self) -> str:
        return self.given.get("LIENTHONG_PUBLIC_URL") or f"http://{HOST}:{self.ports.gateway}"

    @property
    def nats_url(self) -> str:
        return self.given.get("LIENTHONG_NATS_URL") or f"nats://{HOST}:{self.ports.nats}"

    @property
    def has_own_nats(self) -> bool:
        return not self.given.get("LIENTHONG_NATS_URL")

    def own_databases(self) -> list[ServiceEntry]:
        """The services whose database is on the embedded server: those that were given no other."""
        return [
            service
            for service in SERVICES
            if not self.given.get(f"LIENTHONG_{service.variable}_DATABASE_URL")
        ]

    def url_of(self, process: str) -> str:
        return f"http://{HOST}:{self.ports.http(process)}"

    def environment_of(self, entry: ServiceEntry, *, migrating: bool = False) -> dict[str, str]:
        """The whole environment of one process; only one that migrates is told the migrator's address."""
        prefix = f"LIENTHONG_{entry.variable}_"
        made = self._shared() | {f"{prefix}{name}": value for name, value in self._own(entry).items()}
        if entry.name == "gateway":
            made |= {f"LIENTHONG_{other.variable}_URL": self.url_of(other.name) for other in SERVICES}
        called = [other for other in SERVICES if other.name in CALLS.get(entry.name, ())]
        made |= {f"LIENTHONG_{other.variable}_URL": self.url_of(other.name) for other in called}
        given = {name: value for name, value in self.given.items() if _is_for(name, entry, made)}
        if f"{prefix}DATABASE_URL" in given:
            # Without a migrator of its own an external database is migrated by its application role.
            given.setdefault(f"{prefix}MIGRATOR_DATABASE_URL", given[f"{prefix}DATABASE_URL"])
        if not migrating:
            made.pop(f"{prefix}MIGRATOR_DATABASE_URL", None)
            given.pop(f"{prefix}MIGRATOR_DATABASE_URL", None)
        system = {name: os.environ[name] for name in FROM_SYSTEM if name in os.environ}
        return system | {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"} | made | given

    def migrator_nats(self) -> tuple[str | None, str | None]:
        """User and password of the NATS user that makes the streams; None at a server that wants none."""
        if self.has_own_nats:
            return "migrator", self.secrets["nats:migrator"]
        user = self.given.get("LIENTHONG_MIGRATOR_NATS_USER")
        return user, self.given.get("LIENTHONG_MIGRATOR_NATS_PASSWORD")

    def _shared(self) -> dict[str, str]:
        return {
            "LIENTHONG_PROFILE": "sandbox",
            "LIENTHONG_PUBLIC_URL": self.public_url,
            "LIENTHONG_NATS_URL": self.nats_url,
            "LIENTHONG_IDENTITY_URL": self.url_of("identity"),
            "LIENTHONG_SANDBOX_URL": self.url_of("sandbox"),
            "LIENTHONG_KEY_DIRECTORY": str(self.layout.keys),
            "LIENTHONG_PAYMENT_PLATFORM_URL": f"{self.url_of('sandbox')}/sandbox/payments",
            "LIENTHONG_TIME_STAMPING_URL": f"{self.url_of('sandbox')}/sandbox/tsa/time-stamps",
            "LIENTHONG_LOG_LEVEL": "info",
        }

    def _own(self, entry: ServiceEntry) -> dict[str, str]:
        own = {
            "HOST": HOST,
            "PORT": str(self.ports.http(entry.name)),
            "METRICS_PORT": str(self.ports.metrics(entry.name)),
        }
        if self.has_own_nats:
            own |= {"NATS_USER": entry.name, "NATS_PASSWORD": self.secrets[f"nats:{entry.name}"]}
        if entry.has_database:
            own |= {
                "DATABASE_URL": self._database_url(entry, 1),
                "MIGRATOR_DATABASE_URL": self._database_url(entry, 0),
                "CLIENT_KEY_FILE": str(self.layout.clients / f"{entry.client_id}.jwk"),
            }
        if entry.name == "identity":
            own["VNEID_CLIENT_KEY_FILE"] = str(self.layout.clients / "lienthong-identity.jwk")
        if entry.name == "sandbox":
            own["STATE_DIRECTORY"] = str(self.layout.sandbox)
            own["CLIENTS_DIRECTORY"] = str(self.layout.clients)
            own["TSA_KEY_FILE"] = str(self.layout.keys / "pki" / "tsa.pem")
        return own

    def _database_url(self, entry: ServiceEntry, which: int) -> str:
        role = role_names(entry.database)[which]
        return f"postgresql://{role}:{self.secrets[role]}@{HOST}:{self.ports.postgres}/{entry.database}"


def remembered(layout: Layout, given: Mapping[str, str] = os.environ) -> Stack:
    """The stack as it was last started, from its files.

    Raises:
        StartError: it was never started.
    """
    known = remembered_ports(layout.ports)
    passwords = layout.keys / "passwords.json"
    if known is None or not passwords.exists():
        raise StartError("stack", f"nothing was started below {layout.var} yet: make run")
    return Stack(layout, known, json.loads(passwords.read_text()), given)


def secret_names() -> list[str]:
    """The names under which the stack's passwords are kept."""
    roles = [role for service in SERVICES for role in role_names(service.database)]
    return [*roles, *(f"nats:{user}" for user in ("migrator", *(entry.name for entry in ALL)))]


def as_file(environment: Mapping[str, str]) -> str:
    """The text of an environment file: one `NAME=value` a line."""
    return "".join(f"{name}={value}\n" for name, value in sorted(environment.items()))


def from_file(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _is_for(name: str, entry: ServiceEntry, made: Mapping[str, str]) -> bool:
    return name in SHARED or name in made or name.startswith(f"LIENTHONG_{entry.variable}_")
