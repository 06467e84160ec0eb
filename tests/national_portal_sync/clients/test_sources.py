"""Asking the owners of dossiers: never more at once than one of them answers gladly."""

import asyncio
from collections.abc import Mapping
from typing import cast
from uuid import uuid4

import pytest

from chassis.service_tokens import ServiceTokens
from national_portal_sync.clients.sources import ASKED_AT_ONCE, SourceFailed, Sources
from national_portal_sync.peers.wire import Answer, Wire


class BusyOwner:
    """Answers each request one turn of the event loop later, and counts how many wait."""

    def __init__(self) -> None:
        self.asked = self.waiting = self.most_waiting = 0

    async def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        self.asked += 1
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        await asyncio.sleep(0)
        self.waiting -= 1
        return Answer(503, b"")


class Tokens:
    async def token(self, audience: str, scope: str) -> str:
        return "token"


async def test_a_backlog_does_not_overrun_the_owner() -> None:
    owner = BusyOwner()
    sources = Sources({"dossier": "http://owner"}, cast("ServiceTokens", Tokens()), cast("Wire", owner))

    async def ask() -> None:
        with pytest.raises(SourceFailed, match="source_503"):
            await sources.get_dossier("dossier", uuid4())

    await asyncio.gather(*(ask() for _ in range(5 * ASKED_AT_ONCE)))
    assert owner.asked == 5 * ASKED_AT_ONCE
    assert owner.most_waiting == ASKED_AT_ONCE
