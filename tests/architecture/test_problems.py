"""Every error that a service can answer is documented: in its document, in both languages, once."""

import pytest

from chassis import problems_catalogue
from chassis.problems_catalogue import CatalogueEntry, defined
from contracts.catalogue import SERVICES
from tests.architecture.applications import applications, package_of

SHARED = {entry.code for entry in problems_catalogue.ALL}


def own_codes(service: str) -> set[str]:
    package = package_of(service)
    return {problem.code for problem in defined() if problem.__module__.partition(".")[0] == package}


@pytest.mark.parametrize("service", SERVICES)
def test_document_lists_every_problem_of_the_service(service: str) -> None:
    listed = {entry["code"] for entry in applications()[service].openapi()["x-problems"]}

    assert listed == own_codes(service)


def test_no_code_has_two_meanings() -> None:
    applications()
    owners: dict[str, str] = dict.fromkeys(SHARED, "chassis")
    for service in SERVICES:
        for code in own_codes(service):
            assert owners.setdefault(code, service) == service, f"{code} is also of {owners[code]}"


def test_every_problem_is_told_in_both_languages() -> None:
    applications()
    for problem in defined():
        entry: CatalogueEntry = problems_catalogue.entry_of(problem)
        for words in (entry.title, entry.cause, entry.remedy):
            assert words["vi"].strip(), entry.code
            assert words["en"].strip(), entry.code
            assert words["vi"] != words["en"], f"{entry.code} is not translated"
