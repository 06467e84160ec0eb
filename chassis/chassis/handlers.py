"""How FastAPI's and Starlette's own failures become problems: 404, 405, 406, 413, 415, 422 and malformed
bodies.
"""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from chassis import metrics
from chassis.access import rules_of
from chassis.errors import (
    BodyTooLarge,
    Invalid,
    MalformedBody,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Problem,
    UnsupportedMediaType,
    render,
)
from chassis.failures import problem_of
from chassis.logging import get_logger
from chassis.validation import field_errors

log = get_logger(__name__)
_BY_STATUS: dict[int, type[Problem]] = {
    400: MalformedBody,
    404: NotFound,
    405: MethodNotAllowed,
    406: NotAcceptable,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
}


def install(app: FastAPI) -> None:
    """Make every failure of the app's routes a problem."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(HTTPException, _answer_http)


async def _answer_problem(request: Request, failure: Exception) -> Response:
    return answer(request, problem_of(failure))


async def _answer_validation(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, RequestValidationError)  # noqa: S101 - registered for this class alone
    errors = failure.errors()
    whole_body = [e for e in errors if e["type"] == "json_invalid" or tuple(e["loc"]) == ("body",)]
    if not whole_body:
        return answer(request, Invalid(errors=field_errors(errors)))
    refusal = await _refusal(request)
    if refusal is not None:
        return answer(request, refusal)
    is_null = whole_body[0]["type"] == "missing" and _has_body(request)  # JSON's null counts as missing
    if whole_body[0]["type"] in ("json_invalid", "missing") and not is_null:
        return answer(request, MalformedBody())
    if isinstance(failure.body, bytes):  # FastAPI did not take it for JSON
        return answer(request, UnsupportedMediaType(headers={"accept": "application/json"}))
    return answer(request, Invalid(errors=field_errors(errors)))


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


async def _refusal(request: Request) -> Problem | None:
    """Return the access rule's refusal: FastAPI reads a body before it asks who sent it, and we answer
    that first.
    """
    context = request.scope.get("fastapi", {}).get("effective_route_context") or request.scope.get("route")
    dependant = getattr(context, "dependant", None)
    for rule in rules_of(dependant) if dependant is not None else ():
        try:
            await rule(request)
        except Problem as refusal:
            return refusal
    return None


async def _answer_http(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)  # noqa: S101 - registered for this class alone
    problem = _BY_STATUS.get(failure.status_code)
    if problem is None:
        raise failure
    if failure.status_code == 400 and (refusal := await _refusal(request)) is not None:
        return answer(request, refusal)
    headers = {"allow": _allowed_methods(request)} if problem is MethodNotAllowed else {}
    return answer(request, problem(headers=headers))


def _allowed_methods(request: Request) -> str:
    """Return the methods of every route with this path; Starlette names only those of the first one."""
    methods: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        pattern = getattr(context, "path_regex", None)
        if pattern is not None and pattern.match(request.url.path):
            methods |= set(context.methods or ())
    return ", ".join(sorted(methods))


def answer(request: Request, problem: Problem) -> Response:
    """Return the HTTP answer of a problem, and count and log it."""
    metrics.PROBLEMS.labels(problem.code).inc()
    request.state.problem_code = problem.code
    if problem.context:
        log.info("http.problem", code=problem.code, **problem.context)
    rendered = render(
        problem,
        instance=request.url.path,
        trace_id=getattr(request.state, "trace_id", None),
        accept_language=request.headers.get("accept-language"),
    )
    response = Response(rendered.body, rendered.status)
    response.raw_headers = [(name.encode(), value.encode("latin-1")) for name, value in rendered.headers]
    return response
