"""Settings come from the environment, are complete or stop the start, and keep the sandbox local."""

from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import ValidationError

from chassis.settings import ServiceSettings, SettingsIncomplete, load
from chassis.testing import make_settings


class ThingsSettings(ServiceSettings, env_prefix="LIENTHONG_THINGS_"):
    service: ClassVar[str] = "things"


COMPLETE = {
    "LIENTHONG_PROFILE": "sandbox",
    "LIENTHONG_PUBLIC_URL": "http://127.0.0.1:8080",
    "LIENTHONG_IDENTITY_URL": "http://127.0.0.1:8081",
    "LIENTHONG_KEY_DIRECTORY": "/keys",
    "LIENTHONG_THINGS_PORT": "8090",
    "LIENTHONG_THINGS_METRICS_PORT": "8091",
    "LIENTHONG_THINGS_DATABASE_URL": "postgresql://app:hidden-word@127.0.0.1:8087/things",
    "LIENTHONG_THINGS_NATS_PASSWORD": "hidden-word",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_shared_and_own_variables_are_read(environment: pytest.MonkeyPatch) -> None:
    settings = load(ThingsSettings)

    assert settings.port == 8090
    assert settings.key_directory == Path("/keys")
    assert settings.otlp_endpoint == "http://127.0.0.1:4318"
    assert settings.internal_audience == "urn:lienthong:things"
    assert settings.pool_size == 8


def test_secrets_are_not_shown(environment: pytest.MonkeyPatch) -> None:
    assert "hidden-word" not in repr(load(ThingsSettings))


@pytest.mark.parametrize("name", [n for n in COMPLETE if "NATS" not in n and "OTEL" not in n])
def test_missing_variable_stops_the_start_by_name(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(name)

    with pytest.raises(SettingsIncomplete, match=name):
        load(ThingsSettings)


def test_wrong_value_is_named_and_not_quoted(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LIENTHONG_THINGS_PORT", "hidden-word")

    with pytest.raises(SettingsIncomplete, match="LIENTHONG_THINGS_PORT") as refused:
        load(ThingsSettings)
    assert "hidden-word" not in str(refused.value)


def test_sandbox_refuses_a_database_elsewhere(environment: pytest.MonkeyPatch) -> None:
    elsewhere = "postgresql://app:hidden-word@db.ministry.test/things"
    environment.setenv("LIENTHONG_THINGS_DATABASE_URL", elsewhere)
    with pytest.raises(SettingsIncomplete, match="this machine") as refused:
        load(ThingsSettings)
    assert "hidden-word" not in str(refused.value)

    environment.setenv("LIENTHONG_PROFILE", "production")

    assert load(ThingsSettings).database_url.get_secret_value() == elsewhere


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("postgresql://app@localhost/things", True),
        ("postgresql://app@[::1]:5432/things", True),
        ("postgresql:///things?host=/run/postgresql", True),
        ("postgresql:///things?host=db.ministry.test", False),
        ("postgresql://127.0.0.1/things?host=127.0.0.1,db.ministry.test", False),
        ("postgresql://app@127.0.0.1.ministry.test/things", False),
    ],
)
def test_every_host_of_a_sandbox_database_is_looked_at(address: str, is_taken: bool) -> None:
    if is_taken:
        assert make_settings(ThingsSettings, database_url=address).is_sandbox
    else:
        with pytest.raises(ValidationError, match="this machine"):
            make_settings(ThingsSettings, database_url=address)


def test_settings_are_frozen() -> None:
    settings = make_settings(ThingsSettings)

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 5
