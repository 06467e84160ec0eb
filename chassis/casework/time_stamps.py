"""Asks a time-stamping authority for tokens (RFC 3161)."""

import httpx2
from asn1crypto import tsp
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError

LARGEST_ANSWER_BYTES = 64 << 10


class HttpTimeStamper(TimeStamper):
    """Time stamps over HTTP, for pyHanko. It blocks: used in the threads that sign, never in the event loop.

    Whatever the authority answers wrongly (an error, half an answer, another request's token) is
    `TimestampRequestError`, so that the caller has one thing to expect.
    """

    def __init__(self, url: str, client: httpx2.Client) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko has few types
        self._url = url
        self._client = client

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return the authority's answer to this very request. Raises: TimestampRequestError."""
        try:
            answer = self._client.post(
                self._url,
                content=req.dump(),
                headers={
                    "content-type": "application/timestamp-query",
                    "accept": "application/timestamp-reply",
                },
            )
            answer.raise_for_status()
            response = tsp.TimeStampResp.load(answer.content[:LARGEST_ANSWER_BYTES], strict=True)
            _require_answer_to(req, response)
        except (httpx2.HTTPError, ValueError, TypeError, KeyError, AttributeError) as failure:
            raise TimestampRequestError("the time-stamping authority gave no usable answer") from failure
        return response


def _require_answer_to(request: tsp.TimeStampReq, response: tsp.TimeStampResp) -> None:
    """Raises: ValueError when the answer grants nothing or answers something else."""
    status = response["status"]["status"].native
    if status not in ("granted", "granted_with_mods"):
        raise ValueError(f"refused: {status}")
    info = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    if info["message_imprint"].dump() != request["message_imprint"].dump():
        raise ValueError("a token of another document")
    if info["nonce"].native != request["nonce"].native:
        raise ValueError("a token of another request")
