"""What the FHIR interface can do, told the way FHIR's clients ask (`GET /fhir/R4/metadata`)."""

from health_book.fhir.json_text import Json
from health_book.fhir.search import SEARCHABLE
from health_book.fhir.structure import structure

_TYPES = {
    "date": "date",
    "onset-date": "date",
    "recorded-date": "date",
    "authoredon": "date",
    "authored": "date",
    "encounter": "reference",
    "patient": "reference",
    "subject": "reference",
}
SINCE = "2026-11-23"


def capability_statement(base_url: str, public_url: str) -> Json:
    """Return the CapabilityStatement of the interface at `base_url`.

    Source: FHIR R4, CapabilityStatement; SMART App Launch (security service).
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": SINCE,
        "kind": "instance",
        "software": {"name": "Liên Thông"},
        "implementation": {"description": "Sổ sức khỏe điện tử (health book)", "url": base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "service": [
                        {
                            "coding": [
                                {
                                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                                    "code": "SMART-on-FHIR",
                                }
                            ]
                        }
                    ],
                    "description": f"OAuth 2.0: {public_url}/.well-known/openid-configuration",
                },
                "resource": [_resource(kind) for kind in sorted(structure().resources - {"Bundle"})],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


def _resource(kind: str) -> Json:
    described: Json = {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "vread"}, {"code": "search-type"}],
        "versioning": "versioned",
        "conditionalCreate": True,
        "searchParam": [
            {"name": name, "type": _TYPES.get(name, "token")}
            for name in ("_id", "identifier", "patient", "subject", *SEARCHABLE.get(kind, ()))
        ],
    }
    if kind == "Patient":
        definition = "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"
        described["operation"] = [{"name": "summary", "definition": definition}]
    return described
