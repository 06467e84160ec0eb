"""Which redirect URIs and scopes a registration allows."""

import pytest

from identity.clients.rules import Client, allows_redirect, grantable_scopes

REGISTERED = (
    "https://app.example/callback",
    "https://app.example/callback?tenant=1",
    "lienthong://callback",
    "http://127.0.0.1/callback",
    "http://[::1]/callback",
)


@pytest.mark.parametrize(
    "uri",
    [
        *REGISTERED,
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:65535/callback",
        "http://[::1]:50000/callback",
    ],
)
def test_what_is_registered_is_allowed_on_any_loopback_port(uri: str) -> None:
    assert allows_redirect(REGISTERED, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://app.example/callback/",
        "https://app.example/callback?tenant=2",
        "https://app.example/callback#x",
        "https://app.example/Callback",
        "https://app.example:443/callback",
        "https://app.example@evil.example/callback",
        "https://evil.example/callback",
        "//app.example/callback",
        "javascript:alert(1)",
        "lienthong://callback/",
        "lienthong://other",
        "http://localhost/callback",
        "http://localhost:1234/callback",
        "http://127.0.0.1:1234/other",
        "http://127.0.0.1:1234/callback?x=1",
        "http://127.0.0.1:1234/callback#x",
        "http://127.0.0.1:1234@evil.example/callback",
        "http://user@127.0.0.1:1234/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:+80/callback",
        "http://127.0.0.2/callback",
        "https://127.0.0.1/callback",
        "http://2130706433/callback",
        "HTTP://127.0.0.1:1/callback",
        "http://[::1",
    ],
)
def test_everything_else_is_not(uri: str) -> None:
    assert not allows_redirect(REGISTERED, uri)


@pytest.mark.parametrize("path", ["/", "/callback", "/a/b"])
def test_a_star_allows_any_path_of_its_loopback_address(path: str) -> None:
    assert allows_redirect(("http://127.0.0.1/*",), f"http://127.0.0.1:4711{path}")


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/../x",
        "http://127.0.0.1/x?y=1",
        "http://[::1]/x",
        "http://127.0.0.1.evil.example/x",
        "http://127.0.0.1/*",
    ],
)
def test_a_star_allows_no_more_than_that(uri: str) -> None:
    allowed = allows_redirect(("http://127.0.0.1/*",), uri)

    assert allowed == (uri == "http://127.0.0.1/*")


@pytest.mark.parametrize("registered", ["https://app.example/*", "lienthong://*"])
def test_a_star_means_nothing_beyond_loopback(registered: str) -> None:
    assert not allows_redirect((registered,), registered.replace("*", "x"))


def test_scopes_are_what_client_and_person_may_in_the_order_asked() -> None:
    client = Client("c", "public", "C", (), frozenset({"openid", "health.read", "ops"}), (), (), None, None)

    granted = grantable_scopes(
        "health.read ops openid judicial.apply openid", client, frozenset({"openid", "health.read"})
    )

    assert granted == ("health.read", "openid")
