"""Every generated file of `proto/`, as text: what `make contracts` writes and `make check` compares."""

import json
from pathlib import Path
from typing import Any

from contracts.catalogue import EVENTS
from contracts.documents import asyncapi, event_schema
from deploy.contracts import catalogue_page
from deploy.contracts.http_snapshots import snapshots

GENERATED = ("schemas/events/*.json", "schemas/http/*.json", "asyncapi.json")


def documents() -> dict[str, dict[str, Any]]:
    """Return the generated JSON documents by their file under `proto/`."""
    found = {f"schemas/events/{entry.subject}.json": event_schema(entry) for entry in EVENTS}
    found |= {f"schemas/http/{service}.v1.json": document for service, document in snapshots().items()}
    found["asyncapi.json"] = asyncapi()
    return found


def texts(proto: Path, built: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the text of every generated file under `proto`: the documents and the page with the table."""
    found = {file: as_text(document) for file, document in built.items()}
    found["README.md"] = catalogue_page.with_events((proto / "README.md").read_text("utf-8"))
    return found


def as_text(document: dict[str, Any]) -> str:
    """Return a document as it is committed: readable, in UTF-8, ending in a newline."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def leftovers(proto: Path, built: dict[str, dict[str, Any]]) -> list[str]:
    """Return the files under `proto` that were generated once and are generated no longer."""
    there = {str(file.relative_to(proto)) for pattern in GENERATED for file in proto.glob(pattern)}
    return sorted(there - built.keys())
