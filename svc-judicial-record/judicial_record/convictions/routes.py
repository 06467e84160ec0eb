"""HTTP of convictions: intake and coverage for courts and enforcement bodies, one record for the officer."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import (
    MalformedBody,
    NotFound,
    SignatureExpired,
    SignatureInvalid,
    SignatureMissing,
    SignatureReplayed,
    StaleVersion,
    UpstreamUnavailable,
    choose_language,
)
from chassis.etag import etag_of, not_modified, not_modified_response, require_match
from chassis.http_signatures import verify
from chassis.idempotency import DETACHED, IdempotentRoute
from chassis.openapi import responses
from judicial_record.convictions.errors import NoConvictionAccepted, OtherSource
from judicial_record.convictions.intake import ConvictionIntake, Verdicts
from judicial_record.convictions.office import OfficeRecords
from judicial_record.convictions.repository import ConvictionRepository
from judicial_record.convictions.schemas import (
    ConvictionReceipt,
    ConvictionsIn,
    CoverageIn,
    CoverageOut,
    RecordOut,
    body_schema,
)
from judicial_record.convictions.sources import Source, sources

router = APIRouter(tags=["convictions"], route_class=IdempotentRoute)

SourceSystem = Annotated[Actor, allow(kinds={"system"}, scope="judicial.convictions", rows="organisation")]
Officer = Annotated[
    Actor,
    allow(
        kinds={"staff"},
        roles={"judicial_officer", "judicial_leader"},
        scope="judicial.work",
        rows="organisation",
    ),
]
SIGNATURE_PROBLEMS = (
    SignatureMissing,
    SignatureInvalid,
    SignatureExpired,
    SignatureReplayed,
    UpstreamUnavailable,
)


async def get_source(actor: SourceSystem) -> Source:
    """Return the body whose system is calling. Raises: OtherSource."""
    source = sources().get(actor.organisation or "")
    if source is None:
        raise OtherSource(organisation=actor.organisation)
    return source


async def get_signing_source(actor: SourceSystem, request: Request) -> Source:
    """Return the body whose system has signed the request.

    The nonce is used up in a transaction of its own: a batch is many units of work.
    """
    source = await get_source(actor)
    state = request.app.state
    body = await request.body()
    async with state.database.transaction() as db:
        await verify(request, body, state.client_keys, client_id=actor.client_id, db=db, clocks=state.clocks)
    return source


async def get_intake(request: Request) -> ConvictionIntake:
    intake: ConvictionIntake = request.app.state.conviction_intake
    return intake


async def get_office_records(request: Request) -> OfficeRecords:
    records: OfficeRecords = request.app.state.office_records
    return records


CallingSource = Annotated[Source, Depends(get_source)]
SigningSource = Annotated[Source, Depends(get_signing_source)]
Intake = Annotated[ConvictionIntake, Depends(get_intake)]
Records = Annotated[OfficeRecords, Depends(get_office_records)]
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": body_schema()}}}
}


@router.post(
    "/v1/convictions",
    status_code=201,
    summary="Send convictions",
    responses=responses(MalformedBody, OtherSource, NoConvictionAccepted, *SIGNATURE_PROBLEMS),
    openapi_extra={**_BODY, **DETACHED},
)
async def send_convictions(
    request: Request, source: SigningSource, body: ConvictionsIn, intake: Intake
) -> ConvictionReceipt:
    """Take judgments, enforcement, completions, amnesties, new proceedings and court decisions.

    For the systems of courts and enforcement bodies, signed (RFC 9421). Each item is taken or rejected by
    itself; the same document with another content supersedes and its history is kept.
    """
    verdicts = await intake.take(source, body.items)
    receipt = _receipt(verdicts, request)
    if not verdicts.taken:
        rejected = receipt.model_dump(mode="json")["rejected"]
        raise NoConvictionAccepted(extensions={"rejected": rejected})
    return receipt


@router.put(
    "/v1/conviction-sources/{code}/coverage",
    summary="Replace coverage",
    responses=responses(OtherSource, StaleVersion, *SIGNATURE_PROBLEMS),
)
async def replace_coverage(
    code: str, request: Request, response: Response, source: SigningSource, body: CoverageIn, db: Db
) -> CoverageOut:
    """Say which periods of which information are complete. For the source itself, signed (RFC 9421)."""
    _require_own(code, source)
    repository = ConvictionRepository(db)
    known = (await repository.coverage()).get(code)
    version = known.version if known else 0
    require_match(request, etag_of(version))
    entries = body.model_dump(mode="json")["entries"]
    now = request.app.state.clocks.real_now()
    if known is None or known.entries != entries:
        version += 1
        if not await repository.add_coverage(code, version, entries, now):
            raise StaleVersion
    told_at = known.told_at if known is not None and known.version == version else now
    response.headers["etag"] = etag_of(version)
    return CoverageOut(source=code, version=version, told_at=told_at, entries=entries)


@router.get(
    "/v1/conviction-sources/{code}/coverage", summary="Read coverage", responses=responses(OtherSource)
)
async def get_coverage(code: str, request: Request, source: CallingSource, db: Db) -> Response:
    """Answer what the source told last. For the source itself."""
    _require_own(code, source)
    known = (await ConvictionRepository(db).coverage()).get(code)
    etag = etag_of(known.version if known else 0)
    if not_modified(request, etag):
        return not_modified_response(etag)
    told = CoverageOut(
        source=code,
        version=known.version if known else 0,
        told_at=known.told_at if known else None,
        entries=known.entries if known else [],
    )
    return Response(
        told.model_dump_json(),
        media_type="application/json",
        headers={"etag": etag, "cache-control": "private, no-cache"},
    )


@router.get(
    "/v1/judicial-record-applications/{application_id}/record",
    summary="Read applicant's record",
    response_model=RecordOut,
    responses=responses(NotFound),
)
async def get_applicant_record(
    application_id: UUID, request: Request, actor: Officer, records: Records, db: Db
) -> Response:
    """Answer all that is held of an applicant, and why each judgment counts or does not.

    For officers of the office that has the application; each reading and each attempt leaves an entry that
    the applicant sees.
    """
    record = await records.read(db, actor, application_id)
    body = orjson.dumps(record.model_dump(mode="json"))
    etag = etag_of(body)
    if not_modified(request, etag):
        return not_modified_response(etag)
    return Response(
        body, media_type="application/json", headers={"etag": etag, "cache-control": "private, no-cache"}
    )


def _require_own(code: str, source: Source) -> None:
    if code != source.code:
        raise OtherSource(source=source.code)


def _receipt(verdicts: Verdicts, request: Request) -> ConvictionReceipt:
    language = choose_language(request.headers.get("accept-language"))
    return ConvictionReceipt.model_validate(
        {
            "recorded": verdicts.count("recorded"),
            "superseded": verdicts.count("superseded"),
            "unchanged": verdicts.count("unchanged"),
            "outdated": verdicts.count("outdated"),
            "waiting": sum(one.is_waiting for one in verdicts.taken),
            "items": [
                {
                    "index": one.index,
                    "reference": one.reference,
                    "record_id": one.record_id,
                    "outcome": one.outcome,
                    "is_waiting": one.is_waiting,
                }
                for one in verdicts.taken
            ],
            "rejected": [
                {
                    "index": one.index,
                    "reference": one.reference,
                    "errors": [
                        {"pointer": e.pointer, "code": e.code, "message": e.message[language]}
                        for e in one.errors
                    ],
                }
                for one in verdicts.rejected
            ],
        }
    )
