"""Asks the services that own dossiers for one as the portal may see it (`contracts.portal`)."""

import asyncio
from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from pydantic import ValidationError

from chassis.errors import UpstreamUnavailable
from chassis.service_tokens import ServiceTokens
from contracts.portal import PortalDossier
from national_portal_sync.peers.results import PeerAway
from national_portal_sync.peers.wire import Wire

Source = Literal["dossier", "judicial-record"]
SCOPE = "portal.read"
ASKED_AT_ONCE = 8
"""Requests to one owner at once: it answers within milliseconds, where a peer takes its time. As many as
there are calls to a slow peer would only wait for each other there, until it turns some away.
"""


class SourceFailed(Exception):
    """The owner did not give the dossier; no fault of the peer that waits for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Sources:
    """The owning services by name, at their internal addresses."""

    def __init__(self, urls: Mapping[Source, str], tokens: ServiceTokens, wire: Wire) -> None:
        self._urls = urls
        self._tokens = tokens
        self._wire = wire
        self._room = {source: asyncio.Semaphore(ASKED_AT_ONCE) for source in urls}

    async def get_dossier(self, source: Source, dossier_id: UUID) -> PortalDossier:
        """Return a dossier as it stands now. Raises: SourceFailed."""
        audience = f"urn:lienthong:{source}"
        if source not in self._urls:
            raise SourceFailed("source_not_configured")
        try:
            token = await self._tokens.token(audience, SCOPE)
            url = f"{self._urls[source]}/internal/v1/portal-dossiers/{dossier_id}"
            async with self._room[source]:
                answer = await self._wire.get(url, {"authorization": f"Bearer {token}"})
        except (UpstreamUnavailable, PeerAway) as failure:
            raise SourceFailed("source_away") from failure
        if answer.status == 401:
            self._tokens.forget(audience, SCOPE)
        if answer.status != 200:
            raise SourceFailed(f"source_{answer.status}")
        try:
            return PortalDossier.model_validate_json(answer.body)
        except ValidationError as failure:
            raise SourceFailed("source_unreadable") from failure
