"""Secrets and signatures of webhooks. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"


def secret_of(random: bytes) -> str:
    """Return a secret as its receiver gets it, from 24 to 64 random bytes.

    Source: decision 0019 (Standard Webhooks, section "Symmetric signatures").
    """
    if not 24 <= len(random) <= 64:
        raise ValueError("a secret has 24 to 64 bytes")
    return PREFIX + base64.b64encode(random).decode()


def signature_of(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature` header: one `v1,…` per valid secret, so a rotation breaks nobody.

    Source: decision 0019 (Standard Webhooks, section "Signature scheme").
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix(PREFIX)) for secret in secrets]
    macs = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
    return " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs)
