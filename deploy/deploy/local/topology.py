"""Streams, consumers and the clock's bucket, made as the migrator's NATS user."""

import asyncio
from collections.abc import Sequence

import nats

from chassis.bus import USERS, ensure_topology, permissions_for
from deploy.local.environment import Stack
from deploy.local.nats import NatsUser

MIGRATOR = "migrator"


def users(stack: Stack) -> Sequence[NatsUser]:
    """Every NATS user with its password and its exact permissions."""
    return [NatsUser(name, stack.secrets[f"nats:{name}"], permissions_for(name)) for name in USERS]


def ensure(stack: Stack) -> None:
    """Make what is missing; idempotent.

    Raises:
        nats.errors.Error, OSError: the server is not there or refuses.
    """
    user, password = stack.migrator_nats()
    asyncio.run(_ensure(stack.nats_url, user, password))


async def _ensure(url: str, user: str | None, password: str | None) -> None:
    client = await nats.connect(
        url,
        user=user,
        password=password,
        name="migrator",
        inbox_prefix=f"_INBOX.{MIGRATOR}".encode(),
        allow_reconnect=False,
        connect_timeout=5,
    )
    try:
        await ensure_topology(client)
    finally:
        await client.close()
