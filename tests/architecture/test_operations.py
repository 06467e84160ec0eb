"""Each operation is named after its function, once in the whole system, so that clients get stable names."""

from collections import Counter

from fastapi.routing import APIRoute, iter_route_contexts

from contracts.catalogue import SERVICES
from tests.architecture.applications import applications

METHODS = {"get", "put", "post", "delete", "patch", "head"}


def functions(service: str) -> dict[tuple[str, str], str]:
    """Return the name of the function behind each documented (method, path)."""
    found = {}
    for context in iter_route_contexts(applications()[service].routes):
        route = context.original_route
        if isinstance(route, APIRoute) and context.include_in_schema:
            for method in context.methods or ():
                found[method.lower(), context.path_format] = route.endpoint.__name__
    return found


def operation_ids(service: str) -> dict[tuple[str, str], str]:
    paths = applications()[service].openapi()["paths"]
    return {
        (method, path): operation["operationId"]
        for path, item in paths.items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_operation_id_is_the_functions_name() -> None:
    for service in SERVICES:
        assert operation_ids(service) == functions(service)


def test_operation_ids_are_unique_over_all_services() -> None:
    counted = Counter(name for service in SERVICES for name in operation_ids(service).values())

    assert [name for name, count in counted.items() if count > 1] == []
