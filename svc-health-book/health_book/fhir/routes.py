"""HTTP of the FHIR interface. Errors below `/fhir/` are OperationOutcomes (`chassis.operation_outcome`)."""

from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Path, Request, Response

from chassis.access import allow, public
from chassis.auth import Actor
from chassis.errors import (
    BodyTooLarge,
    InsufficientUserAuthentication,
    Invalid,
    MalformedBody,
    MalformedCursor,
    NotFound,
    RoleMissing,
    ScopeMissing,
    UnsupportedMediaType,
    choose_language,
)
from chassis.etag import not_modified, not_modified_response
from chassis.ids import new_id
from chassis.openapi import responses
from chassis.operation_outcome import FHIR_MEDIA_TYPE
from health_book.deps import Fhir, FhirReading
from health_book.fhir.capability import capability_statement
from health_book.fhir.issues import PatientChanged
from health_book.fhir.json_text import Json, dump, parse
from health_book.fhir.reader import FhirReader
from health_book.fhir.service import TRANSACTION
from health_book.fhir.structure import structure
from health_book.fhir.summary import KINDS, make_summary
from health_book.fhir.writer import Taken
from health_book.submissions.routes import MAX_SUBMISSION_BYTES
from health_book.submissions.service import Sender

BASE = "/fhir/R4"
_FORM = "application/x-www-form-urlencoded"
PRODUCES = (FHIR_MEDIA_TYPE, "application/json")
router = APIRouter(prefix=BASE, tags=["fhir"])

Writer = Annotated[Actor, allow(kinds={"system"}, scope="system/*.write", rows="facility", produces=PRODUCES)]
Reader = Annotated[
    Actor,
    allow(
        kinds={"citizen", "system"},
        scope={"citizen": "health.read", "system": "system/*.read"},
        acr=2,
        rows="own",
        produces=PRODUCES,
    ),
]
Kind = Annotated[str, Path(description="Type of the resource.", examples=["Observation"])]
ResourceId = Annotated[str, Path(max_length=64, description="Id of the resource.", examples=["018f…"])]
_REFUSALS = (InsufficientUserAuthentication, ScopeMissing, RoleMissing)
_JSON = {"schema": {"type": "object", "description": "FHIR R4 JSON."}}
_ANSWER: dict[int | str, dict[str, Any]] = {200: {"description": "", "content": {FHIR_MEDIA_TYPE: _JSON}}}
_BODY = {"requestBody": {"required": True, "content": {FHIR_MEDIA_TYPE: _JSON}}}


@router.get(
    "/metadata",
    summary="Read capability statement",
    response_class=Response,
    responses=_ANSWER,
    dependencies=[public("a client reads what a server can do before it signs in", produces=PRODUCES)],
)
async def get_fhir_metadata(request: Request) -> Response:
    """Answer the CapabilityStatement. For anyone."""
    public_url = request.app.state.settings.public_url
    return _answer(capability_statement(f"{public_url}{BASE}", public_url))


@router.post(
    "",
    summary="Submit FHIR transaction",
    response_class=Response,
    responses=_ANSWER
    | responses(MalformedBody, *_REFUSALS, BodyTooLarge, UnsupportedMediaType, PatientChanged, Invalid),
    openapi_extra=_BODY,
    max_body_size=MAX_SUBMISSION_BYTES,
)
async def submit_fhir_transaction(request: Request, actor: Writer, fhir: Fhir) -> Response:
    """Take a transaction Bundle whole or not at all. For a facility's system.

    The same Bundle again answers the same ids; what a facility sent before is known again by its identifiers.
    """
    if not actor.organisation:
        raise RoleMissing(reason="no_organisation")
    media_type = require_fhir(request)
    language = choose_language(request.headers.get("accept-language"))
    sender = Sender(actor.organisation, actor.client_id, language)
    receipt, taken = await fhir.submit(sender, await request.body(), media_type, TRANSACTION)
    entries = [{"response": _response(one, receipt["received_at"])} for one in taken]
    return _answer({"resourceType": "Bundle", "type": "transaction-response", "entry": entries})


@router.get(
    "/{kind}/{resource_id}/$summary",
    summary="Read patient summary",
    response_class=Response,
    responses=_ANSWER | responses(NotFound, *_REFUSALS),
)
async def get_patient_summary(
    kind: Kind, resource_id: ResourceId, request: Request, actor: Reader, reading: FhirReading
) -> Response:
    """Answer the International Patient Summary. For the person, or for the system that sent the Patient."""
    if kind != "Patient":
        raise NotFound
    patient, same_person = await reading.subject(actor, resource_id)
    found: dict[str, list[Json]] = {}
    for wanted in KINDS:
        page = await reading.search(
            actor, wanted, [("patient", ",".join(sorted(same_person))), ("_count", "100")]
        )
        found[wanted] = [parse(match.text.encode()) for match in page.matches]
    state = request.app.state
    document = make_summary(
        patient,
        same_person,
        found,
        now=state.clocks.real_now(),
        new_id=new_id,
        base_url=f"{state.settings.public_url}{BASE}",
    )
    return _answer(document)


@router.get(
    "/{kind}",
    summary="Search FHIR resources",
    response_class=Response,
    responses=_ANSWER | responses(MalformedCursor, NotFound, *_REFUSALS, Invalid),
)
async def search_fhir_resources(
    kind: Kind, request: Request, actor: Reader, reading: FhirReading
) -> Response:
    """Answer a searchset, newest first. For the person, or for the system that sent the resources."""
    return await _search(request, actor, reading, kind, list(request.query_params.multi_items()))


@router.post(
    "/{kind}/_search",
    summary="Search FHIR resources by body",
    response_class=Response,
    responses=_ANSWER | responses(MalformedCursor, NotFound, *_REFUSALS, UnsupportedMediaType, Invalid),
    openapi_extra={"requestBody": {"required": True, "content": {_FORM: {"schema": {"type": "object"}}}}},
)
async def search_fhir_resources_by_body(
    kind: Kind, request: Request, actor: Reader, reading: FhirReading
) -> Response:
    """Answer a searchset for parameters that do not belong into an address, such as personal numbers."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise UnsupportedMediaType(headers={"accept": _FORM})
    body = (await request.body()).decode("utf-8", "replace")
    parameters = [*request.query_params.multi_items(), *parse_qsl(body)]
    return await _search(request, actor, reading, kind, parameters)


async def _search(
    request: Request, actor: Actor, reading: FhirReader, kind: str, parameters: list[tuple[str, str]]
) -> Response:
    _require_kind(kind)
    found = await reading.search(actor, kind, parameters)
    base = f"{request.app.state.settings.public_url}{BASE}"
    links = [{"relation": "self", "url": _address(base, kind, parameters)}]
    if found.next_cursor:
        kept = [one for one in parameters if one[0] != "_cursor"]
        links.append(
            {"relation": "next", "url": _address(base, kind, [*kept, ("_cursor", found.next_cursor)])}
        )
    entries = ",".join(
        f'{{"fullUrl":{dump(f"{base}/{kind}/{one.resource_id}")},"resource":{one.text},'
        '"search":{"mode":"match"}}'
        for one in found.matches
    )
    is_all = found.next_cursor is None and not any(name == "_cursor" for name, _ in parameters)
    total = f',"total":{len(found.matches)}' if is_all else ""
    entry = f',"entry":[{entries}]' if entries else ""
    text = f'{{"resourceType":"Bundle","type":"searchset"{total},"link":{dump(links)}{entry}}}'
    return Response(text, media_type=FHIR_MEDIA_TYPE, headers={"cache-control": "private, no-cache"})


@router.get(
    "/{kind}/{resource_id}",
    summary="Read FHIR resource",
    response_class=Response,
    responses=_ANSWER | responses(NotFound, *_REFUSALS),
)
async def get_fhir_resource(
    kind: Kind, resource_id: ResourceId, request: Request, actor: Reader, reading: FhirReading
) -> Response:
    """Answer a resource as it came, but for id, meta and references. For its person, or who sent it."""
    _require_kind(kind)
    found = await reading.read(actor, kind, resource_id)
    return _resource(request, found.text, found.version)


@router.get(
    "/{kind}/{resource_id}/_history/{version}",
    summary="Read version of FHIR resource",
    response_class=Response,
    responses=_ANSWER | responses(NotFound, *_REFUSALS),
)
async def get_fhir_resource_version(
    kind: Kind,
    resource_id: ResourceId,
    version: Annotated[int, Path(ge=1, le=2**31 - 1, description="Version.", examples=[1])],
    request: Request,
    actor: Reader,
    reading: FhirReading,
) -> Response:
    """Answer one version of a resource. For its person, or who sent it."""
    _require_kind(kind)
    found = await reading.read(actor, kind, resource_id, version)
    return _resource(request, found.text, found.version)


def require_fhir(request: Request) -> str:
    """Return the media type of a FHIR body as it was given. Raises: UnsupportedMediaType."""
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() not in (FHIR_MEDIA_TYPE, "application/json"):
        raise UnsupportedMediaType(headers={"accept": FHIR_MEDIA_TYPE})
    return FHIR_MEDIA_TYPE


def _require_kind(kind: str) -> None:
    if kind not in structure().resources:
        raise NotFound


def _response(taken: Taken, received_at: str) -> Json:
    return {
        "status": "201 Created" if taken.outcome == "created" else "200 OK",
        "location": f"{taken.kind}/{taken.resource_id}/_history/{taken.version}",
        "etag": f'W/"{taken.version}"',
        "lastModified": received_at,
    }


def _address(base: str, kind: str, parameters: list[tuple[str, str]]) -> str:
    return f"{base}/{kind}" + (f"?{urlencode(parameters)}" if parameters else "")


def _resource(request: Request, text: bytes, version: int) -> Response:
    etag = f'W/"{version}"'
    if not_modified(request, etag):
        return not_modified_response(etag)
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    return Response(text, media_type=FHIR_MEDIA_TYPE, headers=headers)


def _answer(document: Json) -> Response:
    return Response(dump(document), media_type=FHIR_MEDIA_TYPE, headers={"cache-control": "no-store"})
