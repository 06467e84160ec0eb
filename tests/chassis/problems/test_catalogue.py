"""Every code in both languages, in the shape of the contract."""

import pytest

from chassis import errors, problems_catalogue
from chassis.errors import FieldError, Problem, Text, choose_language, problem_document, render
from contracts.problem import Problem as ProblemOut

SHARED = [p for p in problems_catalogue.defined() if p.__module__ == errors.__name__]
OF_THE_CONTRACT = """
malformed_body malformed_cursor missing_idempotency_key token_missing token_invalid token_expired
insufficient_user_authentication scope_missing role_missing other_facility not_found method_not_allowed
not_acceptable body_too_large unsupported_media_type headers_too_large illegal_transition already_open
idempotency_key_in_flight already_used stale_version invalid idempotency_key_reused rate_limited overloaded
upstream_unavailable internal_error signature_missing signature_invalid signature_expired signature_replayed
"""


def test_every_code_of_the_contract_is_there() -> None:
    assert {entry.code for entry in problems_catalogue.ALL} == set(OF_THE_CONTRACT.split())


@pytest.mark.parametrize("problem", SHARED, ids=lambda p: p.code)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_document_follows_the_contract_in_each_language(problem: type[Problem], language: str) -> None:
    rendered = render(problem(), instance="/v1/x", trace_id="0" * 32, accept_language=language)

    shown = ProblemOut.model_validate_json(rendered.body)
    assert shown.status == rendered.status == problem.status
    assert shown.code == problem.code
    assert shown.title == problem.title[language]  # type: ignore[literal-required]  # parametrized
    assert shown.detail
    assert dict(rendered.headers)["content-type"] == "application/problem+json"
    assert dict(rendered.headers)["content-language"] == language


@pytest.mark.parametrize("entry", problems_catalogue.ALL, ids=lambda e: e.code)
def test_words_exist_and_differ_between_languages(entry: problems_catalogue.CatalogueEntry) -> None:
    for text in (entry.title, entry.cause, entry.remedy):
        assert text["vi"].strip()
        assert text["en"].strip()
        assert text["vi"] != text["en"]


def test_two_classes_with_one_code_are_refused() -> None:
    with pytest.raises(ValueError, match="not_found"):
        problems_catalogue.entries([errors.NotFound, errors.NotFound])


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("vi;q=0.4, en;q=0.8", "en"),
        ("en;q=0.4, vi", "vi"),
        ("fr, de", "vi"),
        ("fr, en;q=0.1", "en"),
        ("*", "vi"),
        ("en;q=0", "vi"),
        ("en;q=banana", "vi"),
        ("en," * 400, "vi"),
    ],
)
def test_language_is_negotiated(header: str | None, language: str) -> None:
    assert choose_language(header) == language


def test_private_context_stays_private() -> None:
    problem = errors.UpstreamUnavailable(peer="database", query="select 1")

    document = problem_document(problem, instance="/v1/x", trace_id=None, language="en")

    assert "database" not in str(document)
    assert "select" not in str(document)


def test_extensions_cannot_replace_the_standard_members() -> None:
    problem = errors.Invalid(
        errors=[FieldError("/a", "missing", Text(vi="thiếu", en="missing"))],
        extensions={"rejected": [1], "status": 200},
    )

    document = problem_document(problem, instance="/v1/x", trace_id=None, language="vi")

    assert document["rejected"] == [1]
    assert document["status"] == 422
    assert document["errors"] == [{"pointer": "/a", "code": "missing", "message": "thiếu"}]


@pytest.mark.parametrize("problem", SHARED, ids=lambda p: p.code)
def test_headers_that_a_status_owes_are_there_by_default(problem: type[Problem]) -> None:
    headers = dict(render(problem(), instance="/", trace_id=None, accept_language=None).headers)

    assert ("www-authenticate" in headers) == (problem.status == 401)
    if problem.status in (429, 503):
        assert int(headers["retry-after"]) > 0


def test_raiser_overrides_a_default_header_whatever_its_case() -> None:
    problem = errors.RateLimited(headers={"Retry-After": "30"})

    assert problem.headers == {"retry-after": "30"}
