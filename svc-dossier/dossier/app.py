"""The dossier service: its app and its three verbs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from chassis.app import create_service_app
from chassis.auth import TokenVerifier
from chassis.clock import Clocks
from chassis.keys import KeyProvider
from chassis.runner import ServiceDefinition
from dossier.attachments import routes as attachment_routes
from dossier.attachments.errors import DigestMismatch, FileTypeRefused
from dossier.clients.identity import IdentityClient
from dossier.dossiers import routes as dossier_routes
from dossier.dossiers.submission import stay
from dossier.procedures import routes as procedure_routes
from dossier.procedures.loading import load_procedures
from dossier.settings import DossierSettings
from dossier.trackings import routes as tracking_routes
from dossier.vault import Vault


def create_app(
    settings: DossierSettings,
    *,
    clocks: Clocks | None = None,
    keys: KeyProvider | None = None,
    verifier: TokenVerifier | None = None,
) -> FastAPI:
    """Return the app; `clocks`, `keys` and `verifier` replace the real ones in tests."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        state.vault = Vault(state.keys)
        state.identity = IdentityClient(state.http, state.tokens, settings.identity_url)
        state.after_submission = stay
        yield

    return create_service_app(
        settings,
        title="Public-service dossiers",
        description="The catalogue of procedures, and the dossiers filed under them.",
        routers=(
            procedure_routes.router,
            dossier_routes.router,
            attachment_routes.router,
            tracking_routes.router,
        ),
        resources=resources,
        problems=(FileTypeRefused, DigestMismatch),
        clocks=clocks,
        keys=keys,
        verifier=verifier,
    )


SERVICE = ServiceDefinition(
    name="dossier",
    settings_class=DossierSettings,
    create_app=create_app,
    migrations_directory=Path(__file__).parent.parent / "migrations",
    after_migrate=load_procedures,
)
