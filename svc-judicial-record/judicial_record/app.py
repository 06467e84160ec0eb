"""The judicial-record service: its app and its three verbs; no feature yet, only health."""

from pathlib import Path

from fastapi import FastAPI

from chassis.app import create_service_app
from chassis.runner import ServiceDefinition
from judicial_record.settings import JudicialRecordSettings


def create_app(settings: JudicialRecordSettings) -> FastAPI:
    """Return the app; nothing is opened before its lifespan."""
    return create_service_app(settings, title="Judicial record", routers=())


SERVICE = ServiceDefinition(
    name="judicial-record",
    settings_class=JudicialRecordSettings,
    create_app=create_app,
    migrations_directory=Path(__file__).parent.parent / "migrations",
)
