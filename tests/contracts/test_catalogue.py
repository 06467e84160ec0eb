"""What the chassis derives from the catalogue: streams, durables, who may publish what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts import catalogue
from contracts.catalogue import EVENTS, SERVICES


def test_each_event_has_a_producer_among_the_services() -> None:
    for entry in EVENTS:
        assert entry.producer in SERVICES
        assert entry.event.source == f"/svc-{entry.producer}"
        assert entry.subject.startswith(f"{entry.producer}.")


def test_each_event_reaches_somebody() -> None:
    for entry in EVENTS:
        assert entry.consumers or entry.broadcast, f"nobody listens to {entry.subject}"
        assert {consumer.partition(".")[0] for consumer in entry.consumers} <= set(SERVICES)
        assert all(consumer.partition(".")[2] for consumer in entry.consumers)


def test_subjects_are_unique_and_carry_their_major() -> None:
    subjects = [entry.subject for entry in EVENTS]

    assert len(set(subjects)) == len(subjects)
    for entry in EVENTS:
        noun_verb, _, major = entry.subject.rpartition(".v")
        assert len(noun_verb.split(".")) == 3
        assert entry.event.__name__.endswith(f"V{major}")


def test_a_producer_has_one_stream_with_all_its_subjects() -> None:
    by_name = {stream.name: stream for stream in catalogue.streams()}

    assert by_name["HEALTH_BOOK"].subjects == ("health-book.>",)
    assert by_name["IDENTITY"].subjects == ("identity.>",)
    assert by_name["DEAD_LETTERS"].subjects == ("dead-letter.>",)


def test_stream_keeps_its_longest_kept_event() -> None:
    short, long = EVENTS[0], replace(EVENTS[0], retention=timedelta(days=20))

    streams = catalogue.streams((short, long))

    assert next(s for s in streams if s.name == "HEALTH_BOOK").retention == timedelta(days=20)


def test_events_of_one_purpose_share_a_durable_and_another_stream_gets_its_own() -> None:
    visit = EVENTS[0]
    revoked = replace(catalogue.entry_of("identity.token.revoked.v1"), consumers=("identity.notifications",))

    durables = catalogue.durables((visit, revoked))

    assert [(d.stream, d.name, d.filter_subjects) for d in durables] == [
        ("HEALTH_BOOK", "identity--notifications", ("health-book.visit.recorded.v1",)),
        ("IDENTITY", "identity--notifications", ("identity.token.revoked.v1",)),
    ]


def test_broadcast_event_has_no_durable() -> None:
    assert [entry.subject for entry in catalogue.broadcasts()] == ["identity.token.revoked.v1"]
    assert all("identity.token" not in s for d in catalogue.durables() for s in d.filter_subjects)


def test_unknown_subject_is_not_in_the_catalogue() -> None:
    with pytest.raises(KeyError):
        catalogue.entry_of("health-book.visit.forgotten.v1")


def test_service_publishes_and_consumes_only_what_is_listed() -> None:
    assert catalogue.published_by("health-book") == ("health-book.visit.recorded.v1",)
    assert catalogue.published_by("dossier") == ("dossier.dossier.changed.v1",)
    assert {(d.stream, d.name) for d in catalogue.consumed_by("identity")} == {
        (stream, "identity--notifications") for stream in ("DOSSIER", "HEALTH_BOOK", "JUDICIAL_RECORD")
    }
    assert catalogue.consumed_by("health-book") == ()
