"""What is published and consumed in code is what the catalogue says, no more and no less."""

import ast
from collections.abc import Iterator
from importlib import import_module

import pytest

from contracts.catalogue import EVENTS, SERVICES, EventEntry, consumed_by
from contracts.envelope import BaseEvent
from tests.architecture.applications import applications
from tests.architecture.tree import ROOT, modules, parsed, place


def event_classes(base: type[BaseEvent] = BaseEvent) -> Iterator[type[BaseEvent]]:
    for event in base.__subclasses__():
        if event.__module__.startswith("contracts."):
            yield event
        yield from event_classes(event)


def test_catalogue_lists_every_event_class() -> None:
    for file in (ROOT / "proto" / "contracts" / "events").glob("[a-z]*.py"):
        import_module(f"contracts.events.{file.stem}")

    assert set(event_classes()) == {entry.event for entry in EVENTS}


@pytest.mark.parametrize("service", SERVICES)
def test_service_consumes_what_the_catalogue_says(service: str) -> None:
    consumers = applications()[service].state.consumers

    registered = {(consumer.purpose, event.event_type) for consumer in consumers for event in consumer.events}

    assert registered == {
        (durable.purpose, subject) for durable in consumed_by(service) for subject in durable.filter_subjects
    }
    assert len({consumer.purpose for consumer in consumers}) == len(consumers)


@pytest.mark.parametrize("entry", EVENTS, ids=lambda entry: entry.subject)
def test_event_is_made_by_its_producer_alone(entry: EventEntry) -> None:
    name = entry.event.__name__
    makers = {
        file.relative_to(ROOT).parts[0]
        for file in modules()
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    }

    assert makers == {f"svc-{entry.producer}"}


def test_no_subject_is_spelled_outside_the_contracts() -> None:
    """A subject comes from its class, so that a typing mistake cannot make a second one."""
    subjects = {entry.subject for entry in EVENTS}
    found = [
        f"{place(file)}:{node.lineno}"
        for file in modules()
        if file.relative_to(ROOT).parts[0] != "proto"
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Constant) and node.value in subjects
    ]

    assert found == []
