"""Where VNeID and the register are, by profile."""

import pytest

from chassis.keys import KeyUnavailable
from chassis.testing import PUBLIC_URL, MemoryKeys, make_settings
from identity.app import create_app
from identity.settings import IdentitySettings


def test_the_sandbox_plays_the_peers_and_is_called_directly() -> None:
    settings = make_settings(IdentitySettings, sandbox_url="http://127.0.0.1:9")

    assert settings.upstream_issuer == f"{PUBLIC_URL}/sandbox/vneid"
    assert settings.upstream_backchannel == "http://127.0.0.1:9/sandbox/vneid"
    assert settings.register_url == "http://127.0.0.1:9/sandbox/population/look-ups"


def test_production_knows_only_what_it_is_told() -> None:
    settings = make_settings(
        IdentitySettings,
        profile="production",
        sandbox_url="http://127.0.0.1:9",
        vneid_issuer="https://vneid.example",
    )

    assert settings.upstream_issuer == settings.upstream_backchannel == "https://vneid.example"
    assert settings.register_url is None


@pytest.mark.parametrize(
    ("missing", "name"),
    [("vneid_client_key_file", "VNEID_CLIENT_KEY_FILE"), ("vneid_issuer", "VNEID_ISSUER")],
)
async def test_a_start_without_vneid_says_which_setting_is_missing(
    settings: IdentitySettings, missing: str, name: str
) -> None:
    changed = settings.model_copy(update={missing: None, "profile": "production"})
    app = create_app(changed, keys=MemoryKeys())

    with pytest.raises(KeyUnavailable, match=name):
        async with app.router.lifespan_context(app):
            pass
