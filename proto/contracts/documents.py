"""The contracts of events as documents: a JSON Schema per event and one AsyncAPI 3 document of all.

Built from the classes and the catalogue, so that they cannot say anything else than the code. The generator
writes them beside this package for readers; the gateway serves the AsyncAPI document under `/asyncapi.json`.
"""

from collections.abc import Iterable
from typing import Any

from contracts.catalogue import EVENTS, SERVICES, EventEntry, dead_letter_subject
from contracts.envelope import BaseEvent, Envelope

Document = dict[str, Any]

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
ALWAYS_PRESENT = ("specversion", "datacontenttype")


def event_schema(entry: EventEntry) -> Document:
    """Return the JSON Schema (2020-12) of one event as it is published: envelope and data."""
    definitions: Document = {}
    schema = _message(entry.event, "#/$defs/{model}", definitions)
    return {
        "$schema": SCHEMA_DIALECT,
        "$id": f"urn:lienthong:event:{entry.subject}",
        **schema,
        "title": f"{entry.event.__name__} in its envelope",
        "description": entry.meaning,
        "$defs": dict(sorted(definitions.items())),
    }


def asyncapi(events: Iterable[EventEntry] = EVENTS) -> Document:
    """Return the AsyncAPI 3.0 document: a channel per subject, an operation per producer and consumer."""
    definitions: Document = {}
    channels: Document = {}
    messages: Document = {}
    operations: Document = {}
    for entry in sorted(events, key=lambda entry: entry.subject):
        name = entry.event.__name__
        messages[name] = _asyncapi_message(entry)
        definitions[f"{name}Message"] = _message(entry.event, "#/components/schemas/{model}", definitions)
        channels[name] = {
            "address": entry.subject,
            "title": name,
            "description": f"{entry.meaning} {_kept(entry)}",
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        }
        operations |= _operations(entry)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Liên Thông: events",
            "version": "1.0.0",
            "description": (
                "Thin, versioned CloudEvents 1.0 in structured JSON on NATS JetStream, at least once, "
                "in order per `subject`. Data carries identifiers, state names and links; whoever needs more "
                "asks the owner. Unknown fields are to be ignored."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0.html"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": dict(sorted(operations.items())),
        "components": {
            "messages": messages,
            "schemas": dict(sorted(definitions.items())),
        },
    }


def _message(event: type[BaseEvent], reference: str, definitions: Document) -> Document:
    """Return the schema of the envelope around `event`, adding the schemas it refers to."""
    data = event.model_json_schema(ref_template=reference)
    definitions |= data.pop("$defs", {})
    definitions[event.__name__] = data
    schema = Envelope.model_json_schema(ref_template=reference)
    properties = schema["properties"]
    properties["source"] |= {"const": event.source}
    properties["type"] |= {"const": event.event_type}
    properties["data"] = {"$ref": reference.format(model=event.__name__)}
    # An absent CloudEvents attribute is left out, never null.
    properties["traceparent"] = {
        "type": "string",
        "title": "Traceparent",
        "description": properties["traceparent"]["description"],
    }
    for name in ALWAYS_PRESENT:
        properties[name].pop("default")
    schema["required"] = [name for name in properties if name != "traceparent"]
    return schema


def _asyncapi_message(entry: EventEntry) -> Document:
    name = entry.event.__name__
    return {
        "name": name,
        "title": name,
        "summary": entry.meaning,
        "contentType": "application/cloudevents+json",
        "headers": {
            "type": "object",
            "required": ["Nats-Msg-Id"],
            "properties": {
                "Nats-Msg-Id": {"type": "string", "format": "uuid", "description": "The event's id."},
                "traceparent": {"type": "string", "description": "W3C trace context of the cause."},
            },
        },
        "payload": {"$ref": f"#/components/schemas/{name}Message"},
    }


def _operations(entry: EventEntry) -> Document:
    """Return who sends the event and who receives it, each as an operation named after the service."""
    name = entry.event.__name__
    channel = {"$ref": f"#/channels/{name}"}
    message = [{"$ref": f"#/channels/{name}/messages/{name}"}]
    found: Document = {
        f"{entry.producer}.send{name}": {
            "action": "send",
            "channel": channel,
            "messages": message,
            "summary": f"{entry.producer} publishes from its outbox until the stream has it.",
        }
    }
    for consumer in entry.consumers:
        dead = dead_letter_subject(*consumer.split(".", 1))
        found[f"{consumer}.receive{name}"] = {
            "action": "receive",
            "channel": channel,
            "messages": message,
            "summary": f"{consumer} applies it once; what it cannot apply goes to `{dead}`.",
        }
    if entry.broadcast:
        found[f"every-process.receive{name}"] = {
            "action": "receive",
            "channel": channel,
            "messages": message,
            "summary": f"Each process follows it from memory: gateway, {', '.join(SERVICES)}.",
        }
    return found


def _kept(entry: EventEntry) -> str:
    return f"Kept on stream `{entry.stream}` for {entry.retention.days} days."
