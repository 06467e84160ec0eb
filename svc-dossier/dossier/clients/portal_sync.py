"""Fetches what peers handed over (`GET /internal/v1/inbound-dossiers/{id}` of the synchronisation)."""

from uuid import UUID

import httpx2
from pydantic import ValidationError

from chassis.errors import NotFound, UpstreamUnavailable
from chassis.service_tokens import ServiceTokens
from contracts.portal import InboundDossier

AUDIENCE = "urn:lienthong:national-portal-sync"
SCOPE = "inbound.read"
_TIMEOUT_SECONDS = 15.0


class PortalSyncClient:
    """The synchronisation, as far as the dossier service uses it."""

    def __init__(self, http: httpx2.AsyncClient, tokens: ServiceTokens, base_url: str) -> None:
        self._http = http
        self._tokens = tokens
        self._base_url = base_url

    async def inbound(self, inbound_id: UUID) -> InboundDossier:
        """Return a dossier as its peer handed it over. Raises: NotFound, UpstreamUnavailable."""
        token = await self._tokens.token(AUDIENCE, SCOPE)
        try:
            response = await self._http.get(
                f"{self._base_url}/internal/v1/inbound-dossiers/{inbound_id}",
                headers={"authorization": f"Bearer {token}"},
                timeout=_TIMEOUT_SECONDS,
            )
            if response.status_code == 401:
                self._tokens.forget(AUDIENCE, SCOPE)
            if response.status_code == 404:
                raise NotFound
            response.raise_for_status()
            return InboundDossier.model_validate_json(response.content)
        except (httpx2.HTTPError, ValidationError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="national-portal-sync") from failure
