"""Structured logs: an event name and fields, one JSON line each, personal keys dropped.

The list is of what may pass, not of what must not: a field that nobody thought of is dropped (its name is
kept under `dropped`), because the one who adds `patient_name=` tomorrow will not come here first.
Text of exceptions is kept only for kinds that cannot quote data; PostgreSQL's and validation messages do.
"""

import logging
import re
import sys
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import orjson
import structlog
from opentelemetry import trace


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ALLOWED = frozenset(
    _words("""
    event level logger timestamp service trace_id span_id dropped error_type error frames
    method route status code fault outcome state reason verb kind name profile version host port url
    subject stream consumer purpose lane attempt attempts peer table partition migration signal file bucket
    roles scope audience client role section sections count total accepted rejected unchanged superseded
    unlinked _record _from_structlog
    """)
)
_ALLOWED_SUFFIXES = _words("""
    _id _ids _count _seconds _ms _bytes _at _until _code _state _type _port _url _version _size _ratio
    """)
_PERSONAL = frozenset(
    _words("""
    personal_id national_id insurance_id insurance_card_id passport_id tax_id old_personal_id born_at
    contact_url
    """)
)
_NUMBER_OF_A_PERSON = re.compile(r"(?<![0-9A-Za-z-])(?:[0-9]{12}|[0-9]{9})(?![0-9A-Za-z-])")
_SAFE_MESSAGES = (
    OSError,
    ImportError,
    AttributeError,
    TypeError,
    NameError,
    AssertionError,
    RuntimeError,
    TimeoutError,
)

Event = MutableMapping[str, Any]  # Any: structlog's own type of an event


def get_logger(name: str) -> "structlog.stdlib.BoundLogger":
    """Return a logger; call it with an event name and fields: `log.info("visit.recorded", visit_id=…)`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def drop_personal_keys(_logger: object, _method: str, event: Event) -> Event:
    """Keep the fields that are known to be harmless, and mask personal numbers within their texts."""
    kept: dict[str, Any] = {}
    dropped: list[str] = []
    for key, value in event.items():
        if key in _PERSONAL or not (key in _ALLOWED or key.endswith(_ALLOWED_SUFFIXES)):
            dropped.append(key)
        else:
            kept[key] = mask(value)
    if dropped:
        kept["dropped"] = sorted(dropped)
    return kept


def mask(value: Any) -> Any:  # Any: a log field may be any JSON value
    """Return the value with every 9- or 12-digit number in its texts replaced."""
    if isinstance(value, str):
        return _NUMBER_OF_A_PERSON.sub("[number]", value)
    if isinstance(value, dict):
        return drop_personal_keys(None, "", value)
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(item) for item in value]
    return value


def add_trace(_logger: object, _method: str, event: Event) -> Event:
    """Add the ids of the current span."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = format(context.trace_id, "032x")
        event["span_id"] = format(context.span_id, "016x")
    return event


def describe_exception(_logger: object, _method: str, event: Event) -> Event:
    """Replace `exc_info` by type, frames and, where it cannot quote data, the message."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    failure = info[1] if isinstance(info, tuple) else info
    if isinstance(failure, BaseException):
        event["error_type"] = f"{type(failure).__module__}.{type(failure).__qualname__}"
        event["frames"] = [
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(failure.__traceback__)[-20:]
        ]
        if isinstance(failure, _SAFE_MESSAGES):
            event["error"] = str(failure)[:500]
    return event


def _render(_logger: object, _method: str, event: Event) -> str:
    return orjson.dumps(event, default=str).decode()


def configure(*, service: str, level: str) -> None:
    """Send everything, the libraries' own lines included, to standard output as one JSON object per line."""

    def add_service(_logger: object, _method: str, event: Event) -> Event:
        event["service"] = service
        return event

    shared: list[Callable[..., Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        add_trace,
        describe_exception,
        drop_personal_keys,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    _access.service, _access.enabled, _access.stream = service, level in ("debug", "info"), sys.stdout
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = name != "uvicorn.access"
    for name in (
        "httpx2",
        "httpcore2",
        "asyncio",
        "nats",
        "sqlalchemy",
        "alembic",
        "opentelemetry",
        "uvicorn.error",
    ):
        logging.getLogger(name).setLevel("WARNING")


def access_line(
    *,
    method: str,
    route: str,
    status: int,
    duration_ms: float,
    request_id: str,
    trace_id: str | None,
    actor: Any,  # Any: chassis.auth.Actor or None; importing it would be a circle
    code: str | None,
) -> None:
    """Write one line per request, past the processors: its fields are fixed, and it runs on every request."""
    if _access.enabled:
        line: dict[str, object] = {
            "event": "http.request",
            "level": "info",
            "timestamp": datetime.now(UTC).isoformat(),
            "service": _access.service,
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": duration_ms,
            "request_id": mask(request_id),
            "trace_id": trace_id,
        }
        if actor is not None:
            line |= {"kind": actor.kind, "client_id": actor.client_id}
        if code is not None:
            line["code"] = code
        _access.stream.write(orjson.dumps(line).decode() + "\n")


class _Access:
    """Whether request lines are written, and for which service; set by `configure`."""

    enabled = False
    service = ""
    stream: TextIO = sys.stdout


_access = _Access()
