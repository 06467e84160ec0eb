"""The dossier service: its app and its three verbs; no feature yet, only health."""

from pathlib import Path

from fastapi import FastAPI

from chassis.app import create_service_app
from chassis.runner import ServiceDefinition
from dossier.settings import DossierSettings


def create_app(settings: DossierSettings) -> FastAPI:
    """Return the app; nothing is opened before its lifespan."""
    return create_service_app(settings, title="Public-service dossiers", routers=())


SERVICE = ServiceDefinition(
    name="dossier",
    settings_class=DossierSettings,
    create_app=create_app,
    migrations_directory=Path(__file__).parent.parent / "migrations",
)
