"""No route waits for a thread: FastAPI runs a plain function in a thread pool, at several times its cost."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from contracts.catalogue import SERVICES
from tests.architecture.applications import applications


def calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    if dependant.call is not None:
        yield dependant.call
    for dependency in dependant.dependencies:
        yield from calls(dependency)


def is_asynchronous(call: Callable[..., Any]) -> bool:
    candidates = (inspect.unwrap(call), getattr(call, "__call__", None))  # noqa: B004  (an instance's own)
    return any(inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one) for one in candidates)


@pytest.mark.parametrize("service", SERVICES)
def test_endpoints_and_their_dependencies_are_asynchronous(service: str) -> None:
    plain = {
        f"{context.path}: {call}"
        for context in iter_route_contexts(applications()[service].routes)
        if isinstance(dependant := getattr(context, "dependant", None), Dependant)
        for call in calls(dependant)
        if not is_asynchronous(call)
    }

    assert plain == set()
