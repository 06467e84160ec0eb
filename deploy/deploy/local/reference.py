"""Reference data that comes from outside: what the sandbox's courts and police hold, sent at every start.

Sent and not written into a database: it takes the way of real data, token and signature included, and what
was sent before changes nothing.
"""

import time

import httpx2

TRY_SECONDS = 60.0
PAUSE_SECONDS = 0.5


class NotLoaded(Exception):
    """The sources could not hand over what they hold; the message says what was answered."""


def load(sandbox_url: str, *, seconds: float = TRY_SECONDS) -> None:
    """Let the sandbox's sources send everything. Idempotent.

    Raises: NotLoaded when that does not succeed within `seconds`.
    """
    end = time.monotonic() + seconds
    with httpx2.Client(trust_env=False, timeout=60.0) as client:
        while True:
            fault = _fault_of(client, f"{sandbox_url}/sandbox/api/courts/deliveries")
            if fault is None:
                return
            if time.monotonic() > end:
                raise NotLoaded(fault)
            time.sleep(PAUSE_SECONDS)


def _fault_of(client: httpx2.Client, url: str) -> str | None:
    try:
        answer = client.post(url)
        if answer.status_code != 200:
            return f"{answer.status_code} {answer.text[:200]}"
        refused = [one for one in answer.json()["sent"] if one["status"] not in (200, 201)]
        rejected = [item for one in answer.json()["sent"] for item in one["answer"].get("rejected", ())]
    except (httpx2.HTTPError, ValueError, KeyError) as failure:
        return type(failure).__name__
    if refused:
        return f"{refused[0]['path']} {refused[0]['status']} {refused[0]['answer'].get('code')}"
    return f"{len(rejected)} documents rejected" if rejected else None
