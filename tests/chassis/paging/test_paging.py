"""Cursors that clients cannot make up, and entity tags."""

import pytest
from starlette.requests import Request

from chassis.errors import MalformedCursor, StaleVersion
from chassis.etag import etag_of, not_modified, not_modified_response, require_match
from chassis.paging import Cursors

CURSORS = Cursors(b"k" * 32)
POSITION = ["2026-11-23T08:00:00Z", "0190d3b2-7b6e-7000-8000-000000000001", 5, None]


def test_cursor_round_trip() -> None:
    assert CURSORS.decode(CURSORS.encode(POSITION, scope="visits:an"), scope="visits:an") == POSITION


def test_every_altered_character_is_refused() -> None:
    cursor = CURSORS.encode(POSITION, scope="visits:an")

    for place, letter in enumerate(cursor):
        altered = cursor[:place] + ("A" if letter != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(MalformedCursor):
            CURSORS.decode(altered, scope="visits:an")


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "é", "AAAA", "W10", "A" * 500, " ", "=="])
def test_made_up_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(MalformedCursor):
        CURSORS.decode(cursor, scope="visits:an")


def test_cursor_of_another_list_reader_or_service_is_refused() -> None:
    cursor = CURSORS.encode(POSITION, scope="visits:an")

    for cursors, scope in (
        (CURSORS, "visits:binh"),
        (CURSORS, "papers:an"),
        (Cursors(b"o" * 32), "visits:an"),
    ):
        with pytest.raises(MalformedCursor):
            cursors.decode(cursor, scope=scope)


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


def test_etags_of_bodies_differ_with_the_body_and_versions_are_shown() -> None:
    assert etag_of(b"a") != etag_of(b"b")
    assert etag_of(b"a") == etag_of(b"a")
    assert etag_of(7) == '"7"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [('"7"', True), ('W/"7"', True), ('"6", "7"', True), ("*", True), ('"6"', False), ("7", False)],
)
def test_if_none_match(header: str, expected: bool) -> None:
    assert not_modified(request(if_none_match=header), '"7"') is expected


def test_without_conditions_everything_is_sent_and_taken() -> None:
    assert not_modified(request(), '"7"') is False
    require_match(request(), '"7"')


@pytest.mark.parametrize("header", ['"7"', '"6", "7"', "*"])
def test_if_match_on_the_current_version_is_taken(header: str) -> None:
    require_match(request(if_match=header), '"7"')


@pytest.mark.parametrize("header", ['"6"', 'W/"7"', "7", ""])
def test_if_match_on_another_version_is_stale(header: str) -> None:
    with pytest.raises(StaleVersion) as stale:
        require_match(request(if_match=header), '"7"')
    assert stale.value.headers == {"etag": '"7"'}


def test_304_repeats_the_tag_and_has_no_body() -> None:
    answer = not_modified_response('"7"')

    assert (answer.status_code, answer.headers["etag"], answer.body) == (304, '"7"', b"")
