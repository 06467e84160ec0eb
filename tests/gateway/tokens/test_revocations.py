"""A revocation published by identity reaches a running gateway over NATS, under the gateway's own
permissions.
"""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.bus import Bus, Outgoing
from chassis.ids import new_id
from chassis.testing import bearer, make_claims, sign_claims
from chassis.topology import ensure_topology
from contracts.envelope import Envelope
from contracts.events.identity import TokenRevokedV1
from deploy.local.nats import NatsServer
from tests.gateway.running import Upstream, running_gateway
from tests.support.servers import NATS_PASSWORD
from tests.support.waiting import until

PATH = "/v1/me/health-book"


def _revocation(token_id: str) -> Outgoing:
    event = TokenRevokedV1(token_id=token_id, expires_at=datetime.now(UTC) + timedelta(minutes=10))
    envelope = Envelope(
        id=new_id(),
        source=event.source,
        type=event.event_type,
        subject=event.aggregate_id,
        time=datetime.now(UTC),
        sequence="0" * 20,
        data=event.model_dump(mode="json"),
    )
    return Outgoing(event.event_type, envelope.model_dump_json().encode(), str(envelope.id))


@pytest.mark.parametrize("when", ["before the gateway starts", "while it runs"])
async def test_revoked_token_is_refused_within_moments(
    nats_server: NatsServer, upstream: Upstream, when: str
) -> None:
    claims = make_claims()
    headers = bearer(sign_claims(claims))
    migrator = Bus(nats_server.url(), "migrator", NATS_PASSWORD, name="migrator")
    identity = Bus(nats_server.url(), "identity", NATS_PASSWORD, name="identity")
    await migrator.start()
    await identity.start()
    try:
        await ensure_topology(await migrator.connected())
        await identity.connected()
        if when == "before the gateway starts":
            await identity.publish(_revocation(claims["jti"]))
        async with running_gateway(
            upstream.url, nats_url=nats_server.url(), nats_user="gateway", nats_password=NATS_PASSWORD
        ) as gateway:
            if when == "while it runs":
                assert (await gateway.client.get(PATH, headers=headers)).status_code == 200
                await identity.publish(_revocation(claims["jti"]))

            async def refused() -> bool:
                return (await gateway.client.get(PATH, headers=headers)).status_code == 401

            await until(refused, what="the revocation is heard")
    finally:
        await identity.close()
        await migrator.close()
