"""The page on which anyone checks a certificate: by its file, or by number and code, without JavaScript.

The one page of the gateway that asks a service. It knows no rule: it passes the question on and shows the
answer in words.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

import httpx2
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from chassis.errors import BodyTooLarge, Language, MalformedBody, Overloaded, UnsupportedMediaType
from gateway.calls import Answer, Call, Message, RawHeaders, Receive
from gateway.pages.render import PAGE_POLICY, Pages
from gateway.problems import RequestTimeout

PATH = b"/verify"
MAX_FILE_BYTES = 5 << 20
MAX_BODY_BYTES = MAX_FILE_BYTES + (16 << 10)
FORM_SECONDS = 60.0
MOST_UPLOADS = 16
TIMEOUT = httpx2.Timeout(connect=2.0, read=30.0, write=10.0, pool=2.0)
_PDF = {"content-type": "application/pdf"}
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

_SHOWN = (
    "number",
    "form",
    "office",
    "issued_on",
    "ended_on",
    "superseded_by",
    "holder",
    "signature",
    "checked_at",
)


class VerifyPage:
    """Shows the form, takes it, asks the judicial record, and shows what it says."""

    def __init__(self, pages: Pages, client: httpx2.AsyncClient, service_url: str | None) -> None:
        self._pages = pages
        self._client = client
        self._url = f"{service_url}/v1/certificate-verifications" if service_url else None
        self._uploads = 0

    async def answer(self, call: Call, language: Language, *, explicit: bool) -> Answer:
        """Return the page: empty, or with the answer to what was sent or scanned."""
        number, code = "", ""
        result: Mapping[str, Any] | None = None  # Any: JSON members
        if call.method == "POST":
            number, code, result = await self._take_form(call)
        else:
            query = parse_qs(call.scope["query_string"].decode("latin-1"))
            number, code = (query.get(name, [""])[0][:40] for name in ("number", "code"))
            if number and code:
                result = await self._ask(json={"number": number, "code": code})
        asked = {"number": number, "code": code} if number and code else {}
        other: Language = "en" if language == "vi" else "vi"
        body = self._pages.verify(
            language,
            explicit=explicit,
            number=number,
            code=code,
            result=_in_words(result, language),
            other_link=f"/verify?{urlencode(asked | {'lang': other})}",
        )
        return Answer(_status(result), body, _headers(language))

    async def _take_form(self, call: Call) -> tuple[str, str, Mapping[str, Any]]:  # Any: as above
        if self._uploads >= MOST_UPLOADS:
            raise Overloaded(headers={"retry-after": "5"})
        self._uploads += 1
        try:
            async with asyncio.timeout(FORM_SECONDS):
                return await self._read(call)
        except TimeoutError as failure:
            raise RequestTimeout from failure
        finally:
            self._uploads -= 1

    async def _read(self, call: Call) -> tuple[str, str, Mapping[str, Any]]:  # Any: as above
        kind = (call.head.text(b"content-type") or "").split(";")[0].strip().lower()
        if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
            raise UnsupportedMediaType
        request = Request(call.scope, _bounded(call.receive))
        try:
            async with request.form(max_files=1, max_fields=4) as form:
                number, code = (_text(form.get(name)) for name in ("number", "code"))
                file = form.get("file")
                if isinstance(file, UploadFile) and file.filename:
                    content = await file.read()
                    return "", "", await self._ask(content=content, headers=_PDF)
        except (MultiPartException, UnicodeDecodeError) as failure:
            raise MalformedBody from failure
        if not number or not code:
            return number, code, {"status": "incomplete"}
        return number, code, await self._ask(json={"number": number, "code": code})

    async def _ask(self, **body: Any) -> Mapping[str, Any]:  # Any: a body in one of its forms
        """Return the service's answer, or a status that says that there is none."""
        if self._url is None:
            return {"status": "unavailable"}
        try:
            answer = await self._client.post(self._url, timeout=TIMEOUT, **body)
            document = answer.json()
        except (httpx2.HTTPError, ValueError):
            return {"status": "unavailable"}
        if answer.status_code == 200 and isinstance(document, dict):
            return document
        return {"status": "too_large" if answer.status_code == 413 else "unavailable"}


def _bounded(receive: Receive) -> Receive:
    """Return a `receive` that stops a body beyond the limit, whatever length it declared."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY_BYTES:
            raise BodyTooLarge
        return message

    return bounded


def _text(value: object) -> str:
    return value.strip()[:40] if isinstance(value, str) else ""


def _in_words(result: Mapping[str, Any] | None, language: Language) -> dict[str, Any] | None:
    """Return the answer with days as people write them."""
    if result is None:
        return None
    shown: dict[str, Any] = {**dict.fromkeys(_SHOWN), **result}
    for name in ("issued_on", "ended_on"):
        if shown.get(name):
            shown[name] = _day(shown[name])
    holder = shown.get("holder")
    if holder:
        born = _day(holder["born_on"]) if holder.get("born_on") else str(holder["birth_year"])
        shown["holder"] = {**holder, "born": born}
    if shown.get("office"):
        shown["office"] = shown["office"][language]
    if shown.get("checked_at"):
        at = datetime.fromisoformat(shown["checked_at"]).astimezone(_ZONE)
        shown["checked_at"] = f"{at:%H:%M:%S %d/%m/%Y}"
    return shown


def _day(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))


def _status(result: Mapping[str, Any] | None) -> int:
    status = result["status"] if result else ""
    return {"unavailable": 503, "too_large": 413, "incomplete": 422}.get(status, 200)


def _headers(language: Language) -> RawHeaders:
    return [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", language.encode()),
        (b"content-security-policy", PAGE_POLICY),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept-Language"),
    ]
