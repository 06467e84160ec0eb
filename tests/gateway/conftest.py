"""Fixtures of the gateway's tests: one service behind one gateway, forgetful between tests."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.gateway.running import Running, Upstream, running_gateway, running_upstream
from tests.support.waiting import until


@pytest_asyncio.fixture(scope="session")
async def _shared_upstream() -> AsyncIterator[Upstream]:
    async with running_upstream() as upstream:
        yield upstream


@pytest_asyncio.fixture(scope="session")
async def _shared_gateway(_shared_upstream: Upstream) -> AsyncIterator[Running]:
    async with running_gateway(_shared_upstream.url) as running:
        yield running


@pytest.fixture
def upstream(_shared_upstream: Upstream) -> Upstream:
    """The service behind the gateway, with nothing seen and no special behaviour."""
    _shared_upstream.seen.clear()
    _shared_upstream.behaviours.clear()
    _shared_upstream.is_ready = True
    return _shared_upstream


@pytest.fixture
async def gateway(_shared_gateway: Running, upstream: Upstream) -> AsyncIterator[Running]:
    """A gateway with wide quotas in front of `upstream`; what a test began has ended before the next one."""
    yield _shared_gateway
    await until(lambda: _shared_gateway.assembly.gateway.in_flight == 0, what="no request is in progress")
