"""The provider's metadata (OpenID Connect Discovery 1.0, RFC 8414): what is served and nothing else."""

from typing import Any

from identity.clients.rules import CITIZEN_SCOPES
from identity.sign_in.rules import LEVELS
from identity.staff.rules import STAFF_ACR, STAFF_SCOPES
from identity.tokens.exchange import GRANT as EXCHANGE


def metadata(issuer: str) -> dict[str, Any]:  # Any: JSON members
    """Return the discovery document of an issuer."""
    authentication = ["none", "private_key_jwt"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", EXCHANGE],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": authentication,
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "revocation_endpoint_auth_methods_supported": authentication,
        "revocation_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "scopes_supported": sorted(CITIZEN_SCOPES | STAFF_SCOPES),
        "acr_values_supported": [*LEVELS, STAFF_ACR],
        "claims_supported": [
            "acr", "auth_time", "birthdate", "gender", "iss", "locale", "name", "nonce", "personal_id", "sid",
            "sub",
        ],
        "ui_locales_supported": ["vi", "en"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }  # fmt: skip
