"""What the gateway answers itself: health, status, documents, pages and their assets."""

import hashlib
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

import orjson

from chassis.errors import Language, NotFound
from chassis.problem import choose_language
from contracts.documents import asyncapi
from gateway.calls import Answer, Call, RawHeaders
from gateway.documents.problem_codes import ProblemCodes
from gateway.documents.sources import OpenApiSources
from gateway.health import Health, readiness, status_for_people
from gateway.pages.assets import Assets, is_match
from gateway.pages.render import PAGE_POLICY, Pages
from gateway.pages.verify import PATH as VERIFY_PATH
from gateway.pages.verify import VerifyPage

Handler = Callable[[Call], Awaitable[Answer]]

_JSON = (b"content-type", b"application/json")
_NO_STORE = (b"cache-control", b"no-store")
# Documents are public and the same for everybody; foreign pages (viewers, generators) may read them.
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")


class OwnRoutes:
    """Answers by exact path, and everything under `/assets/`."""

    def __init__(
        self,
        *,
        health: Health,
        openapi: OpenApiSources,
        pages: Pages,
        assets: Assets,
        problems: ProblemCodes,
        verify: VerifyPage,
    ) -> None:
        self._health = health
        self._openapi = openapi
        self._pages = pages
        self._assets = assets
        self._problems = problems
        self._verify_page = verify
        self._asyncapi = orjson.dumps(asyncapi())
        self._by_path: dict[bytes, Handler] = {
            b"/": self._start,
            b"/docs": self._docs,
            VERIFY_PATH: self._verify,
            b"/developers/problems": self._problem_codes,
            b"/openapi.json": self._openapi_document,
            b"/asyncapi.json": self._asyncapi_document,
            b"/healthz": self._liveness,
            b"/readyz": self._readiness,
            b"/v1/status": self._status,
        }

    UNCOUNTED = frozenset((b"/healthz", b"/readyz"))

    @staticmethod
    def methods(raw_path: bytes) -> tuple[str, ...]:
        """Return the methods of a path answered here: reading, and at the one page with a form, sending."""
        return ("GET", "HEAD", "POST", "OPTIONS") if raw_path == VERIFY_PATH else ("GET", "HEAD", "OPTIONS")

    def find(self, raw_path: bytes) -> Handler | None:
        """Return who answers this path, or `None`."""
        handler = self._by_path.get(raw_path)
        if handler is None and raw_path.startswith(b"/assets/"):
            return self._asset
        if handler is None and raw_path == b"/favicon.ico":
            return self._icon
        return handler

    async def _liveness(self, call: Call) -> Answer:
        return Answer(200, b'{"status":"ok"}', [_JSON, _NO_STORE])

    async def _readiness(self, call: Call) -> Answer:
        only_itself = b"only=gateway" in call.scope["query_string"].split(b"&")
        status, body = readiness(self._health.own() if only_itself else await self._health.parts())
        return Answer(status, body, [_JSON, _NO_STORE])

    async def _status(self, call: Call) -> Answer:
        return Answer(200, status_for_people(await self._health.parts()), [_JSON, _NO_STORE, _ANY_ORIGIN])

    async def _openapi_document(self, call: Call) -> Answer:
        merged = await self._openapi.merged()
        return _document(call, merged.body, merged.etag, [_JSON])

    async def _asyncapi_document(self, call: Call) -> Answer:
        return _document(call, self._asyncapi, _etag_of(self._asyncapi), [_JSON])

    async def _problem_codes(self, call: Call) -> Answer:
        entries = await self._problems.all()
        accept = call.head.text(b"accept") or ""
        if "json" in accept and "text/html" not in accept:
            headers: RawHeaders = [_JSON, (b"vary", b"Accept")]
            body = orjson.dumps({"items": entries})
            return _document(call, body, _etag_of(body), headers)
        language, explicit = _language(call)
        return _page(call, self._pages.problems(entries, language, explicit=explicit), language)

    async def _start(self, call: Call) -> Answer:
        language, explicit = _language(call)
        return _page(call, self._pages.start(language, explicit=explicit), language)

    async def _docs(self, call: Call) -> Answer:
        language, explicit = _language(call)
        return _page(call, self._pages.docs(language, explicit=explicit), language)

    async def _verify(self, call: Call) -> Answer:
        language, explicit = _language(call)
        return await self._verify_page.answer(call, language, explicit=explicit)

    async def _icon(self, call: Call) -> Answer:
        return self._file(call, "mark.svg")

    async def _asset(self, call: Call) -> Answer:
        return self._file(call, call.raw_path.removeprefix(b"/assets/").decode("latin-1"))

    def _file(self, call: Call, name: str) -> Answer:
        answer = self._assets.answer(
            name,
            call.scope["query_string"],
            accept_encoding=call.head.text(b"accept-encoding"),
            if_none_match=call.head.text(b"if-none-match"),
        )
        if answer is None:
            raise NotFound
        return answer


def _language(call: Call) -> tuple[Language, bool]:
    """Return the language of a page, and whether the reader chose it by `?lang=`; else `Accept-Language`
    decides.
    """
    chosen = parse_qs(call.scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    if chosen == "vi" or chosen == "en":
        return chosen, True
    return choose_language(call.head.text(b"accept-language")), False


def _page(call: Call, body: bytes, language: Language) -> Answer:
    headers: RawHeaders = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", language.encode()),
        (b"content-security-policy", PAGE_POLICY),
        (b"vary", b"Accept-Language, Accept"),
    ]
    return _document(call, body, _etag_of(body), headers, any_origin=False)


def _document(call: Call, body: bytes, etag: str, headers: RawHeaders, *, any_origin: bool = True) -> Answer:
    """Return a body that may be kept but is asked about each time."""
    headers = [*headers, (b"etag", etag.encode()), (b"cache-control", b"no-cache")]
    if any_origin:
        headers.append(_ANY_ORIGIN)
    if is_match(call.head.text(b"if-none-match"), etag):
        return Answer(304, b"", [header for header in headers if header[0] != b"content-type"])
    return Answer(200, body, headers)


def _etag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
