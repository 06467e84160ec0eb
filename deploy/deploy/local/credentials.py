"""Secrets of the local stack, made once and kept: passwords of database roles and NATS users, keys of
clients.

Keys that services use themselves (fields, blind index, tokens) are made by `chassis.keys` in the sandbox
profile.
"""

import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chassis.keys import SigningKey
from deploy.local.layout import write_private


def passwords(file: Path, names: Iterable[str]) -> dict[str, str]:
    """The password of each name, from a file that keeps them; new names get new ones. Idempotent."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(24) for name in missing}
        write_private(file, json.dumps(known, indent=2))
    return known


def client_key(directory: Path, client_id: str) -> dict[str, Any]:
    """The public JWK of a client; its private one is `<directory>/<client_id>.jwk`, made when missing."""
    file = directory / f"{client_id}.jwk"
    if not file.exists():
        write_private(file, json.dumps(SigningKey.generate().private_jwk()))
    return dict(SigningKey.from_file(file).public_jwk())
