"""The routing table: what is public, by whom it is answered, and that nothing else gets through."""

import pytest

from gateway.routes import ROUTES, Auth, Route, RoutingTable, Service
from tests.gateway.running import Running, Upstream, citizen, running_gateway

PUBLIC_PATHS = {
    "/.well-known/openid-configuration": (Service.IDENTITY, {"GET"}),
    "/oauth2/jwks": (Service.IDENTITY, {"GET"}),
    "/oauth2/authorize": (Service.IDENTITY, {"GET", "POST"}),
    "/oauth2/token": (Service.IDENTITY, {"POST"}),
    "/oauth2/userinfo": (Service.IDENTITY, {"GET", "POST"}),
    "/oauth2/revoke": (Service.IDENTITY, {"POST"}),
    "/oauth2/callback/vneid": (Service.IDENTITY, {"GET"}),
    "/v1/me": (Service.IDENTITY, {"GET", "PATCH"}),
    "/v1/me/notifications": (Service.IDENTITY, {"GET"}),
    "/v1/me/notifications/0199/read": (Service.IDENTITY, {"POST"}),
    "/v1/facility-submissions": (Service.HEALTH_BOOK, {"POST"}),
    "/v1/facility-submissions/0199": (Service.HEALTH_BOOK, {"GET"}),
    "/v1/facility-submissions/0199/original": (Service.HEALTH_BOOK, {"GET"}),
    "/v1/me/health-book": (Service.HEALTH_BOOK, {"GET"}),
    "/v1/me/health-book/visits": (Service.HEALTH_BOOK, {"GET"}),
    "/v1/me/health-book/visits/0199": (Service.HEALTH_BOOK, {"GET"}),
    "/v1/me/access-log": (Service.HEALTH_BOOK, {"GET"}),
    "/fhir/R4": (Service.HEALTH_BOOK, {"POST"}),
    "/fhir/R4/metadata": (Service.HEALTH_BOOK, {"GET"}),
    "/fhir/R4/Observation": (Service.HEALTH_BOOK, {"GET"}),
    "/fhir/R4/Observation/_search": (Service.HEALTH_BOOK, {"POST"}),
    "/fhir/R4/Patient/0199": (Service.HEALTH_BOOK, {"GET"}),
    "/fhir/R4/Patient/0199/_history/1": (Service.HEALTH_BOOK, {"GET"}),
    "/fhir/R4/Patient/0199/$summary": (Service.HEALTH_BOOK, {"GET"}),
    "/sandbox": (Service.SANDBOX, {"GET", "POST"}),
    "/sandbox/vneid/authorize": (Service.SANDBOX, {"GET", "POST", "PUT", "PATCH", "DELETE"}),
}
NOT_BUILT_OR_NOT_PUBLIC = (
    "/v1/me/judicial-records",
    "/v1/me/dossier",
    "/v1/portal",
    "/internal/v1/person-resolutions",
    "/internal",
    "/metrics",
    "/v1",
    "/v1/me/",
    "/v1/me/health-book/visits/0199/more",
    "/sandboxes",
    "/nothing",
)


@pytest.fixture(scope="module")
def table() -> RoutingTable:
    return RoutingTable(ROUTES, sandbox=True)


@pytest.mark.parametrize("path", PUBLIC_PATHS)
def test_public_path_leads_to_its_service(table: RoutingTable, path: str) -> None:
    service, methods = PUBLIC_PATHS[path]

    match = table.find(path.encode())

    assert match is not None
    assert {route.service for route in match.by_method.values()} == {service}
    assert set(match.by_method) - {"HEAD"} == methods


@pytest.mark.parametrize("path", NOT_BUILT_OR_NOT_PUBLIC)
async def test_other_path_is_not_found_and_reaches_nobody(
    gateway: Running, upstream: Upstream, path: str
) -> None:
    answer = await gateway.client.get(path, headers=citizen())

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert upstream.seen == []


@pytest.mark.parametrize("path", ["/fhir/R4/Patient", "/fhir/R4/Patient/0199/more"])
async def test_refusal_below_fhir_is_an_operation_outcome(gateway: Running, path: str) -> None:
    answer = await gateway.client.get(path)

    assert answer.headers["content-type"] == "application/fhir+json"
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["code"] == ("login" if answer.status_code == 401 else "not-found")


def test_internal_path_cannot_stand_in_the_table() -> None:
    with pytest.raises(ValueError, match="cannot be public"):
        RoutingTable([Route("/internal/v1/x", ("GET",), Service.IDENTITY)], sandbox=True)


def test_a_line_standing_twice_is_refused() -> None:
    line = Route("/v1/x", ("GET",), Service.IDENTITY)

    with pytest.raises(ValueError, match="twice"):
        RoutingTable([line, line], sandbox=True)


def test_parameter_takes_one_segment_that_is_not_empty(table: RoutingTable) -> None:
    assert table.find(b"/v1/facility-submissions/") is None
    assert table.find(b"/v1/facility-submissions/a/b") is None


def test_only_files_may_be_larger_than_one_mebibyte() -> None:
    wide = {route.path: route.max_body_bytes >> 20 for route in ROUTES if route.max_body_bytes > 1 << 20}

    assert wide == {
        "/v1/facility-submissions": 20,
        "/fhir/R4": 20,
        "/v1/certificate-verifications": 5,
        "/v1/portal/dossiers": 20,
        "/v1/me/dossiers/{dossier_id}/attachments/{slot}": 50,
        "/sandbox/*": 20,
    }


OPEN_TO_ALL = {
    ("GET", "/v1/procedures"),
    ("GET", "/v1/procedures/{code}"),
    ("POST", "/v1/dossier-trackings"),
    ("GET", "/v1/public/statistics"),
    ("POST", "/v1/certificate-verifications"),
    ("POST", "/v1/judicial-record-payments/notices"),
    ("POST", "/v1/dossier-payments/notices"),
}
"""What anybody may ask: catalogue, figures, certificates, and how far a dossier is with its PIN.

Notices of the payment platform carry a signature instead of a token."""


def test_v1_paths_need_a_token_but_those_open_to_all() -> None:
    without = {
        (method, route.path)
        for route in ROUTES
        for method in route.methods
        if route.path.startswith("/v1/") and route.auth is Auth.NONE
    }

    assert without == OPEN_TO_ALL


async def test_sandbox_is_not_there_in_production(upstream: Upstream) -> None:
    async with running_gateway(upstream.url, profile="production") as production:
        answer = await production.client.get("/sandbox/clock")

    assert answer.status_code == 404
    assert upstream.seen == []


async def test_unknown_method_is_answered_with_allow(gateway: Running, upstream: Upstream) -> None:
    answer = await gateway.client.delete("/v1/me/health-book")

    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert upstream.seen == []


async def test_options_names_the_methods(gateway: Running) -> None:
    answer = await gateway.client.options("/v1/facility-submissions")

    assert (answer.status_code, answer.headers["allow"]) == (204, "POST, OPTIONS")


async def test_head_is_answered_without_a_body(gateway: Running, upstream: Upstream) -> None:
    whole = await gateway.client.get("/v1/me", headers=citizen())

    head = await gateway.client.head("/v1/me", headers=citizen())

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert [seen.method for seen in upstream.seen] == ["GET", "GET"]
