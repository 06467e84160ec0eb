"""`var/run/status.json`: what runs, for the command line, tests, and the next launcher."""

import json
import os
from datetime import UTC, datetime
from typing import Any

from deploy.local.layout import Layout, write_private
from deploy.local.leftovers import ProcessRecord
from deploy.local.supervisor import Part


def write(layout: Layout, public_url: str, parts: list[Part]) -> None:
    """Write the state of every part. The launcher's own record tells a reader if it lives."""
    launcher = ProcessRecord.of("launcher", os.getpid())
    status = {
        "public_url": public_url,
        "written_at": datetime.now(UTC).isoformat(),
        "launcher": launcher.as_json() if launcher else None,
        "processes": [_process(part) for part in parts],
    }
    write_private(layout.status, json.dumps(status, indent=2))


def read(layout: Layout) -> dict[str, Any] | None:
    """The last written state, or None when nothing was ever started (or the file is not readable as one)."""
    try:
        status = json.loads(layout.status.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return status if isinstance(status, dict) else None


def recorded(status: dict[str, Any] | None) -> list[ProcessRecord]:
    """The process records of a state, in the order of starting."""
    processes = status["processes"] if status else []
    return [ProcessRecord.from_json(entry["record"]) for entry in processes if entry.get("record")]


def is_launcher_running(status: dict[str, Any] | None) -> bool:
    """Whether the launcher that wrote this state still runs."""
    if not status or not status.get("launcher"):
        return False
    return ProcessRecord.from_json(status["launcher"]).find() is not None


def _process(part: Part) -> dict[str, Any]:
    process = part.server.process
    return {
        "name": part.name,
        "address": part.address,
        "state": part.state,
        "pid": process.pid if process is not None and process.is_running else None,
        "metrics": f"http://127.0.0.1:{part.metrics_port}/metrics" if part.metrics_port else None,
        "log": str(part.server.log_file),
        "restarts": part.restarts,
        "record": part.record.as_json() if part.record and part.state != "down" else None,
    }
