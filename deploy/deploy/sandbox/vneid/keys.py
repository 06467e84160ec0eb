"""VNeID's signing keys: made once, kept in the sandbox's folder, public halves in the JWKS.

ES256 is what our own identity service takes; RS256 stands beside it because OpenID Connect obliges every
provider to offer it, and foreign clients ask for it by default.
"""

import json
import os
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

ALGORITHMS = ("ES256", "RS256")


class SigningKeys:
    """One key for each algorithm."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            made: list[ECKey | RSAKey] = [
                ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True),
                RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True),
            ]
            content = json.dumps({"keys": [key.as_dict(private=True) for key in made]})
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(content)
            new.rename(path)
        keys = KeySet.import_key_set(json.loads(path.read_text()))
        self._by_algorithm = {str(key.as_dict(private=False)["alg"]): key for key in keys.keys}

    def jwks(self) -> dict[str, Any]:
        """Return the public keys."""
        return {"keys": [key.as_dict(private=False) for key in self._by_algorithm.values()]}

    def sign(self, claims: dict[str, Any], algorithm: str) -> str:
        key = self._by_algorithm[algorithm]
        return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, algorithms=[algorithm])
