"""The services' applications, built once without being started: what the architecture tests look into."""

from functools import cache

from fastapi import FastAPI

from contracts.catalogue import SERVICES
from deploy.contracts.http_snapshots import application


@cache
def applications() -> dict[str, FastAPI]:
    """Return every service's application by the service's name."""
    return {service: application(service) for service in SERVICES}


def package_of(service: str) -> str:
    return service.replace("-", "_")
