"""Figures that every process shows on its own port, for Prometheus. Labels are bounded: route templates,
never paths.
"""

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest

REQUEST_SECONDS = Histogram(
    "lienthong_http_request_seconds",
    "Time from the first byte of a request to the last byte of its answer.",
    ("method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
REQUESTS_IN_FLIGHT = Gauge("lienthong_http_requests_in_flight", "Requests being answered now.")
PROBLEMS = Counter("lienthong_http_problems_total", "Problem answers by code.", ("code",))
TIMER_RUNS = Counter("lienthong_timer_runs_total", "Runs of a timer by outcome.", ("timer", "outcome"))
LEGAL_CLOCK_OFFSET = Gauge(
    "lienthong_legal_clock_offset_seconds",
    "How far legal time is ahead of real time; moved in the sandbox only.",
)
READY = Gauge("lienthong_ready", "1 while the process takes work, 0 while it starts or drains.")

_children: dict[tuple[str, str, int], Histogram] = {}


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer; `route` is a template, so that the labels stay few."""
    key = (method, route, status)
    child = _children.get(key)
    if child is None:
        child = _children[key] = REQUEST_SECONDS.labels(*key)
    child.observe(seconds)


CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """Return all figures of the process in Prometheus's text format."""
    return generate_latest(REGISTRY)
