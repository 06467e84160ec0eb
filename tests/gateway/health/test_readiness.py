"""Liveness asks nobody; readiness names the gateway and every service; a drain is seen before it hurts."""

from tests.gateway.running import Running, Upstream, running_gateway, unused_port


async def test_liveness_asks_nobody() -> None:
    async with running_gateway(f"http://127.0.0.1:{unused_port()}") as gateway:
        result = await gateway.client.get("/healthz")

    assert (result.status_code, result.json()) == (200, {"status": "ok"})


async def test_readiness_names_every_part(upstream: Upstream) -> None:
    async with running_gateway(upstream.url) as gateway:
        result = await gateway.client.get("/readyz")

    assert result.status_code == 200
    assert result.json() == {
        "status": "ok",
        "parts": {"gateway": "ok", "identity": "ok", "health-book": "ok", "sandbox": "ok"},
    }


async def test_readiness_names_what_is_missing(upstream: Upstream) -> None:
    upstream.is_ready = False
    away = f"http://127.0.0.1:{unused_port()}"
    async with running_gateway(upstream.url, health_book_url=away) as gateway:
        result = await gateway.client.get("/readyz")
        alone = await gateway.client.get("/readyz?only=gateway")
        status = await gateway.client.get("/v1/status")

    assert result.status_code == 503
    assert result.json()["status"] == "unavailable"
    assert result.json()["parts"]["identity"] == "failed"
    assert result.json()["parts"]["health-book"] == "unreachable"
    assert result.json()["parts"]["gateway"] == "ok"
    assert (alone.status_code, alone.json()["parts"]) == (200, {"gateway": "ok"})
    assert status.status_code == 200
    assert status.json()["status"] == "degraded"
    assert {"name": "health-book", "available": False} in status.json()["services"]


async def test_draining_gateway_is_not_ready_but_serves(upstream: Upstream) -> None:
    async with running_gateway(upstream.url) as gateway:
        gateway.assembly.health.is_draining = True

        ready = await gateway.client.get("/readyz")
        served = await gateway.client.get("/oauth2/jwks")

    assert (ready.status_code, ready.json()["parts"]["gateway"]) == (503, "draining")
    assert served.status_code == 200


async def test_metrics_are_not_on_the_public_side(gateway: Running) -> None:
    result = await gateway.client.get("/metrics")

    assert result.status_code == 404
