"""What the officers' side works with: opened once per process, given to every use case."""

from dataclasses import dataclass, field

from casework.calendar import WorkCalendar
from casework.deadlines import TimeLimit
from casework.payments.platform import PlatformClient
from casework.signing import DocumentSigner
from casework.slips import SlipPrinter
from chassis.clock import Clocks
from chassis.db import Database
from dossier.desk.offices import Offices
from dossier.supplements.reference import SupplementRules
from dossier.vault import Vault

UNVERIFIED = "default, unverified"


INTAKE = TimeLimit(8, "working_hour", f"one working day for intake ({UNVERIFIED})")
APPLICANT = TimeLimit(30, "day", f"time to supplement where the rule states none ({UNVERIFIED})")
PAYMENT = TimeLimit(10, "day", f"time to pay ({UNVERIFIED})")
CONSULTATION = TimeLimit(5, "working_day", f"inner request ({UNVERIFIED})")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that no law read here states: defaults, which a deployment's settings replace."""

    intake: TimeLimit = INTAKE
    applicant: TimeLimit = APPLICANT
    payment: TimeLimit = PAYMENT
    consultation: TimeLimit = CONSULTATION


@dataclass(frozen=True, slots=True)
class Tools:
    """The parts of one process."""

    database: Database
    clocks: Clocks
    calendar: WorkCalendar
    rules: SupplementRules
    offices: Offices
    vault: Vault
    printer: SlipPrinter
    signer: DocumentSigner
    platform: PlatformClient
    public_url: str
    result_prefix: str = "G18"
    limits: Limits = field(default_factory=Limits)
