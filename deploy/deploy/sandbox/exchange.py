"""The peers of the portal's synchronisation, put together: national portal, VNeID's results, a province."""

from fastapi import APIRouter

from chassis.http import new_client
from deploy.sandbox.dvcqg import routes as portal_routes
from deploy.sandbox.dvcqg.dialect import Dialect
from deploy.sandbox.dvcqg.handover import CLIENT_ID, HandOver
from deploy.sandbox.dvcqg.store import PortalStore
from deploy.sandbox.faults import Faults
from deploy.sandbox.province import routes as province_routes
from deploy.sandbox.province.routes import MessageStore
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.state import State
from deploy.sandbox.vneid_push import routes as vneid_routes
from deploy.sandbox.vneid_push.routes import ResultStore


class Exchange:
    """The three peers, each with its tables in the sandbox's file."""

    def __init__(self, settings: SandboxSettings, state: State, faults: Faults) -> None:
        file = settings.state_directory / "sandbox.sqlite3"
        self._http = new_client()
        self._portal, self._results, self._messages = PortalStore(file), ResultStore(file), MessageStore(file)
        hand_over = HandOver(
            settings.public_url.rstrip("/"),
            settings.clients_directory / f"{CLIENT_ID}.jwk",
            self._http,
            state,
            faults,
        )
        self.routers: tuple[APIRouter, ...] = (
            portal_routes.routes(self._portal, Dialect(self._portal, state), hand_over),
            vneid_routes.routes(self._results, state),
            province_routes.routes(self._messages, state),
        )

    async def close(self) -> None:
        await self._http.aclose()
        for store in (self._portal, self._results, self._messages):
            store.close()
