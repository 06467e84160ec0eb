"""`openid-client` (npm) as a client: code with PKCE, token exchange, sign-in of staff, by discovery alone."""

import asyncio
import time
from collections.abc import AsyncIterator

import orjson
import pyotp
import pytest
import uvicorn

from chassis.testing import MemoryKeys
from identity.app import create_app
from identity.loading import load
from identity.settings import IdentitySettings
from tests.identity.acting.conftest import DIRECTOR, as_person, described
from tests.identity.factories import REDIRECT_URI, STAFF_PASSWORD, STAFF_SECRET, staff_registration
from tests.identity.fake_vneid import FakeVNeID
from tests.support.judges import run_judge
from tests.support.servers import free_port
from tests.support.waiting import until


@pytest.fixture
async def issuer_with_staff(settings: IdentitySettings, vneid: FakeVNeID) -> AsyncIterator[str]:
    """The address of an identity service that listens, with an officer and a company loaded."""
    as_person(vneid, DIRECTOR)
    company = {
        "tax_code": "0100000010",
        "name": "Công ty TNHH Dược Mẫu",
        "representative": described(DIRECTOR),
    }
    keys, port = MemoryKeys(), free_port()
    url = f"http://127.0.0.1:{port}"
    for path, content in ((settings.staff, [staff_registration()]), (settings.organisations, [company])):
        path.write_bytes(orjson.dumps(content))
        path.chmod(0o600)
    try:
        await load(settings, keys)
        app = create_app(settings.model_copy(update={"public_url": url}), keys=keys)
        async with app.router.lifespan_context(app):
            config = uvicorn.Config(app, port=port, log_config=None, lifespan="off", ws="none")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve())
            await until(lambda: server.started, what="identity listens")
            yield url
            server.should_exit = True
            await serving
    finally:
        settings.staff.unlink()
        settings.organisations.unlink()


async def test_openid_client_signs_in_exchanges_and_signs_staff_in(issuer_with_staff: str) -> None:
    asked = {
        "issuer": issuer_with_staff,
        "client_id": "cli",
        "redirect_uri": REDIRECT_URI,
        "staff": {
            "username": "cb-tuan",
            "password": STAFF_PASSWORD,
            "one_time_code": pyotp.TOTP(STAFF_SECRET).at(int(time.time())),
        },
    }

    found = await asyncio.to_thread(run_judge, "openid.mjs", asked)

    citizen, company, staff = found["citizen"], found["company"], found["staff"]
    assert citizen["id"]["acr"] == "urn:vneid:level:2"
    assert citizen["userinfo"]["name"] == "Lý Quốc Đạt"
    assert company["listed"]["basis"] == "legal_representative"
    assert company["access"]["sub"] == company["listed"]["id"]
    assert company["access"]["act"] == {"sub": citizen["id"]["sub"]}
    assert company["access"]["scope"] == "dossier.file"
    assert 0 < company["expires_in"] <= 600
    assert staff["id"]["acr"] == "urn:lienthong:staff:2"
    assert (staff["access"]["kind"], staff["access"]["organisation"]) == ("staff", "lltp-ha-noi")
    assert staff["access"]["roles"] == ["judicial_officer"]
    assert staff["scope"] == "openid profile judicial.work"
    assert staff["userinfo"] == {"sub": staff["id"]["sub"], "name": "Hoàng Anh Tuấn", "locale": "vi"}
