"""What a failure is to its reader: one shape (RFC 9457) in two languages, free of any web framework.

The gateway (raw ASGI) and the services (FastAPI) render the same class through `render`, so that a client
never meets a second shape. A `Problem` says what happened, whose fault it is and whether trying again can
help; what only operators may know goes into `context`, which logs see and answers never do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypedDict

import orjson

from chassis.operation_outcome import FHIR_MEDIA_TYPE, FHIR_PATHS, operation_outcome
from contracts.problem import PROBLEM_MEDIA_TYPE, Fault, Retry

Language = Literal["vi", "en"]


class Text(TypedDict):
    """A sentence in both languages of the contract."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field at fault.

    `pointer` is an RFC 6901 pointer into the body, `?name` for a query parameter, `{name}` for one in the
    path and `name:` for a header.
    """

    pointer: str
    code: str
    message: Text


class Problem(Exception):
    """An expected failure. Subclasses set the class attributes; `errors.py` holds the shared ones.

    `detail` is public and defaults to the class's `cause`; `extensions` are further public members
    (for example `rejected`); every other keyword is private context for the log line.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    fault: ClassVar[Fault]
    retry: ClassVar[Retry]
    title: ClassVar[Text]
    cause: ClassVar[Text]
    remedy: ClassVar[Text]
    default_headers: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Headers of every answer with this problem, unless the raiser gives others of the same name."""

    def __init__(
        self,
        detail: Text | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, Any] | None = None,  # Any: members are whatever JSON the problem defines
        **context: object,
    ) -> None:
        super().__init__(self.code)
        self.detail: Text = detail if detail is not None else self.cause
        self.errors = tuple(errors)
        given = {name.lower(): value for name, value in (headers or {}).items()}
        self.headers: dict[str, str] = {**dict(self.default_headers), **given}
        self.extensions = dict(extensions or {})
        self.context = context


def problem_document(
    problem: Problem, *, instance: str, trace_id: str | None, language: Language
) -> dict[str, Any]:
    """Return the JSON members of a problem. `instance` is the request's path, without its query.

    `type` is an absolute-path reference (RFC 9457, section 3.1.1), so that it stays the same wherever the
    gateway is reached and leads to the page that explains it.
    """
    document: dict[str, Any] = {
        "type": f"/developers/problems#{problem.code}",
        "title": problem.title[language],
        "status": problem.status,
        "detail": problem.detail[language],
        "instance": instance,
        "code": problem.code,
        "fault": problem.fault,
        "retry": problem.retry,
        "trace_id": trace_id,
    }
    if problem.errors:
        document["errors"] = [
            {"pointer": e.pointer, "code": e.code, "message": e.message[language]} for e in problem.errors
        ]
    return {**problem.extensions, **document}


@dataclass(frozen=True, slots=True)
class RenderedProblem:
    """A problem ready for the wire; header names are lower-case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def render(
    problem: Problem, *, instance: str, trace_id: str | None, accept_language: str | None
) -> RenderedProblem:
    """Return status, headers and body of a problem in the language that the client asked for.

    Below `/fhir/` it is an OperationOutcome, the shape that FHIR's clients read.
    """
    language = choose_language(accept_language)
    document = problem_document(problem, instance=instance, trace_id=trace_id, language=language)
    is_fhir = instance.startswith(FHIR_PATHS)
    body = orjson.dumps(operation_outcome(document) if is_fhir else document, default=str)
    headers = {
        **problem.headers,
        "content-type": FHIR_MEDIA_TYPE if is_fhir else PROBLEM_MEDIA_TYPE,
        "content-language": language,
        "vary": "Accept-Language",
        "cache-control": "no-store",
        "content-length": str(len(body)),
    }
    return RenderedProblem(problem.status, tuple(headers.items()), body)


def choose_language(accept_language: str | None) -> Language:
    """Return the preferred one of vi and en by RFC 9110, section 12.5.4; vi when nothing decides."""
    if not accept_language or len(accept_language) > 500:
        return "vi"
    best: Language = "vi"
    best_quality = 0.0
    for part in accept_language.split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().split("-", 1)[0]
        quality = _quality(parameters)
        language: Language | None = "en" if primary == "en" else "vi" if primary in ("vi", "*") else None
        if language is not None and quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if name.strip().lower() == "q" and 0.0 <= quality <= 1.0 else 0.0
