"""What a caller sees of its quota: on every answer, and when it is used up."""

import pytest

from chassis.testing import bearer, make_token
from gateway.addresses import ClientAddresses, quota_key
from tests.gateway.running import Running, Upstream, citizen, running_gateway


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200),
        ("/", 200),
        ("/openapi.json", 200),
        ("/oauth2/jwks", 200),
        ("/nothing", 404),
        ("/v1/me", 401),
        ("/sandbox/%zz", 400),
    ],
)
async def test_every_answer_says_where_the_quota_stands(gateway: Running, path: str, status: int) -> None:
    result = await gateway.client.get(path)

    assert result.status_code == status
    assert result.headers["ratelimit-policy"].startswith('"address";q=')
    assert result.headers["ratelimit"].startswith('"address";r=')


async def test_default_quotas_are_those_of_the_contract(upstream: Upstream) -> None:
    defaults = {"person_requests_per_minute": 6000, "person_burst": 300}
    async with running_gateway(upstream.url, **defaults) as gateway:
        person = await gateway.client.get("/v1/me", headers=citizen())
        system = await gateway.client.get(
            "/v1/me", headers=bearer(make_token(kind="system", client_id="his-99999"))
        )

    assert person.headers["ratelimit-policy"] == '"person";q=6000;w=60;lienthong-burst=300'
    assert person.headers["ratelimit"] == '"person";r=299;t=1'
    assert system.headers["ratelimit-policy"].startswith('"system";q=60000;w=60')


async def test_used_up_quota_is_a_429_and_others_are_not_touched(upstream: Upstream) -> None:
    first, second = citizen(), citizen()
    async with running_gateway(upstream.url, person_requests_per_minute=60, person_burst=3) as gateway:
        results = [await gateway.client.get("/v1/me", headers=first) for _ in range(5)]
        other = await gateway.client.get("/v1/me", headers=second)

    assert [result.status_code for result in results] == [200, 200, 200, 429, 429]
    assert results[-1].json()["code"] == "rate_limited"
    assert results[-1].json()["retry"] == "later"
    assert int(results[-1].headers["retry-after"]) >= 1
    assert results[-1].headers["ratelimit"].startswith('"person";r=0;')
    assert other.status_code == 200
    assert len(upstream.seen) == 4


async def test_one_person_in_two_clients_has_two_quotas(upstream: Upstream) -> None:
    subject = "01990000-0000-7000-8000-000000000001"
    tokens = [bearer(make_token(subject=subject, client_id=client)) for client in ("mobile-app", "web")]
    async with running_gateway(upstream.url, person_requests_per_minute=60, person_burst=1) as gateway:
        statuses = [(await gateway.client.get("/v1/me", headers=token)).status_code for token in tokens]

    assert statuses == [200, 200]


async def test_a_new_token_of_the_same_person_brings_no_new_quota(upstream: Upstream) -> None:
    subject = "01990000-0000-7000-8000-000000000002"
    async with running_gateway(upstream.url, person_requests_per_minute=60, person_burst=1) as gateway:
        statuses = [
            (await gateway.client.get("/v1/me", headers=bearer(make_token(subject=subject)))).status_code
            for _ in range(2)
        ]

    assert statuses == [200, 429]


async def test_wrong_tokens_use_up_the_addresss_quota(upstream: Upstream) -> None:
    async with running_gateway(upstream.url, address_requests_per_minute=60, address_burst=3) as gateway:
        statuses = [
            (await gateway.client.get("/v1/me", headers={"authorization": f"Bearer {n}"})).status_code
            for n in range(4)
        ]
        good = await gateway.client.get("/v1/me", headers=citizen())
        alive = await gateway.client.get("/healthz")

    assert statuses == [401, 401, 401, 429]
    assert (good.status_code, alive.status_code) == (200, 200)


def test_forwarded_addresses_count_only_behind_a_trusted_balancer() -> None:
    trusting = ClientAddresses(["10.0.0.0/8", "fd00::/8"])

    assert ClientAddresses([]).resolve("10.0.0.1", "1.2.3.4") == "10.0.0.1"
    assert trusting.resolve("203.0.113.1", "1.2.3.4") == "203.0.113.1"
    assert trusting.resolve("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2") == "1.2.3.4"
    assert trusting.resolve("fd00::1", "2001:db8::5") == "2001:db8::5"
    assert trusting.resolve("10.0.0.1", "nonsense") == "10.0.0.1"
    assert trusting.resolve("10.0.0.1", None) == "10.0.0.1"


def test_ipv6_callers_are_counted_by_their_network() -> None:
    assert quota_key("2001:db8:1:2:aaaa::1") == quota_key("2001:db8:1:2:bbbb::2")
    assert quota_key("2001:db8:1:2::1") != quota_key("2001:db8:1:3::1")
    assert quota_key("192.0.2.1") == "192.0.2.1"
