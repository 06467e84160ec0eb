"""The platform's notice as a route takes it: whose word it is, is judged before what it says.

FastAPI judges a body that a route declares before any of the route's dependencies; so the body is read here,
behind its signature.
"""

from typing import Annotated, Any

from fastapi import Depends, Request

from casework.payments.platform import PaymentNotice
from chassis.bodies import read_body
from chassis.db import Db
from chassis.http_signatures import verify

NOTICE_BODY: dict[str, Any] = {  # Any: parts of an OpenAPI document
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": PaymentNotice.model_json_schema()}},
    }
}
"""For the route's `openapi_extra`."""


async def read_signed_notice(request: Request, db: Db) -> PaymentNotice:
    """Return the notice that the payment platform has signed; its nonce is kept with the request's effect.

    Raises: SignatureMissing, SignatureInvalid, SignatureExpired, SignatureReplayed, UpstreamUnavailable;
    then MalformedBody, and RequestValidationError for fields at fault.
    """
    state, body = request.app.state, await request.body()
    platform = state.settings.payment_platform_client_id
    await verify(request, body, state.client_keys, client_id=platform, db=db, clocks=state.clocks)
    return read_body(PaymentNotice, body)


SignedNotice = Annotated[PaymentNotice, Depends(read_signed_notice, scope="function")]
