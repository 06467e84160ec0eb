"""The state of NATS's streams and consumers, from its monitoring port, which needs no user."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from contracts import catalogue


@dataclass(frozen=True, slots=True)
class ConsumerState:
    """How far one durable consumer is. `acknowledged` and `last` are positions in its stream."""

    name: str
    stream: str
    messages: int
    last: int
    acknowledged: int
    pending: int

    @property
    def is_caught_up(self) -> bool:
        return self.pending == 0 and self.acknowledged >= self.last


def consumer_states(monitoring_port: int) -> dict[str, ConsumerState]:
    """Return every durable consumer that exists, by `stream/name`; nothing while the server is away."""
    address = f"http://127.0.0.1:{monitoring_port}/jsz?streams=true&consumers=true"
    try:
        with urlopen(address, timeout=5) as answer:
            accounts = json.load(answer).get("account_details", [])
    except (OSError, ValueError):
        return {}
    found = {}
    for account in accounts:
        for stream in account.get("stream_detail") or []:
            for consumer in stream.get("consumer_detail") or []:
                state = _state(stream, consumer)
                found[f"{state.stream}/{state.name}"] = state
    return found


def durable_states(states: dict[str, ConsumerState]) -> tuple[ConsumerState, ...]:
    """Return those of the catalogue's durable consumers; the others live as long as their process."""
    wanted = (f"{durable.stream}/{durable.name}" for durable in catalogue.durables())
    return tuple(states[name] for name in wanted if name in states)


def all_caught_up(states: dict[str, ConsumerState]) -> bool:
    """Whether every durable consumer of the catalogue is there and has acknowledged its part."""
    found = durable_states(states)
    return len(found) == len(catalogue.durables()) and all(state.is_caught_up for state in found)


def _state(stream: dict[str, Any], consumer: dict[str, Any]) -> ConsumerState:
    return ConsumerState(
        name=consumer["name"],
        stream=stream["name"],
        messages=stream["state"]["messages"],
        last=consumer["delivered"]["stream_seq"],
        acknowledged=consumer["ack_floor"]["stream_seq"],
        pending=consumer["num_pending"] + consumer["num_ack_pending"],
    )
