"""Signatures that the public library of Standard Webhooks accepts, and refuses when anything differs."""

import json
import time
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook, WebhookVerificationError

from chassis.ids import new_id
from national_portal_sync.webhooks.messages import PublicStatus, status_message
from national_portal_sync.webhooks.rules import secret_of, signature_of
from tests.support.judges import run_judge

SECRET = secret_of(bytes(range(32)))
BODY = b'{"a": 1}'


def headers(secrets: list[str], *, at: int | None = None) -> dict[str, str]:
    moment = at if at is not None else int(time.time())
    return {
        "webhook-id": "msg",
        "webhook-timestamp": str(moment),
        "webhook-signature": signature_of(secrets, "msg", moment, BODY),
    }


def test_library_accepts_our_signature() -> None:
    assert Webhook(SECRET).verify(BODY, headers([SECRET])) == {"a": 1}


def test_either_secret_of_a_rotation_is_enough() -> None:
    other = secret_of(bytes(32))
    for known in (SECRET, other):
        assert Webhook(known).verify(BODY, headers([other, SECRET]))


def test_altered_body_and_old_signature_are_refused() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(b'{"a": 2}', headers([SECRET]))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers([SECRET], at=int(time.time()) - 3600))


def test_javascript_library_accepts_our_message_and_refuses_an_altered_and_an_old_one() -> None:
    at, now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC), int(time.time())
    status = PublicStatus("dossier", "G18-20261123-0000001", "1.002088", 2, 3, at)
    message = status_message(new_id(), status, "https://lienthong.example")
    body = json.dumps(message, ensure_ascii=False)

    def given(text: str, moment: int, secrets: list[str]) -> dict[str, object]:
        signature = signature_of(secrets, "msg", moment, body.encode())
        sent = {"webhook-id": "msg", "webhook-timestamp": str(moment), "webhook-signature": signature}
        return {"secret": SECRET, "body": text, "headers": sent}

    other = secret_of(bytes(32))
    verdicts = run_judge(
        "webhook.mjs",
        {
            "messages": [
                given(body, now, [SECRET]),
                given(body, now, [other, SECRET]),
                given(body.replace('"number": 2', '"number": 9'), now, [SECRET]),
                given(body, now - 3600, [SECRET]),
                given(body, now, [other]),
            ]
        },
    )

    assert [one["accepted"] for one in verdicts] == [True, True, False, False, False]
    assert verdicts[0]["said"] == message


def test_secret_of_too_few_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="24 to 64"):
        secret_of(b"short")


def test_message_is_a_cloud_event_without_personal_data() -> None:
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    status = PublicStatus("dossier", "G18-20261123-0000001", "1.002088", 2, 3, at)
    message = status_message(new_id(), status, "https://lienthong.example")
    content = {"content-type": "application/cloudevents+json"}

    event = from_http_event(HTTPMessage(content, json.dumps(message).encode()))

    assert event.get_subject() == "G18-20261123-0000001"
    assert event.get_extension("sequence") == "00000000000000000003"
    assert set(message["data"]) == {"kind", "code", "procedure_code", "status", "version", "changed_at"}
