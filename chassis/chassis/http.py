"""HTTP clients to other services and to peers: always with time-outs, never following redirects on their
own.
"""

import httpx2
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor

DEFAULT_TIMEOUT = httpx2.Timeout(connect=2.0, read=5.0, write=5.0, pool=2.0)
_LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30.0)


def new_client(
    *,
    base_url: str = "",
    timeout: httpx2.Timeout = DEFAULT_TIMEOUT,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> httpx2.AsyncClient:
    """Return a client that sends `traceparent`; the caller closes it.

    Proxies and credentials of the environment are ignored: what a process may reach is in its settings.
    """
    client = httpx2.AsyncClient(
        base_url=base_url,
        timeout=timeout,
        limits=_LIMITS,
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        headers={"user-agent": "lienthong"},
    )
    HTTPX2ClientInstrumentor.instrument_client(client)
    return client
