"""The table of problem codes: every code of the contract, in both languages, as a page and as JSON."""

import dataclasses

from chassis.problems_catalogue import CatalogueEntry
from gateway.documents.problem_codes import OWN
from tests.gateway.running import Running, Upstream, running_gateway

OF_THE_CONTRACT = [
    "malformed_body",
    "malformed_cursor",
    "missing_idempotency_key",
    "token_missing",
    "token_invalid",
    "token_expired",
    "insufficient_user_authentication",
    "scope_missing",
    "role_missing",
    "other_facility",
    "not_found",
    "method_not_allowed",
    "not_acceptable",
    "body_too_large",
    "unsupported_media_type",
    "headers_too_large",
    "illegal_transition",
    "already_open",
    "idempotency_key_in_flight",
    "already_used",
    "stale_version",
    "invalid",
    "idempotency_key_reused",
    "rate_limited",
    "overloaded",
    "upstream_unavailable",
]


async def test_every_code_of_the_contract_is_listed_with_cause_and_remedy(gateway: Running) -> None:
    result = await gateway.client.get("/developers/problems", headers={"accept": "application/json"})

    items = {item["code"]: item for item in result.json()["items"]}
    assert set(OF_THE_CONTRACT) <= items.keys()
    assert {"malformed_request", "request_timeout"} <= items.keys()
    for item in items.values():
        for name in ("title", "cause", "remedy"):
            assert item[name]["vi"]
            assert item[name]["en"]
            assert item[name]["vi"] != item[name]["en"] or name == "title"


async def test_codes_of_the_services_are_listed(upstream: Upstream) -> None:
    own = dataclasses.replace(OWN[0], code="no_dossier_accepted", status=422)
    upstream.document = {"paths": {}, "x-problems": [dataclasses.asdict(own)]}
    async with running_gateway(upstream.url) as gateway:
        page = await gateway.client.get("/developers/problems")
        table = await gateway.client.get("/developers/problems", headers={"accept": "application/json"})

    assert 'id="no_dossier_accepted"' in page.text
    assert [item["code"] for item in table.json()["items"]].count("no_dossier_accepted") == 1


async def test_page_is_in_vietnamese_unless_english_is_asked(gateway: Running) -> None:
    vietnamese = await gateway.client.get("/developers/problems")
    english = await gateway.client.get("/developers/problems?lang=en")
    header = await gateway.client.get("/developers/problems", headers={"accept-language": "en"})

    assert "Nguyên nhân" in vietnamese.text
    assert 'lang="vi"' in vietnamese.text
    assert "Remedy" in english.text
    assert "Remedy" in header.text


def test_an_entry_of_the_gateways_own_has_every_field() -> None:
    assert all(isinstance(entry, CatalogueEntry) for entry in OWN)
    assert {entry.code for entry in OWN} == {"malformed_request", "request_timeout"}
