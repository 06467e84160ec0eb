"""Where a webhook may not go."""

import pytest

from national_portal_sync.webhooks.guard import Guard, UrlRefused

SANDBOX = Guard(allows_loopback=True)
PRODUCTION = Guard(allows_loopback=False)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://127.0.0.1/hook", "address"),
        ("https://[::1]/hook", "address"),
        ("https://[::ffff:127.0.0.1]/hook", "address"),
        ("https://localhost/hook", "address"),
        ("https://2130706433/hook", "address"),
        ("https://10.0.0.1/hook", "address"),
        ("https://192.168.1.1/hook", "address"),
        ("https://169.254.169.254/latest/meta-data", "address"),
        ("https://100.64.0.1/hook", "address"),
        ("https://0.0.0.0/hook", "address"),
        ("https://[fd00::1]/hook", "address"),
        ("https://224.0.0.1/hook", "address"),
        ("http://93.184.216.34/hook", "scheme"),
        ("ftp://93.184.216.34/hook", "scheme"),
        ("file:///etc/passwd", "malformed"),
        ("https://user:secret@93.184.216.34/hook", "malformed"),
        ("https://93.184.216.34/hook#part", "malformed"),
        ("https://93.184.216.34:99999/hook", "malformed"),
        ("https://", "malformed"),
        ("hook", "malformed"),
    ],
)
async def test_refused(url: str, reason: str) -> None:
    with pytest.raises(UrlRefused) as refusal:
        await PRODUCTION.check(url)

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/hook", "http://93.184.216.34/", "https://169.254.169.254/"]
)
async def test_sandbox_opens_this_machine_and_nothing_else(url: str) -> None:
    with pytest.raises(UrlRefused):
        await SANDBOX.check(url)

    assert (await SANDBOX.check("http://127.0.0.1:8080/hook?a=1")).url == "http://127.0.0.1:8080/hook?a=1"


async def test_connection_goes_to_the_checked_address() -> None:
    target = await PRODUCTION.check("https://93.184.216.34/hook")

    assert (target.url, target.host, target.name) == (
        "https://93.184.216.34:443/hook",
        "93.184.216.34",
        "93.184.216.34",
    )
