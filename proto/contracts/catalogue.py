"""The one list of events: who says what, who listens, how long it is kept.

Streams, durable consumers and NATS permissions are derived from it by the chassis, `proto/README.md` and
`asyncapi.json` are generated from it, and tests hold the code to it: a service that published or consumed
anything not named here would be refused by the broker and by the tests. Plain data and pure functions, so
that the chassis, the generator and a reader share one truth (a YAML file would need a loader and a check).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from contracts.envelope import BaseEvent
from contracts.events.dossier import DossierChangedV1
from contracts.events.health_book import VisitRecordedV1
from contracts.events.identity import TokenRevokedV1
from contracts.events.judicial_record import ApplicationChangedV1, CertificateIssuedV1, CertificateRevokedV1
from contracts.events.national_portal_sync import InboundDossierReceivedV1

SERVICES: tuple[str, ...] = ("identity", "health-book", "judicial-record", "dossier", "national-portal-sync")
"""Names of the services, as used in subjects, durable names, NATS users and client ids."""

STREAM_RETENTION = timedelta(days=7)
"""How long the broker keeps an event; the producer's outbox keeps it longer and can publish it again."""

DUPLICATE_WINDOW = timedelta(minutes=10)
"""Within it the broker drops a second message of the same id."""

DEAD_LETTERS_STREAM = "DEAD_LETTERS"
DEAD_LETTERS_SUBJECTS = "dead-letter.>"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """One event of the catalogue.

    `consumers` are `<service>.<purpose>`, each with a durable consumer of its own. `broadcast` means that
    every process follows the subject by an ephemeral consumer, without inbox or acknowledgement: fit only for
    facts that may be forgotten when a process ends.
    """

    event: type[BaseEvent]
    producer: str
    meaning: str
    consumers: tuple[str, ...] = ()
    broadcast: bool = False
    retention: timedelta = STREAM_RETENTION

    @property
    def subject(self) -> str:
        """Return the NATS subject, which is the CloudEvents `type`."""
        return self.event.event_type

    @property
    def stream(self) -> str:
        """Return the name of the stream that keeps the event."""
        return stream_name(self.producer)


EVENTS: tuple[EventEntry, ...] = (
    EventEntry(
        event=VisitRecordedV1,
        producer="health-book",
        consumers=("identity.notifications",),
        meaning="A visit sent by a facility is in its citizen's book, newly or in a corrected version.",
    ),
    EventEntry(
        event=DossierChangedV1,
        producer="dossier",
        consumers=("national-portal-sync.deliveries", "identity.notifications"),
        meaning="A dossier was filed, moved to another status, or changed in a way others must see.",
    ),
    EventEntry(
        event=ApplicationChangedV1,
        producer="judicial-record",
        consumers=("national-portal-sync.deliveries", "identity.notifications"),
        meaning="An application for a certificate was made, or moved to another status.",
    ),
    EventEntry(
        event=CertificateIssuedV1,
        producer="judicial-record",
        consumers=("national-portal-sync.deliveries", "identity.notifications"),
        meaning="A certificate was signed and can be fetched by its holder.",
    ),
    EventEntry(
        event=CertificateRevokedV1,
        producer="judicial-record",
        consumers=("national-portal-sync.deliveries", "identity.notifications"),
        meaning="A certificate must no longer be relied on.",
    ),
    EventEntry(
        event=InboundDossierReceivedV1,
        producer="national-portal-sync",
        consumers=("dossier.inbound",),
        meaning="A peer handed over a dossier that was filed with it; its content waits to be fetched.",
    ),
    EventEntry(
        event=TokenRevokedV1,
        producer="identity",
        broadcast=True,
        meaning="An access token must be refused from now on, whatever its expiry says.",
    ),
)


@dataclass(frozen=True, slots=True)
class Stream:
    """One JetStream stream: all events of one producer, or the dead letters of all consumers."""

    name: str
    subjects: tuple[str, ...]
    retention: timedelta


@dataclass(frozen=True, slots=True)
class Durable:
    """One durable pull consumer with explicit acknowledgement: one purpose of one service on one stream."""

    stream: str
    name: str
    service: str
    purpose: str
    filter_subjects: tuple[str, ...]


def stream_name(producer: str) -> str:
    """Return the name of a producer's stream: `HEALTH_BOOK` for `health-book`."""
    return producer.upper().replace("-", "_")


def durable_name(service: str, purpose: str) -> str:
    """Return the name of a durable consumer: `identity--notifications`."""
    return f"{service}--{purpose}"


def dead_letter_subject(service: str, purpose: str) -> str:
    """Return the subject that takes what a consumer gave up on: `dead-letter.identity.notifications`."""
    return f"dead-letter.{service}.{purpose}"


def entry_of(subject: str, events: Iterable[EventEntry] = EVENTS) -> EventEntry:
    """Return the entry of a subject.

    Raises:
        KeyError: no event of the catalogue has this subject.
    """
    for entry in events:
        if entry.subject == subject:
            return entry
    raise KeyError(subject)


def streams(events: Iterable[EventEntry] = EVENTS) -> tuple[Stream, ...]:
    """Return the streams in order of name: one per producer, kept as long as its longest-kept event."""
    retention: dict[str, timedelta] = {}
    for entry in events:
        retention[entry.producer] = max(entry.retention, retention.get(entry.producer, timedelta()))
    found = [Stream(stream_name(name), (f"{name}.>",), kept) for name, kept in retention.items()]
    found.append(Stream(DEAD_LETTERS_STREAM, (DEAD_LETTERS_SUBJECTS,), STREAM_RETENTION))
    return tuple(sorted(found, key=lambda stream: stream.name))


def durables(events: Iterable[EventEntry] = EVENTS) -> tuple[Durable, ...]:
    """Return the durable consumers in order of stream and name.

    A purpose that listens to several producers has one durable of the same name on each of their streams.
    """
    subjects: dict[tuple[str, str], list[str]] = {}
    for entry in events:
        for consumer in entry.consumers:
            subjects.setdefault((entry.stream, consumer), []).append(entry.subject)
    found = []
    for (stream, consumer), filtered in subjects.items():
        service, _, purpose = consumer.partition(".")
        name = durable_name(service, purpose)
        found.append(Durable(stream, name, service, purpose, tuple(sorted(filtered))))
    return tuple(sorted(found, key=lambda durable: (durable.stream, durable.name)))


def published_by(service: str, events: Iterable[EventEntry] = EVENTS) -> tuple[str, ...]:
    """Return the subjects that a service publishes, in order of name."""
    return tuple(sorted(entry.subject for entry in events if entry.producer == service))


def consumed_by(service: str, events: Iterable[EventEntry] = EVENTS) -> tuple[Durable, ...]:
    """Return the durable consumers that a service works."""
    return tuple(durable for durable in durables(events) if durable.service == service)


def broadcasts(events: Iterable[EventEntry] = EVENTS) -> tuple[EventEntry, ...]:
    """Return the events that every process follows."""
    return tuple(entry for entry in events if entry.broadcast)
