"""Every way in has a rule and a test: routes of the services, lines of the gateway's table."""

import re

import pytest

from chassis.access import AccessRule, PublicRule, access_table
from contracts.catalogue import SERVICES
from gateway.routes import ROUTES, Auth, Route, Service
from tests.architecture.applications import applications

OF_THE_CHASSIS = {"/healthz", "/livez", "/readyz", "/openapi.json"}
OWN_ROUTES = [route for route in ROUTES if route.service is not Service.SANDBOX]


def rules(service: str) -> dict[tuple[str, str], AccessRule | PublicRule]:
    table = access_table(applications()[service])
    return {(entry.method, entry.path): entry.rule for entry in table if entry.path not in OF_THE_CHASSIS}


def shape(path: str) -> str:
    """Return a path with its parameters' names left out: the gateway may call them otherwise."""
    return re.sub(r"\{[^}]*\}", "{}", path)


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_has_a_rule(service: str) -> None:
    for (method, path), rule in rules(service).items():
        assert isinstance(rule, AccessRule | PublicRule), f"{method} {path}"
        if isinstance(rule, AccessRule) and path.startswith("/internal/"):
            assert rule.audience == "internal", f"{method} {path} takes tokens that are not for services"
            assert rule.kinds == {"service"}, f"{method} {path}"
            assert rule.scope, f"{method} {path} names no scope"
        elif isinstance(rule, AccessRule):
            assert rule.audience == "public", f"{method} {path}"


@pytest.mark.parametrize("route", OWN_ROUTES, ids=lambda route: route.path)
def test_line_of_the_gateway_leads_to_a_route_with_the_same_openness(route: Route) -> None:
    behind = {(method, shape(path)): rule for (method, path), rule in rules(route.service.value).items()}
    for method in route.methods:
        rule = behind.get((method, shape(route.path)))
        assert rule is not None, f"{method} {route.path}: {route.service} has no such route"
        if route.auth is Auth.TOKEN:
            assert isinstance(rule, AccessRule), f"{method} {route.path} is open behind the gateway"


@pytest.mark.parametrize("service", SERVICES)
def test_every_public_route_stands_in_the_gateways_table(service: str) -> None:
    lines = {
        (method, shape(route.path))
        for route in OWN_ROUTES
        if route.service.value == service
        for method in route.methods
    }
    reachable = {key for key in rules(service) if not key[1].startswith("/internal/")}

    assert {f"{method} {path}" for method, path in reachable if (method, shape(path)) not in lines} == set()


def test_no_internal_path_is_public() -> None:
    assert [route.path for route in ROUTES if "internal" in route.path] == []
