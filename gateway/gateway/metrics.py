"""Figures of the edge, beside those that every process has (`chassis.metrics`)."""

from prometheus_client import Counter, Gauge

UPSTREAM_FAILURES = Counter(
    "lienthong_gateway_upstream_failures_total",
    "Services that did not answer properly.",
    ("upstream", "reason"),
)
UPSTREAM_RETRIES = Counter(
    "lienthong_gateway_upstream_retries_total", "Safe requests sent a second time.", ("upstream",)
)
UPSTREAM_CONNECTIONS = Gauge(
    "lienthong_gateway_upstream_connections", "Open connections to a service.", ("upstream", "state")
)
BREAKER_STATE = Gauge(
    "lienthong_gateway_breaker_state",
    "1 for the state that the breaker of a service is in.",
    ("upstream", "state"),
)
RATE_LIMITED = Counter("lienthong_gateway_rate_limited_total", "Requests over a quota.", ("quota",))
SHED = Counter("lienthong_gateway_shed_total", "Requests refused because too many were in progress.")
QUOTA_KEYS = Gauge("lienthong_gateway_quota_keys", "Callers whose quota is being counted.")
