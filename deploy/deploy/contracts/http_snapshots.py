"""OpenAPI documents of the services, taken from the applications themselves, without starting anything."""

import inspect
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from fastapi import FastAPI
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from chassis.settings import ChassisSettings
from contracts.catalogue import SERVICES
from gateway.documents.openapi import merge
from gateway.routes import ROUTES, RoutingTable

CONTRACT_VERSION = "1.0.0"
PUBLIC_URL = "http://127.0.0.1:8080"


def snapshots() -> dict[str, dict[str, Any]]:
    """Return the OpenAPI document of every service, and of the gateway's own operations, by name.

    Paths and components are in the order of their names.
    """
    own = merge({}, RoutingTable(ROUTES, sandbox=True), public_url=PUBLIC_URL, version=CONTRACT_VERSION)
    return {"gateway": in_order(own)} | {service: snapshot(application(service)) for service in SERVICES}


def application(service: str) -> FastAPI:
    """Return the application of a service, built with settings that lead nowhere; nothing is opened."""
    package = service.replace("-", "_")
    settings_class = _settings_class(import_module(f"{package}.settings"))
    with TemporaryDirectory() as keys:  # the sandbox profile makes keys where it finds none
        settings = settings_leading_nowhere(settings_class, Path(keys))
        app: FastAPI = import_module(f"{package}.app").create_app(settings)
    return app


def snapshot(app: FastAPI) -> dict[str, Any]:
    """Return an application's document in a stable order, under the contract's version."""
    document = app.openapi()
    document["info"]["version"] = CONTRACT_VERSION
    return in_order(document)


def in_order(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without addresses, its paths and components in the order of their names."""
    document.pop("servers", None)
    document["paths"] = dict(sorted(document.get("paths", {}).items()))
    for name, group in document.get("components", {}).items():
        document["components"][name] = dict(sorted(group.items()))
    return document


def settings_leading_nowhere(settings_class: type[ChassisSettings], folder: Path) -> ChassisSettings:
    """Return settings with a harmless value in every required field and the default in every other.

    Every field is given, since what is given wins over the environment. Required paths all name `folder`.
    """
    fields = settings_class.model_fields.items()
    return settings_class.model_validate({name: _harmless(name, field, folder) for name, field in fields})


def _harmless(name: str, field: FieldInfo, folder: Path) -> Any:  # Any: a setting has any type
    if not field.is_required():
        return field.get_default(call_default_factory=True, validated_data={})
    types = set(get_args(field.annotation)) or {field.annotation}
    if name == "profile":
        return "sandbox"
    if name == "public_url":
        return PUBLIC_URL
    if SecretStr in types:
        return "postgresql://nobody@127.0.0.1:1/nothing"
    if Path in types:
        return folder
    return 1 if types & {int, float} else "http://127.0.0.1:1"


def _settings_class(module: Any) -> type[ChassisSettings]:  # Any: a module's attributes are not typed
    found = [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, ChassisSettings)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise LookupError(f"{module.__name__} must define one settings class, not {len(found)}")
    return found[0]
