"""Each process is told what it needs, and nothing of another one."""

import json
from pathlib import Path

import pytest

from chassis.keys import SigningKey
from deploy.local import clients, credentials
from deploy.local.environment import Stack, as_file, from_file, remembered, secret_names
from deploy.local.layout import Layout, write_private
from deploy.local.parts import ALL, GATEWAY, SANDBOX, SERVICES
from deploy.local.ports import Ports
from deploy.local.process import StartError
from deploy.sandbox.personas import personas

IDENTITY, HEALTH_BOOK = SERVICES[0], SERVICES[1]


def stack(tmp_path: Path, **given: str) -> Stack:
    secrets = {name: f"secret of {name}" for name in secret_names()}
    return Stack(Layout(tmp_path), Ports.block(8080), secrets, given)


def test_no_process_gets_a_secret_of_another(tmp_path: Path) -> None:
    made = stack(tmp_path)
    for entry in ALL:
        text = as_file(made.environment_of(entry))
        own = {f"nats:{entry.name}", f"{entry.database}_app", f"{entry.database}_migrator"}
        for name in set(secret_names()) - own:
            assert f"secret of {name}" not in text, f"{entry.name} sees {name}"


def test_service_is_told_its_database_broker_and_key(tmp_path: Path) -> None:
    told = stack(tmp_path).environment_of(HEALTH_BOOK, migrating=True)
    assert told["LIENTHONG_HEALTH_BOOK_PORT"] == "8082"
    assert told["LIENTHONG_HEALTH_BOOK_DATABASE_URL"].endswith("@127.0.0.1:8087/lienthong_health_book")
    assert "lienthong_health_book_app:" in told["LIENTHONG_HEALTH_BOOK_DATABASE_URL"]
    assert "lienthong_health_book_migrator:" in told["LIENTHONG_HEALTH_BOOK_MIGRATOR_DATABASE_URL"]
    assert told["LIENTHONG_HEALTH_BOOK_NATS_USER"] == "health-book"
    assert told["LIENTHONG_HEALTH_BOOK_CLIENT_KEY_FILE"] == str(tmp_path / "clients" / "svc-health-book.jwk")
    assert told["LIENTHONG_PUBLIC_URL"] == "http://127.0.0.1:8080"
    assert told["LIENTHONG_PROFILE"] == "sandbox"


def test_gateway_knows_where_the_services_are(tmp_path: Path) -> None:
    told = stack(tmp_path).environment_of(GATEWAY)
    assert told["LIENTHONG_NATIONAL_PORTAL_SYNC_URL"] == "http://127.0.0.1:8085"
    assert not any("DATABASE" in name for name in told)


def test_external_database_replaces_the_embedded_one(tmp_path: Path) -> None:
    url = "postgresql://app@127.0.0.1:5432/hb"
    given = stack(tmp_path, LIENTHONG_HEALTH_BOOK_DATABASE_URL=url)
    told = given.environment_of(HEALTH_BOOK, migrating=True)
    assert told["LIENTHONG_HEALTH_BOOK_DATABASE_URL"] == url
    assert told["LIENTHONG_HEALTH_BOOK_MIGRATOR_DATABASE_URL"] == url
    assert HEALTH_BOOK not in given.own_databases()
    assert len(given.own_databases()) == len(SERVICES) - 1
    assert url not in as_file(given.environment_of(IDENTITY))


def test_external_migrator_is_kept_apart(tmp_path: Path) -> None:
    given = stack(
        tmp_path,
        LIENTHONG_IDENTITY_DATABASE_URL="postgresql://app@localhost/i",
        LIENTHONG_IDENTITY_MIGRATOR_DATABASE_URL="postgresql://owner@localhost/i",
    )
    told = given.environment_of(IDENTITY, migrating=True)
    assert told["LIENTHONG_IDENTITY_MIGRATOR_DATABASE_URL"].startswith("postgresql://owner@")


def test_serving_process_does_not_know_the_migrator(tmp_path: Path) -> None:
    given = {"LIENTHONG_IDENTITY_MIGRATOR_DATABASE_URL": "postgresql://owner@localhost/i"}
    for made in (stack(tmp_path), stack(tmp_path, **given)):
        for entry in ALL:
            assert not any("MIGRATOR" in name for name in made.environment_of(entry))


def test_external_nats_is_used_without_our_users(tmp_path: Path) -> None:
    given = stack(tmp_path, LIENTHONG_NATS_URL="nats://127.0.0.1:4222")
    told = given.environment_of(IDENTITY)
    assert told["LIENTHONG_NATS_URL"] == "nats://127.0.0.1:4222"
    assert "LIENTHONG_IDENTITY_NATS_PASSWORD" not in told
    assert not given.has_own_nats
    assert given.migrator_nats() == (None, None)


def test_further_settings_reach_their_process_alone(tmp_path: Path) -> None:
    given = stack(tmp_path, LIENTHONG_IDENTITY_POOL_SIZE="3", LIENTHONG_LOG_LEVEL="debug", SOMETHING="else")
    assert given.environment_of(IDENTITY)["LIENTHONG_IDENTITY_POOL_SIZE"] == "3"
    assert "LIENTHONG_IDENTITY_POOL_SIZE" not in given.environment_of(HEALTH_BOOK)
    assert given.environment_of(SANDBOX)["LIENTHONG_LOG_LEVEL"] == "debug"
    assert "SOMETHING" not in given.environment_of(IDENTITY)


def test_environment_file_reads_back(tmp_path: Path) -> None:
    told = stack(tmp_path).environment_of(HEALTH_BOOK)
    assert from_file(as_file(told)) == told


def test_stack_is_remembered_from_its_files(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with pytest.raises(StartError, match="make run"):
        remembered(layout, {})
    layout.make_folders()
    secrets = credentials.passwords(layout.keys / "passwords.json", secret_names())
    layout.ports.write_text('{"first": 8100, "gateway": 8100}')
    again = remembered(layout, {})
    assert again.secrets == secrets
    assert again.public_url == "http://127.0.0.1:8100"


def test_passwords_are_kept_and_new_names_get_new_ones(tmp_path: Path) -> None:
    file = tmp_path / "passwords.json"
    first = credentials.passwords(file, ["a"])
    second = credentials.passwords(file, ["a", "b"])
    assert second["a"] == first["a"] != second["b"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_clients_are_registered_with_public_keys_only(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.make_folders()
    clients.write(layout, "http://127.0.0.1:8080")
    first = (layout.keys / "clients.json").read_text()
    clients.write(layout, "http://127.0.0.1:8080")
    assert (layout.keys / "clients.json").read_text() == first
    registered = {client["client_id"]: client for client in json.loads(first)}
    systems = {name for name, persona in personas().items() if persona.kind == "system"} | {*clients.SIGNERS}
    assert systems == {name for name, client in registered.items() if client["kind"] == "system"}
    assert registered["his-99999"]["organisation"] == "99999"
    assert registered["svc-health-book"]["audiences"] == ["urn:lienthong:identity"]
    assert registered["cli"]["jwks"] is None
    assert registered["thanh-toan"]["scopes"] == []
    for name in (*systems, "svc-identity", clients.VNEID_CLIENT):
        file = layout.clients / f"{name}.jwk"
        assert file.stat().st_mode & 0o777 == 0o600
        if name in registered:
            assert registered[name]["jwks"]["keys"] == [SigningKey.from_file(file).public_jwk()]
            assert "d" not in registered[name]["jwks"]["keys"][0]


def test_private_file_is_never_open_to_others(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o600
