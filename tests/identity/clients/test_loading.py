"""The file of registrations: what it may hold, and that the database equals it afterwards."""

from typing import Any

import httpx2
import orjson
import pytest
from pydantic import ValidationError

from chassis.db import Database
from chassis.migrations import MigratorAddressMissing
from identity.clients.loading import load_registrations
from identity.clients.registrations import ClientRegistration, read_registrations
from identity.clients.repository import ClientRepository
from identity.settings import IdentitySettings
from tests.identity.factories import CLIENT_KEYS, registrations

PUBLIC = {"client_id": "app", "kind": "public", "name": "App", "redirect_uris": ["https://app.example/cb"]}
SYSTEM = {"client_id": "his", "kind": "system", "name": "HIS", "jwks": {"keys": []}}


def key(**overrides: Any) -> dict[str, Any]:
    return {"keys": [{**CLIENT_KEYS["his-99999"].public_jwk(), **overrides}]}


async def test_clients_that_cannot_be_served_yet_are_left_out(settings: IdentitySettings) -> None:
    names = {registration.client_id for registration in read_registrations(settings.registrations)}

    assert "cli" in names
    assert "app-backend" not in names


async def test_a_client_gone_from_the_file_gets_no_token_any_more(
    client: httpx2.AsyncClient, settings: IdentitySettings, database: Database
) -> None:
    rest = [entry for entry in registrations() if entry["client_id"] != "cli"]
    settings.registrations.write_bytes(orjson.dumps(rest))

    await load_registrations(settings)

    async with database.transaction() as db:
        clients = ClientRepository(db)
        assert await clients.find("cli") is None
        assert await clients.find("mobile-app") is not None


async def test_loading_twice_changes_nothing(settings: IdentitySettings, database: Database) -> None:
    await load_registrations(settings)

    async with database.transaction() as db:
        client = await ClientRepository(db).find("his-99999")
    assert client is not None
    assert (client.roles, client.organisation) == (("facility_system",), "99999")


async def test_without_a_file_the_clients_stay(settings: IdentitySettings, database: Database) -> None:
    settings.registrations.unlink()

    await load_registrations(settings)

    async with database.transaction() as db:
        assert await ClientRepository(db).find("cli") is not None


async def test_loading_is_the_migrators_work(settings: IdentitySettings) -> None:
    with pytest.raises(MigratorAddressMissing):
        await load_registrations(settings.model_copy(update={"migrator_database_url": None}))


@pytest.mark.parametrize(
    "entry",
    [
        {**PUBLIC, "redirect_uris": []},
        {**PUBLIC, "jwks": key()},
        {**PUBLIC, "redirect_uris": ["http://app.example/cb"]},
        {**PUBLIC, "redirect_uris": ["http://localhost/cb"]},
        {**PUBLIC, "redirect_uris": ["https://app.example/cb#x"]},
        {**PUBLIC, "redirect_uris": ["javascript:alert(1)"]},
        {**PUBLIC, "redirect_uris": ["/cb"]},
        {**PUBLIC, "client_id": "a b"},
        {**PUBLIC, "scopes": ["two words"]},
        SYSTEM,
        {**SYSTEM, "jwks": key(), "redirect_uris": ["https://his.example/cb"]},
        {**SYSTEM, "jwks": key(d="secret")},
        {**SYSTEM, "jwks": key(crv="P-384")},
    ],
)
def test_a_registration_that_cannot_be_right_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ClientRegistration.model_validate(entry)


@pytest.mark.parametrize(
    ("entry", "roles"),
    [
        ({**SYSTEM, "jwks": key(), "scopes": ["health.submit"]}, ["facility_system"]),
        ({**SYSTEM, "jwks": key(), "scopes": ["portal.exchange"]}, []),
        ({**SYSTEM, "jwks": key(), "kind": "service"}, ["service"]),
        ({**SYSTEM, "jwks": key(), "roles": ["court"]}, ["court"]),
    ],
)
def test_roles_are_as_registered_or_follow_from_kind_and_scopes(
    entry: dict[str, Any], roles: list[str]
) -> None:
    assert ClientRegistration.model_validate(entry).effective_roles() == roles
