"""Logs say what happened and never about whom."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from chassis import logging as chassis_logging
from chassis.auth import Actor
from chassis.errors import Invalid
from chassis.logging import access_line, get_logger

NUMBER = "001085000017"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    output = io.StringIO()
    with redirect_stdout(output):
        chassis_logging.configure(service="dossier", level="info")
        yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    root.handlers, root.level = handlers, level
    chassis_logging._access.enabled = False
    structlog.reset_defaults()


def test_event_and_known_fields_are_kept(lines: Lines) -> None:
    get_logger("tests.a").info("visit.recorded", visit_id="v1", line_count=3, outcome="superseded")

    (line,) = lines()
    assert line["event"] == "visit.recorded"
    assert (line["visit_id"], line["line_count"], line["outcome"]) == ("v1", 3, "superseded")
    assert (line["service"], line["level"]) == ("dossier", "info")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "field",
    ["personal_id", "patient_name", "full_name", "address", "phone", "body", "born_on", "diagnosis", "token"],
)
def test_unknown_and_personal_fields_are_dropped_by_name(lines: Lines, field: str) -> None:
    get_logger("tests.b").info("person.read", **{field: "Nguyễn Văn An"})

    (line,) = lines()
    assert "Nguyễn" not in json.dumps(line, ensure_ascii=False)
    assert line["dropped"] == [field]


def test_personal_numbers_are_masked_wherever_they_hide(lines: Lines) -> None:
    get_logger("tests.c").info(
        f"called for {NUMBER}", reason=f"no {NUMBER}.", items_count=[NUMBER, {"state": NUMBER, "name_x": 1}]
    )
    logging.getLogger("a.library").warning("cannot read %s and 012345678", NUMBER)

    text = json.dumps(lines())
    assert NUMBER not in text
    assert "012345678" not in text
    assert "[number]" in text


def test_ids_are_not_taken_for_personal_numbers(lines: Lines) -> None:
    visit_id = "0190d3b2-7b6e-7000-8000-012345678901"

    get_logger("tests.d").info("visit.read", visit_id=visit_id)

    assert lines()[0]["visit_id"] == visit_id


def test_exceptions_tell_where_and_not_what(lines: Lines) -> None:
    try:
        raise ValueError(f"duplicate key (personal_id)=({NUMBER}) of Nguyễn Văn An")
    except ValueError:
        get_logger("tests.e").exception("visit.failed")

    (line,) = lines()
    assert line["error_type"] == "builtins.ValueError"
    assert any("test_exceptions_tell_where_and_not_what" in frame for frame in line["frames"])
    assert "duplicate" not in json.dumps(line)


def test_messages_that_cannot_quote_data_are_kept(lines: Lines) -> None:
    try:
        raise ConnectionRefusedError("connect call failed")
    except OSError:
        logging.getLogger("a.library").exception("lost")

    assert lines()[0]["error"] == "connect call failed"


def test_request_line_names_route_and_client_only(lines: Lines) -> None:
    actor = Actor(
        subject="0190d3b2-7b6e-7000-8000-000000000001",
        client_id="mobile-app",
        kind="citizen",
        scopes=frozenset(),
        roles=frozenset(),
        acr=None,
        organisation=None,
        citizen_id=None,
        act=None,
        token_id="t",
        expires_at=datetime.now(UTC),
    )

    access_line(
        method="GET",
        route="/v1/me/health-book",
        status=200,
        duration_ms=1.5,
        request_id=NUMBER,
        trace_id="t",
        actor=actor,
        code=None,
    )

    (line,) = lines()
    assert (line["route"], line["status"], line["client_id"]) == ("/v1/me/health-book", 200, "mobile-app")
    assert actor.subject not in json.dumps(line)
    assert NUMBER not in json.dumps(line)


def test_problem_context_is_filtered_too(lines: Lines) -> None:
    problem = Invalid(reason="no_such_code", patient="Nguyễn Văn An")

    get_logger("tests.f").info("http.problem", code=problem.code, **problem.context)

    assert lines()[0]["reason"] == "no_such_code"
    assert "patient" not in {*lines()[0]}
