"""The routing table: every public path that exists, and nothing else.

Default-deny: a path that stands in no line answers 404, so a service's internal paths cannot leak by
accident, and a path whose service is not built yet is honestly not there. `/internal/…` may never be a line
(checked below).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

KIB = 1024
MIB = 1024 * KIB


class Service(StrEnum):
    """A process behind the gateway."""

    IDENTITY = "identity"
    HEALTH_BOOK = "health-book"
    JUDICIAL_RECORD = "judicial-record"
    DOSSIER = "dossier"
    NATIONAL_PORTAL_SYNC = "national-portal-sync"
    SANDBOX = "sandbox"


class Auth(StrEnum):
    """Who looks at the caller's credentials at the gateway. The service behind always looks again."""

    TOKEN = "token"  # noqa: S105  # the name of a kind, not a secret
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table.

    `path` has `{name}` for one segment of any text; a final `/*` takes everything below. `cookies`: whether
    the Cookie header goes on (only where the service keeps browser sessions).
    """

    path: str
    methods: tuple[str, ...]
    service: Service
    auth: Auth = Auth.TOKEN
    max_body_bytes: int = MIB
    read_timeout_seconds: float = 15.0
    total_timeout_seconds: float = 30.0
    cookies: bool = False
    sandbox_only: bool = False

    def is_safe_to_retry(self, method: str) -> bool:
        """Whether a second attempt can do no harm where the first one got no byte of an answer."""
        return method in ("GET", "HEAD")


IDENTITY, HEALTH_BOOK, SANDBOX = Service.IDENTITY, Service.HEALTH_BOOK, Service.SANDBOX
DOSSIER, JUDICIAL_RECORD = Service.DOSSIER, Service.JUDICIAL_RECORD
PORTAL_SYNC = Service.NATIONAL_PORTAL_SYNC

ROUTES: tuple[Route, ...] = (
    # The OpenID Connect provider answers in the shapes of its standards, token errors included.
    Route("/.well-known/openid-configuration", ("GET",), IDENTITY, Auth.NONE),
    Route("/oauth2/jwks", ("GET",), IDENTITY, Auth.NONE),
    Route("/oauth2/authorize", ("GET", "POST"), IDENTITY, Auth.NONE, cookies=True),
    Route("/oauth2/callback/vneid", ("GET",), IDENTITY, Auth.NONE, cookies=True),
    Route("/oauth2/staff", ("GET", "POST"), IDENTITY, Auth.NONE, max_body_bytes=64 * KIB, cookies=True),
    Route("/oauth2/token", ("POST",), IDENTITY, Auth.NONE, max_body_bytes=64 * KIB),
    Route("/oauth2/revoke", ("POST",), IDENTITY, Auth.NONE, max_body_bytes=64 * KIB),
    Route("/oauth2/userinfo", ("GET", "POST"), IDENTITY, Auth.NONE, max_body_bytes=64 * KIB),
    Route("/v1/me", ("GET", "PATCH"), IDENTITY),
    Route("/v1/me/acting-for", ("GET",), IDENTITY),
    Route("/v1/me/notifications", ("GET",), IDENTITY),
    Route("/v1/me/notifications/{notification_id}/read", ("POST",), IDENTITY),
    # A file of many dossiers is read, checked and stored before it is answered.
    Route(
        "/v1/facility-submissions",
        ("POST",),
        HEALTH_BOOK,
        max_body_bytes=20 * MIB,
        read_timeout_seconds=110.0,
        total_timeout_seconds=300.0,
    ),
    Route("/v1/facility-submissions/{submission_id}", ("GET",), HEALTH_BOOK),
    Route(
        "/v1/facility-submissions/{submission_id}/original",
        ("GET",),
        HEALTH_BOOK,
        total_timeout_seconds=120.0,
    ),
    Route("/v1/me/health-book", ("GET",), HEALTH_BOOK),
    Route("/v1/me/health-book/visits", ("GET",), HEALTH_BOOK),
    Route("/v1/me/health-book/visits/{visit_id}", ("GET",), HEALTH_BOOK),
    Route("/v1/me/access-log", ("GET",), HEALTH_BOOK),
    Route("/fhir/R4/metadata", ("GET",), HEALTH_BOOK, Auth.NONE),
    Route(
        "/fhir/R4",
        ("POST",),
        HEALTH_BOOK,
        max_body_bytes=20 * MIB,
        read_timeout_seconds=110.0,
        total_timeout_seconds=300.0,
    ),
    Route("/fhir/R4/{kind}", ("GET",), HEALTH_BOOK),
    Route("/fhir/R4/{kind}/_search", ("POST",), HEALTH_BOOK),
    Route("/fhir/R4/{kind}/{resource_id}", ("GET",), HEALTH_BOOK),
    Route("/fhir/R4/{kind}/{resource_id}/$summary", ("GET",), HEALTH_BOOK),
    Route("/fhir/R4/{kind}/{resource_id}/_history/{version}", ("GET",), HEALTH_BOOK),
    Route("/v1/procedures", ("GET",), DOSSIER, Auth.NONE),
    Route("/v1/procedures/{code}", ("GET",), DOSSIER, Auth.NONE),
    Route("/v1/procedures/{code}", ("PUT",), DOSSIER),
    Route("/v1/me/dossiers", ("GET", "POST"), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}", ("GET", "PATCH", "DELETE"), DOSSIER),
    Route(
        "/v1/me/dossiers/{dossier_id}/attachments/{slot}",
        ("GET", "PUT", "DELETE"),
        DOSSIER,
        max_body_bytes=50 * MIB,
        total_timeout_seconds=120.0,
    ),
    Route("/v1/me/dossiers/{dossier_id}/attachments/{slot}/document", ("POST",), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/submission", ("POST",), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/receipt.pdf", ("GET",), DOSSIER),
    Route("/v1/me/documents", ("GET",), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/history", ("GET",), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/withdrawal", ("POST", "DELETE"), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/rating", ("POST",), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/supplements", ("GET", "POST"), DOSSIER),
    # The platform is asked before this is answered.
    Route("/v1/me/dossiers/{dossier_id}/payments", ("GET", "POST"), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/results", ("GET",), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/results/{result_id}/document", ("GET",), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/slips", ("GET",), DOSSIER),
    Route("/v1/me/dossiers/{dossier_id}/slips/{kind}/{number}", ("GET",), DOSSIER),
    Route("/v1/dossier-payments/notices", ("POST",), DOSSIER, Auth.NONE, max_body_bytes=64 * KIB),
    Route("/v1/inbox", ("GET",), DOSSIER),
    Route("/v1/dossiers", ("POST",), DOSSIER),
    Route("/v1/dossiers/{dossier_id}", ("GET",), DOSSIER),
    Route("/v1/dossiers/{dossier_id}/actions", ("POST",), DOSSIER),
    Route("/v1/dossiers/{dossier_id}/supplements", ("POST",), DOSSIER),
    Route("/v1/dossiers/{dossier_id}/results/{result_id}/document", ("GET",), DOSSIER),
    Route("/v1/public/statistics", ("GET",), DOSSIER, Auth.NONE),
    Route("/v1/dossier-trackings", ("POST",), DOSSIER, Auth.NONE, max_body_bytes=4 * KIB),
    Route("/v1/me/judicial-record-applications", ("GET", "POST"), JUDICIAL_RECORD),
    Route("/v1/me/judicial-record-applications/{application_id}", ("GET",), JUDICIAL_RECORD),
    Route("/v1/me/judicial-record-applications/{application_id}/payments", ("GET", "POST"), JUDICIAL_RECORD),
    Route("/v1/me/judicial-record-applications/{application_id}/withdrawal", ("POST",), JUDICIAL_RECORD),
    Route("/v1/me/judicial-record-applications/{application_id}/supplements", ("POST",), JUDICIAL_RECORD),
    Route("/v1/judicial-record-applications", ("GET",), JUDICIAL_RECORD),
    Route("/v1/judicial-record-applications/{application_id}", ("GET",), JUDICIAL_RECORD),
    Route("/v1/judicial-record-applications/{application_id}/actions", ("POST",), JUDICIAL_RECORD),
    Route("/v1/me/judicial-record-applications/{application_id}/certificate.pdf", ("GET",), JUDICIAL_RECORD),
    Route("/v1/me/judicial-record-applications/{application_id}/interim-status", ("GET",), JUDICIAL_RECORD),
    Route("/v1/certificate-verifications", ("POST",), JUDICIAL_RECORD, Auth.NONE, 5 * MIB),
    Route("/v1/certificates/{number}/revocation", ("POST",), JUDICIAL_RECORD),
    Route("/v1/judicial-record-applications/{application_id}/record", ("GET",), JUDICIAL_RECORD),
    Route("/v1/convictions", ("POST",), JUDICIAL_RECORD),
    Route("/v1/conviction-sources/{code}/coverage", ("GET", "PUT"), JUDICIAL_RECORD),
    # The platform signs its notices and has no token.
    Route("/v1/judicial-record-payments/notices", ("POST",), JUDICIAL_RECORD, Auth.NONE, 64 * KIB),
    Route("/v1/portal/dossiers", ("POST",), PORTAL_SYNC, max_body_bytes=20 * MIB),
    Route("/v1/portal/dossiers/{code}", ("GET",), PORTAL_SYNC),
    Route("/v1/portal/dossier-statuses", ("POST",), PORTAL_SYNC),
    Route("/v1/portal/procedures", ("GET",), DOSSIER),  # who owns the catalogue answers, without a hop
    Route("/v1/sync/deliveries", ("GET",), PORTAL_SYNC),
    Route("/v1/sync/deliveries/{delivery_id}/replay", ("POST",), PORTAL_SYNC),
    Route("/v1/sync/peers", ("GET",), PORTAL_SYNC),
    Route("/v1/sync/reconciliations", ("GET", "POST"), PORTAL_SYNC),
    Route("/v1/webhook-endpoints", ("GET", "POST"), PORTAL_SYNC),
    Route("/v1/webhook-endpoints/{endpoint_id}", ("GET", "DELETE"), PORTAL_SYNC),
    Route("/v1/webhook-endpoints/{endpoint_id}/activation", ("POST",), PORTAL_SYNC),
    Route("/v1/webhook-endpoints/{endpoint_id}/secret-rotations", ("POST",), PORTAL_SYNC),
    Route("/v1/webhook-endpoints/{endpoint_id}/pings", ("POST",), PORTAL_SYNC),
    Route("/v1/webhook-endpoints/{endpoint_id}/deliveries", ("GET",), PORTAL_SYNC),
    Route("/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay", ("POST",), PORTAL_SYNC),
    # The sandbox plays national peers with sign-in pages and interfaces of their own.
    Route(
        "/sandbox",
        ("GET", "POST"),
        SANDBOX,
        Auth.NONE,
        cookies=True,
        sandbox_only=True,
    ),
    Route(
        "/sandbox/*",
        ("GET", "POST", "PUT", "PATCH", "DELETE"),
        SANDBOX,
        Auth.NONE,
        max_body_bytes=20 * MIB,
        cookies=True,
        sandbox_only=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Match:
    """What the table says of one path: a route per method, in the order in which `Allow` names them."""

    by_method: Mapping[str, Route]
    template: str
    allow: str


class _Node:
    __slots__ = ("below", "here", "literal", "parameter")

    def __init__(self) -> None:
        self.literal: dict[bytes, _Node] = {}
        self.parameter: _Node | None = None
        self.here: Match | None = None
        self.below: Match | None = None


class RoutingTable:
    """The compiled table: a tree over path segments, so that a look-up costs one dictionary step per
    segment.
    """

    def __init__(self, routes: Iterable[Route], *, sandbox: bool) -> None:
        self._root = _Node()
        self.routes = tuple(route for route in routes if sandbox or not route.sandbox_only)
        for route in self.routes:
            self._add(route)

    def find(self, raw_path: bytes) -> Match | None:
        """Return the line for a path as it came (still percent-encoded), or `None`."""
        node = self._root
        below: Match | None = None
        for segment in raw_path.split(b"/")[1:]:
            if node.below is not None:
                below = node.below
            step = node.literal.get(segment)
            if step is None and segment:
                step = node.parameter
            if step is None:
                return below
            node = step
        return node.here or below

    def _add(self, route: Route) -> None:
        if route.path.startswith("/internal") or not route.path.startswith("/"):
            raise ValueError(f"{route.path} cannot be public")
        segments = route.path.encode("ascii").split(b"/")[1:]
        takes_below = segments[-1] == b"*"
        node = self._root
        for segment in segments[:-1] if takes_below else segments:
            if segment.startswith(b"{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        existing = node.below if takes_below else node.here
        by_method = dict(existing.by_method) if existing else {}
        for method in route.methods:
            if method in by_method:
                raise ValueError(f"{method} {route.path} stands twice in the table")
            by_method[method] = route
            if method == "GET":
                by_method["HEAD"] = route
        match = Match(by_method, route.path, ", ".join([*by_method, "OPTIONS"]))
        if takes_below:
            node.below = match
        else:
            node.here = match
