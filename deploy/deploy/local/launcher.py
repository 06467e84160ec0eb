"""The story of `make run`: from nothing, or from what a crash left, to a running stack and back."""

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from deploy.local import (
    clients,
    credentials,
    databases,
    leftovers,
    pki,
    reference,
    registrations,
    status,
    topology,
)
from deploy.local.console import Says
from deploy.local.environment import Stack, as_file, secret_names
from deploy.local.layout import Layout, write_private
from deploy.local.nats import NatsServer
from deploy.local.parts import ALL, GATEWAY, SANDBOX, SERVICES, ServiceEntry
from deploy.local.ports import Claim, claim
from deploy.local.postgres import PostgresServer
from deploy.local.process import StartError
from deploy.local.services import Migration, ServiceProcess, migrate
from deploy.local.supervisor import Part, Supervisor
from deploy.sandbox.personas import personas

READY_SECONDS = 180.0
LOOK_SECONDS = 0.2
INTERRUPTED = 130  # what shells answer for a program ended by Ctrl-C
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DATABASE, BROKER, PEERS, SERVICE, EDGE = range(5)  # layers: what stops last comes first


class StopRequested(BaseException):
    """Somebody pressed Ctrl-C or sent SIGTERM. Not an error, so nothing that handles errors may catch it."""


class Launcher:
    """One run of the stack of one clone."""

    def __init__(self, layout: Layout, says: Says, given: Mapping[str, str] = os.environ) -> None:
        self.layout = layout
        self.says = says
        self.given = given
        self.supervisor = Supervisor(says, self._write_status)
        self.stack: Stack | None = None
        self.was_ready = False
        self._claim: Claim | None = None

    def run(self) -> int:
        """Run until stopped; the exit code."""
        for number in STOP_SIGNALS:
            # Under `nohup` the end of the terminal is to be ignored.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _request_stop)
        try:
            with self.locked():
                try:
                    self.start()
                    self.look_after()
                finally:
                    self.stop()
        except StartError as error:
            self.says.failure(error)
            return 1
        except OSError as error:  # a full disk, a folder that is not ours
            self.says.failure(StartError("launcher", str(error)))
            return 1
        except StopRequested:
            return 0 if self.was_ready else INTERRUPTED
        return 0

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold this clone's lock, so that two launchers never share one folder.

        Raises:
            StartError: another launcher has it.
        """
        self.layout.make_folders()
        with self.layout.lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                reason = "this clone is running already (see: .venv/bin/lienthong status)"
                raise StartError("launcher", reason) from None
            yield

    def start(self) -> None:
        """Start everything and return when it is ready.

        Raises:
            StartError: a part did not start. The caller then calls `stop`.
        """
        began = time.monotonic()
        self.layout.gateway_url.unlink(missing_ok=True)
        for record in leftovers.stop_recorded(status.recorded(status.read(self.layout))):
            self.says.note(f"stopped {record.name} (process {record.pid}), left by a killed launcher")
        self.layout.rotate_logs()
        self.stack = stack = self._prepare()
        self._start_servers(stack)
        self.says.step("Migrating databases")
        with self.says.waiting("migrating"):
            # On a fresh clone the first one compiles what all of them import; side by side each would do so.
            first, *others = [self._migration(stack, service) for service in SERVICES]
            migrate([first])
            migrate(others)
        self.says.step("Starting the sandbox, the services and the gateway")
        parts = [self._service_part(stack, entry) for entry in ALL]
        for part in parts:
            self.supervisor.start(part)
        with self.says.waiting("waiting until everything is ready"):
            self.supervisor.wait_ready(parts, seconds=READY_SECONDS)
        self.says.step("Loading what courts and police have on record")
        with _part("sandbox (reference data)", self.layout.log_of("sandbox")):
            reference.load(stack.url_of("sandbox"))
        self.was_ready = True
        self.layout.gateway_url.write_text(f"{stack.url_of('gateway')}\n")
        self.says.welcome(self._addresses(stack), people_to_begin_with(), time.monotonic() - began)

    def look_after(self) -> None:
        """Supervise until StopRequested is raised by a signal."""
        while True:
            self.supervisor.look_after()
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """Stop what was started, in reverse order, undisturbed by further signals."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if self.supervisor.parts:
            self.says.step("Stopping")
        self.supervisor.stop_all()
        self.layout.gateway_url.unlink(missing_ok=True)
        if self._claim is not None:
            self._claim.release()

    def _prepare(self) -> Stack:
        """Ports, passwords, keys and environment files: all that must be there before the first process."""
        fixed = self.given.get("LIENTHONG_GATEWAY_PORT")
        if fixed and not (fixed.isdecimal() and 0 < int(fixed) < 65536):
            raise StartError("ports", f"LIENTHONG_GATEWAY_PORT is no port: {fixed}")
        self._claim = claim(self.layout.ports, int(fixed) if fixed else None)
        if self._claim.moved_from is not None:
            old, new = self._claim.moved_from, self._claim.ports
            self.says.note(f"ports {old.first}–{old.claim} are taken; this run uses {new.first}–{new.claim}")
        secrets = credentials.passwords(self.layout.keys / "passwords.json", secret_names())
        stack = Stack(self.layout, self._claim.ports, secrets, self.given)
        clients.write(self.layout, stack.public_url)
        pki.write(self.layout.keys)
        registrations.write(self.layout)
        for entry in ALL:
            environment = stack.environment_of(entry)
            write_private(self.layout.environment_of(entry.name), as_file(environment))
        return stack

    def _start_servers(self, stack: Stack) -> None:
        """PostgreSQL with its databases and NATS with its streams, unless others were given."""
        embedded = stack.own_databases()
        if embedded or stack.has_own_nats:
            self.says.step("Starting PostgreSQL and NATS")
        if embedded:
            log_file = self.layout.log_of("postgres")
            server = PostgresServer(self.layout.postgres, stack.ports.postgres, log_file=log_file)
            self._start_and_wait(Part("postgres", server, f"127.0.0.1:{server.port}", DATABASE))
            names = [service.database for service in embedded]
            with _part("postgres (databases and roles)", log_file):
                asyncio.run(databases.ensure(server.url(), names, stack.secrets))
        if len(embedded) < len(SERVICES):
            given = [service.name for service in SERVICES if service not in embedded]
            self.says.note(f"external databases, as given: {', '.join(given)}")
        if stack.has_own_nats:
            nats = NatsServer(
                self.layout.nats,
                stack.ports.nats,
                stack.ports.nats_monitoring,
                users=topology.users(stack),
                log_file=self.layout.log_of("nats"),
            )
            part = Part("nats", nats, f"127.0.0.1:{nats.port}", BROKER)
            part.after_restart = lambda: topology.ensure(stack)
            self._start_and_wait(part)
        else:
            self.says.note("external NATS, as given")
        with _part("nats (streams and consumers)", self.layout.log_of("nats")):
            topology.ensure(stack)

    def _start_and_wait(self, part: Part) -> None:
        self.supervisor.start(part)
        self.supervisor.wait_ready([part], seconds=60)

    def _migration(self, stack: Stack, entry: ServiceEntry) -> Migration:
        log_file = self.layout.log_of(entry.name)
        return Migration(entry.name, entry.module, stack.environment_of(entry, migrating=True), log_file)

    def _service_part(self, stack: Stack, entry: ServiceEntry) -> Part:
        server = ServiceProcess(
            entry.name,
            entry.module,
            stack.ports.http(entry.name),
            stack.environment_of(entry),
            self.layout.log_of(entry.name),
        )
        layer = {SANDBOX: PEERS, GATEWAY: EDGE}.get(entry, SERVICE)
        return Part(entry.name, server, stack.url_of(entry.name), layer, stack.ports.metrics(entry.name))

    def _write_status(self) -> None:
        if self.stack is not None:
            status.write(self.layout, self.stack.public_url, self.supervisor.parts)

    def _addresses(self, stack: Stack) -> list[tuple[str, str]]:
        base = stack.public_url
        return [
            ("Start page", f"{base}/"),
            ("API documentation", f"{base}/docs"),
            ("Sandbox of national peers", f"{base}/sandbox"),
            ("State of every service", f"{base}/readyz"),
            ("Logs", str(self.layout.logs)),
        ]


@contextmanager
def _part(name: str, log_file: Path) -> Iterator[None]:
    """Turn whatever goes wrong inside into a StartError of this part."""
    try:
        yield
    except Exception as error:
        raise StartError(name, f"{type(error).__name__}: {error}", log_file) from error


def people_to_begin_with() -> list[tuple[str, str]]:
    """A few people and systems that can sign in: name and who it is."""
    chosen = ("an", "binh", "dung", "em", "his-99999", "his-01001")
    everybody = personas()
    return [(name, f"{everybody[name].title}: {everybody[name].about_en}") for name in chosen]


def _request_stop(number: int, frame: FrameType | None) -> None:
    raise StopRequested
