"""The national-portal-sync service: its app and its three verbs; no feature yet, only health."""

from pathlib import Path

from fastapi import FastAPI

from chassis.app import create_service_app
from chassis.runner import ServiceDefinition
from national_portal_sync.settings import NationalPortalSyncSettings


def create_app(settings: NationalPortalSyncSettings) -> FastAPI:
    """Return the app; nothing is opened before its lifespan."""
    return create_service_app(settings, title="National portal sync", routers=())


SERVICE = ServiceDefinition(
    name="national-portal-sync",
    settings_class=NationalPortalSyncSettings,
    create_app=create_app,
    migrations_directory=Path(__file__).parent.parent / "migrations",
)
