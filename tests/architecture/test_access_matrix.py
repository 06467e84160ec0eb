"""Every route of every service, refused to everybody whom its rule does not name, before anything is read.

The rules are written out here once more, on purpose: whoever opens a route wider changes two files. Whose
rows an admitted caller sees is tested beside each service.
"""

from collections.abc import AsyncIterator, Mapping
from typing import get_args

import httpx2
import pytest

from chassis import testing
from chassis.access import AccessRule, access_table
from chassis.auth import Kind, StaticKeys, TokenVerifier
from contracts.catalogue import SERVICES
from deploy.contracts.http_snapshots import PUBLIC_URL
from tests.architecture.applications import applications

CITIZEN = "audience=public kinds=citizen"
BOOK = f"{CITIZEN} scope=health.read acr=2 rows=own"
APPLICANT = f"{CITIZEN} scope=judicial.apply acr=2 rows=own"
JUDICIAL_OFFICE = (
    "audience=public kinds=staff roles=judicial_leader,judicial_officer scope=judicial.work rows=organisation"
)
DOSSIER_STAFF = (
    "audience=public kinds=staff roles=dossier_leader,dossier_officer,receiving_desk"
    " scope=dossier.work rows=organisation"
)
FILER = "audience=public kinds=citizen,company scope=dossier.file rows=own"
CONVICTION_SOURCE = "audience=public kinds=system scope=judicial.convictions rows=organisation"
FACILITY = "audience=public kinds=system scope=health.submit rows=facility"
FHIR = "audience=public kinds=citizen,system scope=health.read(citizen),system/*.read(system) acr=2 rows=own"
OPERATOR = "audience=public kinds=staff roles=operator scope=ops rows=any"
PORTAL = "audience=public kinds=system scope=portal.exchange rows=own"
PORTAL_ANY = "audience=public kinds=system scope=portal.exchange rows=any"
WEBHOOKS = "audience=public kinds=system scope=webhooks.manage rows=own"

EXPECTED: Mapping[str, Mapping[str, str]] = {
    "identity": {
        "GET /.well-known/openid-configuration": "public",
        "GET /oauth2/jwks": "public",
        "GET /oauth2/authorize": "public",
        "POST /oauth2/authorize": "public",
        "GET /oauth2/callback/vneid": "public",
        "GET /oauth2/staff": "public",
        "POST /oauth2/staff": "public",
        "POST /oauth2/token": "public",
        "POST /oauth2/revoke": "public",
        "GET /oauth2/userinfo": f"{CITIZEN},staff scope=openid rows=own",
        "POST /oauth2/userinfo": f"{CITIZEN},staff scope=openid rows=own",
        "GET /v1/me": f"{CITIZEN} rows=own",
        "PATCH /v1/me": f"{CITIZEN} rows=own",
        "GET /v1/me/acting-for": f"{CITIZEN} rows=own",
        "GET /v1/me/notifications": f"{CITIZEN} rows=own",
        "POST /v1/me/notifications/{notification_id}/read": f"{CITIZEN} rows=own",
        "POST /internal/v1/person-resolutions": (
            "audience=internal kinds=service scope=people.resolve rows=any"
        ),
        "POST /internal/v1/person-facts": "audience=internal kinds=service scope=people.read rows=any",
        "POST /internal/v1/organisation-facts": "audience=internal kinds=service scope=people.read rows=any",
        "GET /internal/v1/clients/{client_id}/keys": (
            "audience=internal kinds=service scope=clients.read rows=any"
        ),
    },
    "health-book": {
        "POST /v1/facility-submissions": FACILITY,
        "GET /v1/facility-submissions/{submission_id}": FACILITY,
        "GET /v1/facility-submissions/{submission_id}/original": FACILITY,
        "GET /v1/me/health-book": BOOK,
        "GET /v1/me/health-book/visits": BOOK,
        "GET /v1/me/health-book/visits/{visit_id}": BOOK,
        "GET /v1/me/access-log": BOOK,
        "GET /fhir/R4/metadata": "public",
        "POST /fhir/R4": "audience=public kinds=system scope=system/*.write rows=facility",
        "GET /fhir/R4/{kind}/{resource_id}/$summary": FHIR,
        "GET /fhir/R4/{kind}": FHIR,
        "POST /fhir/R4/{kind}/_search": FHIR,
        "GET /fhir/R4/{kind}/{resource_id}": FHIR,
        "GET /fhir/R4/{kind}/{resource_id}/_history/{version}": FHIR,
    },
    "judicial-record": {
        "POST /v1/me/judicial-record-applications": APPLICANT,
        "GET /v1/me/judicial-record-applications": APPLICANT,
        "GET /v1/me/judicial-record-applications/{application_id}": APPLICANT,
        "POST /v1/me/judicial-record-applications/{application_id}/payments": APPLICANT,
        "GET /v1/me/judicial-record-applications/{application_id}/payments": APPLICANT,
        "POST /v1/me/judicial-record-applications/{application_id}/withdrawal": APPLICANT,
        "POST /v1/me/judicial-record-applications/{application_id}/supplements": APPLICANT,
        "POST /v1/judicial-record-payments/notices": "public",
        "GET /v1/me/judicial-record-applications/{application_id}/certificate.pdf": APPLICANT,
        "GET /v1/me/judicial-record-applications/{application_id}/interim-status": APPLICANT,
        "POST /v1/certificate-verifications": "public",
        "POST /v1/certificates/{number}/revocation": (
            "audience=public kinds=staff roles=judicial_leader scope=judicial.work rows=organisation"
        ),
        "GET /v1/judicial-record-applications": JUDICIAL_OFFICE,
        "GET /v1/judicial-record-applications/{application_id}": JUDICIAL_OFFICE,
        "POST /v1/judicial-record-applications/{application_id}/actions": JUDICIAL_OFFICE,
        "GET /v1/judicial-record-applications/{application_id}/record": JUDICIAL_OFFICE,
        "POST /v1/convictions": CONVICTION_SOURCE,
        "GET /v1/conviction-sources/{code}/coverage": CONVICTION_SOURCE,
        "PUT /v1/conviction-sources/{code}/coverage": CONVICTION_SOURCE,
        "GET /internal/v1/portal-dossiers/{application_id}": (
            "audience=internal kinds=service scope=portal.read rows=any"
        ),
    },
    "dossier": {
        "GET /v1/procedures": "public",
        "GET /v1/portal/procedures": PORTAL_ANY,
        "GET /v1/procedures/{code}": "public",
        "PUT /v1/procedures/{code}": (
            "audience=public kinds=staff roles=catalogue_owner scope=catalogue.write rows=any"
        ),
        "POST /v1/me/dossiers": FILER,
        "GET /v1/me/dossiers": FILER,
        "GET /v1/me/dossiers/{dossier_id}": FILER,
        "PATCH /v1/me/dossiers/{dossier_id}": FILER,
        "DELETE /v1/me/dossiers/{dossier_id}": FILER,
        "PUT /v1/me/dossiers/{dossier_id}/attachments/{slot}": FILER,
        "GET /v1/me/dossiers/{dossier_id}/attachments/{slot}": FILER,
        "DELETE /v1/me/dossiers/{dossier_id}/attachments/{slot}": FILER,
        "POST /v1/me/dossiers/{dossier_id}/attachments/{slot}/document": FILER,
        "POST /v1/me/dossiers/{dossier_id}/submission": FILER,
        "GET /v1/me/dossiers/{dossier_id}/receipt.pdf": FILER,
        "GET /v1/me/documents": FILER,
        "GET /internal/v1/portal-dossiers/{dossier_id}": (
            "audience=internal kinds=service scope=portal.read rows=any"
        ),
        "GET /v1/me/dossiers/{dossier_id}/history": FILER,
        "POST /v1/me/dossiers/{dossier_id}/withdrawal": FILER,
        "DELETE /v1/me/dossiers/{dossier_id}/withdrawal": FILER,
        "POST /v1/me/dossiers/{dossier_id}/rating": FILER,
        "POST /v1/dossier-trackings": "public",
        "GET /v1/me/dossiers/{dossier_id}/supplements": FILER,
        "POST /v1/me/dossiers/{dossier_id}/supplements": FILER,
        "GET /v1/me/dossiers/{dossier_id}/payments": FILER,
        "POST /v1/me/dossiers/{dossier_id}/payments": FILER,
        "GET /v1/me/dossiers/{dossier_id}/results": FILER,
        "GET /v1/me/dossiers/{dossier_id}/results/{result_id}/document": FILER,
        "GET /v1/me/dossiers/{dossier_id}/slips": FILER,
        "GET /v1/me/dossiers/{dossier_id}/slips/{kind}/{number}": FILER,
        "POST /v1/dossier-payments/notices": "public",
        "GET /v1/inbox": DOSSIER_STAFF,
        "GET /v1/dossiers/{dossier_id}": DOSSIER_STAFF,
        "POST /v1/dossiers/{dossier_id}/actions": DOSSIER_STAFF,
        "POST /v1/dossiers": (
            "audience=public kinds=staff roles=receiving_desk scope=dossier.work rows=organisation"
        ),
        "POST /v1/dossiers/{dossier_id}/supplements": (
            "audience=public kinds=staff roles=receiving_desk scope=dossier.work rows=organisation"
        ),
        "GET /v1/dossiers/{dossier_id}/results/{result_id}/document": DOSSIER_STAFF,
        "GET /v1/public/statistics": "public",
    },
    "national-portal-sync": {
        "GET /v1/sync/deliveries": OPERATOR,
        "POST /v1/sync/deliveries/{delivery_id}/replay": OPERATOR,
        "GET /v1/sync/peers": OPERATOR,
        "GET /v1/sync/reconciliations": OPERATOR,
        "POST /v1/sync/reconciliations": OPERATOR,
        "POST /v1/portal/dossiers": PORTAL,
        "POST /v1/portal/dossier-statuses": PORTAL,
        "GET /v1/portal/dossiers/{code}": PORTAL,
        "GET /internal/v1/inbound-dossiers/{inbound_id}": (
            "audience=internal kinds=service scope=inbound.read rows=any"
        ),
        "GET /v1/webhook-endpoints": WEBHOOKS,
        "POST /v1/webhook-endpoints": WEBHOOKS,
        "GET /v1/webhook-endpoints/{endpoint_id}": WEBHOOKS,
        "DELETE /v1/webhook-endpoints/{endpoint_id}": WEBHOOKS,
        "POST /v1/webhook-endpoints/{endpoint_id}/activation": WEBHOOKS,
        "POST /v1/webhook-endpoints/{endpoint_id}/secret-rotations": WEBHOOKS,
        "POST /v1/webhook-endpoints/{endpoint_id}/pings": WEBHOOKS,
        "GET /v1/webhook-endpoints/{endpoint_id}/deliveries": WEBHOOKS,
        "POST /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay": WEBHOOKS,
    },
}
OF_THE_CHASSIS = {"GET /healthz", "GET /readyz", "GET /openapi.json"}
SOME_ID = "019ac1de-5ef2-7b04-8a11-6d3c9e0f5a21"


def rules(service: str) -> dict[str, str]:
    """Return the rule of each route; of an open one only that it is open, not why."""
    table = {
        f"{entry.method} {entry.path}": str(entry.rule).partition(":")[0]
        for entry in access_table(applications()[service])
    }
    return {route: rule for route, rule in table.items() if route not in OF_THE_CHASSIS}


def guarded() -> list[tuple[str, str, str, AccessRule]]:
    """Return (service, method, path, rule) of every route that asks for a token."""
    return [
        (service, entry.method, entry.path, entry.rule)
        for service in SERVICES
        for entry in access_table(applications()[service])
        if isinstance(entry.rule, AccessRule)
    ]


GUARDED = pytest.mark.parametrize(
    ("service", "method", "path", "rule"),
    guarded(),
    ids=lambda value: value if isinstance(value, str) else "",
)


@pytest.fixture
async def client(service: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an app that has opened nothing: a route that read before it refused would fail here."""
    app = applications()[service]
    own_verifier = app.state.verifier
    app.state.verifier = TokenVerifier(
        StaticKeys({"keys": [testing.SIGNING_KEY.public_jwk()]}),
        issuer=testing.PUBLIC_URL,
        audience=(PUBLIC_URL, f"urn:lienthong:{service}"),
    )
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=testing.PUBLIC_URL) as made:
        yield made
    app.state.verifier = own_verifier


async def ask(
    client: httpx2.AsyncClient, method: str, path: str, token: str | None
) -> tuple[int, str | None]:
    """Return status and code; no code where the answer is in the shape of OAuth 2.0 (RFC 6750)."""
    parts = [SOME_ID if part.startswith("{") else part for part in path.split("/")]
    headers = {"idempotency-key": "matrix", **(testing.bearer(token) if token else {})}
    answer = await client.request(method, "/".join(parts), headers=headers)
    document = answer.json()
    if document.get("resourceType") == "OperationOutcome":
        return answer.status_code, document["issue"][0]["details"]["coding"][0]["code"]
    return answer.status_code, document.get("code")


def refusal(path: str, status: int, code: str) -> tuple[int, str | None]:
    return status, None if path.startswith("/oauth2/") else code


def fitting(rule: AccessRule, service: str, **changes: object) -> str:
    """Return a token that the rule admits, but for what is changed."""
    fields: dict[str, object] = {
        "kind": sorted(rule.kinds)[0],
        "scopes": [rule.scope] if rule.scope else [],
        "roles": sorted(rule.roles),
        "level": 2,
        "organisation": "99999",
        "audience": PUBLIC_URL if rule.audience == "public" else f"urn:lienthong:{service}",
    }
    return testing.make_token(**(fields | changes))


@pytest.mark.parametrize("service", SERVICES)
def test_rules_are_the_ones_written_here(service: str) -> None:
    assert rules(service) == EXPECTED[service]


@GUARDED
async def test_nobody_enters_without_a_token(
    client: httpx2.AsyncClient, service: str, method: str, path: str, rule: AccessRule
) -> None:
    assert await ask(client, method, path, None) == refusal(path, 401, "token_missing")


@GUARDED
async def test_forged_token_is_refused(
    client: httpx2.AsyncClient, service: str, method: str, path: str, rule: AccessRule
) -> None:
    claims = testing.make_claims(kind=sorted(rule.kinds)[0], scopes=[rule.scope or ""])
    forged = testing.sign_claims(claims, key=testing.OTHER_KEY)

    assert await ask(client, method, path, forged) == refusal(path, 401, "token_invalid")


@GUARDED
async def test_token_for_another_audience_is_refused(
    client: httpx2.AsyncClient, service: str, method: str, path: str, rule: AccessRule
) -> None:
    other = f"urn:lienthong:{service}" if rule.audience == "public" else PUBLIC_URL
    for audience in (other, "urn:lienthong:another-service"):
        assert await ask(client, method, path, fitting(rule, service, audience=audience)) == refusal(
            path, 401, "token_invalid"
        )


@GUARDED
async def test_expired_token_is_refused(
    client: httpx2.AsyncClient, service: str, method: str, path: str, rule: AccessRule
) -> None:
    token = fitting(rule, service, expires_in_seconds=-60)

    assert await ask(client, method, path, token) == refusal(path, 401, "token_expired")


@GUARDED
async def test_other_kinds_of_callers_are_refused(
    client: httpx2.AsyncClient, service: str, method: str, path: str, rule: AccessRule
) -> None:
    for kind in sorted(set(get_args(Kind)) - rule.kinds):
        token = fitting(rule, service, kind=kind)
        assert await ask(client, method, path, token) == refusal(path, 403, "role_missing"), kind


@GUARDED
async def test_scope_and_level_are_asked_for(
    client: httpx2.AsyncClient, service: str, method: str, path: str, rule: AccessRule
) -> None:
    if rule.scope:
        token = fitting(rule, service, scopes=["another.scope"])
        assert await ask(client, method, path, token) == refusal(path, 403, "scope_missing")
    if rule.acr == 2:
        token = fitting(rule, service, level=1)
        assert await ask(client, method, path, token) == refusal(
            path, 401, "insufficient_user_authentication"
        )
