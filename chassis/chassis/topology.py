"""Streams, durable consumers and NATS permissions, all derived from `contracts.catalogue`.

Only the migrator's user may create; every other user may publish exactly its own subjects, pull and
acknowledge exactly its own consumers, and look at its own stream. No user may delete or purge a stream. The
lists name the API subjects that nats-py 2.16 uses; tests hold them against a real server.
"""

from collections.abc import Iterable

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from contracts import catalogue

LEGAL_CLOCK_BUCKET = "legal-clock"
LEGAL_CLOCK_KEY = "offset_seconds"
_LEGAL_CLOCK_SUBJECT = f"$KV.{LEGAL_CLOCK_BUCKET}.{LEGAL_CLOCK_KEY}"

MIGRATOR = "migrator"
USERS: tuple[str, ...] = (MIGRATOR, "gateway", "sandbox", *catalogue.SERVICES)
"""Every NATS user; each uses the inbox prefix `_INBOX.<user>`."""

ACK_WAIT_SECONDS = 10.0
"""After it an unacknowledged message comes again; a successor waits as long after a crash."""
MAX_ACK_PENDING = 1000

Permissions = dict[str, dict[str, list[str]]]


def permissions_for(user: str) -> Permissions:
    """Return what a user may publish and subscribe to, in the form of NATS's own configuration.

    Raises:
        KeyError: there is no such user.
    """
    if user not in USERS:
        raise KeyError(user)
    if user == MIGRATOR:
        publish = [
            "$JS.API.STREAM.CREATE.*",
            "$JS.API.STREAM.UPDATE.*",
            "$JS.API.STREAM.INFO.*",
            "$JS.API.CONSUMER.CREATE.>",
            "$JS.API.CONSUMER.INFO.*.*",
        ]
        return _lists(publish, [f"_INBOX.{user}.>"])
    publish = [f"$JS.API.DIRECT.GET.KV_{LEGAL_CLOCK_BUCKET}.{_LEGAL_CLOCK_SUBJECT}"]
    publish += [
        f"$JS.API.CONSUMER.CREATE.{entry.stream}.*.{entry.subject}"
        for entry in catalogue.EVENTS
        if entry.broadcast
    ]
    if user == "sandbox":
        publish.append(_LEGAL_CLOCK_SUBJECT)
    if user in catalogue.SERVICES:
        publish.append(f"$JS.API.STREAM.INFO.{catalogue.stream_name(user)}")
        publish += catalogue.published_by(user)
    for durable in catalogue.durables():
        if durable.service == user:
            publish += [
                f"$JS.API.CONSUMER.INFO.{durable.stream}.{durable.name}",
                f"$JS.API.CONSUMER.MSG.NEXT.{durable.stream}.{durable.name}",
                f"$JS.ACK.{durable.stream}.{durable.name}.>",
                catalogue.dead_letter_subject(durable.service, durable.purpose),
            ]
    return _lists(publish, [f"_INBOX.{user}.>", _LEGAL_CLOCK_SUBJECT])


async def ensure_topology(client: Client, *, replicas: int = 1) -> None:
    """Create what is missing and bring the rest up to the catalogue; idempotent. Needs the migrator's user.

    A stream that exists keeps its messages, a durable consumer its position. Nothing is ever deleted here.

    Raises:
        nats.errors.Error, nats.js.errors.Error: the broker is not there or refuses.
    """
    js = client.jetstream(timeout=10)
    for config in _stream_configs(replicas):
        await _ensure_stream(js, config)
    for durable in catalogue.durables():
        consumer = ConsumerConfig(
            name=durable.name,
            durable_name=durable.name,
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_SECONDS,
            max_deliver=-1,
            max_ack_pending=MAX_ACK_PENDING,
            filter_subjects=list(durable.filter_subjects),
        )
        await js.add_consumer(durable.stream, config=consumer)


async def _ensure_stream(js: JetStreamContext, config: StreamConfig) -> None:
    try:
        await js.stream_info(config.name or "")
    except NotFoundError:
        await js.add_stream(config)
    else:
        await js.update_stream(config)


def _stream_configs(replicas: int) -> Iterable[StreamConfig]:
    """Return every stream. Each service has one, also before its first event, so that its relay can start."""
    known = {stream.name: stream for stream in catalogue.streams()}
    for service in catalogue.SERVICES:
        name = catalogue.stream_name(service)
        known.setdefault(name, catalogue.Stream(name, (f"{service}.>",), catalogue.STREAM_RETENTION))
    for stream in known.values():
        yield StreamConfig(
            name=stream.name,
            subjects=list(stream.subjects),
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            max_age=stream.retention.total_seconds(),
            duplicate_window=catalogue.DUPLICATE_WINDOW.total_seconds(),
            num_replicas=replicas,
            allow_direct=False,
        )
    # A key-value bucket is a stream of this form; made here, because nats-py's helper needs more permissions.
    yield StreamConfig(
        name=f"KV_{LEGAL_CLOCK_BUCKET}",
        subjects=[f"$KV.{LEGAL_CLOCK_BUCKET}.>"],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        storage=StorageType.FILE,
        max_msgs_per_subject=1,
        num_replicas=replicas,
        allow_rollup_hdrs=True,
        deny_delete=True,
        allow_direct=True,
    )


def _lists(publish: Iterable[str], subscribe: Iterable[str]) -> Permissions:
    return {
        "publish": {"allow": sorted(set(publish))},
        "subscribe": {"allow": sorted(set(subscribe))},
    }
