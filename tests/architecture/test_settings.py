"""Every setting says what it is; nothing secret has a default; every service names its variables alike."""

from importlib import import_module

import pytest
from pydantic import SecretStr

from chassis.settings import ChassisSettings
from contracts.catalogue import SERVICES
from tests.architecture.applications import applications


def settings_classes() -> dict[str, type[ChassisSettings]]:
    found = {service: type(app.state.settings) for service, app in applications().items()}
    found["gateway"] = import_module("gateway.settings").GatewaySettings
    return found


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
def test_every_field_is_described(service: str) -> None:
    fields = settings_classes()[service].model_fields

    assert [name for name, field in fields.items() if not field.description] == []


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
def test_no_secret_has_a_default(service: str) -> None:
    for name, field in settings_classes()[service].model_fields.items():
        if "SecretStr" in str(field.annotation):
            default = field.get_default(call_default_factory=True, validated_data={})
            assert not isinstance(default, SecretStr | str), f"{name} is a secret with a default"


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
def test_settings_are_frozen_and_named_after_the_service(service: str) -> None:
    settings = settings_classes()[service]

    assert settings.model_config["frozen"]
    assert settings.service == service
    assert settings.model_config["env_prefix"] == f"LIENTHONG_{service.upper().replace('-', '_')}_"
