"""HTTP of public tracking."""

from fastapi import APIRouter, Response

from chassis.access import public
from chassis.errors import Invalid, NotFound, RateLimited
from chassis.idempotency import NONE
from chassis.openapi import responses
from dossier.deps import Trackings
from dossier.trackings.schemas import TrackingIn, TrackingOut

router = APIRouter(tags=["trackings"])


@router.post(
    "/v1/dossier-trackings",
    operation_id="track_dossier",
    summary="Track dossier",
    response_model=TrackingOut,
    responses=responses(NotFound, Invalid, RateLimited),
    openapi_extra=NONE,
    dependencies=[public("the code and the PIN of the receipt open status and dates, nothing else")],
)
async def track_dossier(body: TrackingIn, response: Response, trackings: Trackings) -> TrackingOut:
    """Answer where a dossier stands. Open to who has its code and PIN; changes nothing."""
    response.headers["cache-control"] = "no-store"
    return await trackings.track(body)
