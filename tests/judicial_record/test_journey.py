"""Certificates of three people, every part of the service real: fee, base, verification, four eyes, paper."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.clock import Clocks
from chassis.ids import new_id
from chassis.testing import MemoryKeys, make_settings, make_verifier, service_client
from deploy.local import pki
from judicial_record.app import create_app
from judicial_record.convictions.peers import Reply
from judicial_record.settings import JudicialRecordSettings
from tests.judicial_record.base import StandInBase
from tests.judicial_record.conftest import MONDAY, OWN, Office
from tests.judicial_record.convictions.conftest import KEYS, Base, StandInSources
from tests.judicial_record.convictions.factories import BINH, completion, costs_paid, judgment
from tests.judicial_record.peers import Peers, Person
from tests.support.databases import ServiceDatabase

EM = {"name": "Phạm Văn Em", "born_on": "1960-08-15", "sex": "male", "personal_id": "001060000055"}


class Whole:
    """The office and the sources of one running service."""

    def __init__(self, office: Office, sources: Base) -> None:
        self.office = office
        self.sources = sources

    def person(self, facts: dict[str, str]) -> Person:
        person = Person(new_id(), facts["personal_id"], facts["name"], facts["born_on"])
        self.office.peers.people[person.citizen_id] = person
        return person

    async def verify(self) -> None:
        """Let the worker ask courts and police, who answer."""
        await self.office.rows.execute("update verification_requests set next_attempt_at = now()")
        await self.office.app.state.conviction_verifications.send_due()

    async def checked(self, person: Person, application_id: UUID) -> Any:
        """Fetch the certificate as its holder, and check it as anybody."""
        url = f"{OWN}/{application_id}/certificate.pdf"
        paper = await self.office.client.get(url, headers=self.office.citizen(person))
        assert paper.status_code == 200, paper.text
        answer = await self.office.client.post(
            "/v1/certificate-verifications",
            content=paper.content,
            headers={"content-type": "application/pdf"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def seals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seals")
    pki.write(folder)
    return folder


@pytest.fixture
async def whole(
    judicial_database: ServiceDatabase, peers: Peers, client_key_file: Path, seals: Path
) -> AsyncIterator[Whole]:
    """The service at 10:00 on Monday, 23 November 2026; courts and police have told everything."""
    peers.client_keys |= KEYS
    clocks, sources = Clocks(legal_fixed=MONDAY), StandInSources()
    settings = make_settings(
        JudicialRecordSettings,
        database_url=judicial_database.url,
        identity_url=peers.url,
        client_key_file=client_key_file,
        payment_platform_url=f"{peers.url}/platform",
        key_directory=seals,
    )
    app = create_app(
        settings,
        clocks=clocks,
        keys=MemoryKeys(),
        verifier=make_verifier("judicial-record"),
        sources=sources,
    )
    rows = await asyncpg.connect(judicial_database.superuser_url)
    async with service_client(app) as client:
        made = Whole(
            Office(client, app, rows, peers, StandInBase(), clocks),
            Base(client, app, rows, peers, sources, clocks),
        )
        await made.sources.cover_all()
        yield made
    await rows.close()


async def test_nothing_on_record_takes_the_fast_lane_to_a_valid_certificate(whole: Whole) -> None:
    office, an = whole.office, whole.office.person()

    application_id = await office.checking(an)
    assert (await office.own(an, application_id))["deadline"]["code"] == "fast"
    await office.did(application_id, "claim", office.officer())
    await office.did(application_id, "propose", office.officer())
    await office.did(application_id, "approve", office.leader())

    assert (await office.own(an, application_id))["national_status"]["number"] == 10
    assert (await whole.checked(an, application_id))["status"] == "valid"
    types = [event["type"] for event in await office.events()]
    assert types[-2:] == ["judicial-record.certificate.issued.v1", "judicial-record.application.changed.v1"]


async def test_judgment_that_counts_takes_the_slow_lane_with_one_verification(whole: Whole) -> None:
    office, binh = whole.office, whole.person(BINH)
    await whole.sources.sent(judgment(judged_on="2025-01-02", effective_on="2025-02-01"))
    application_id = await office.checking(binh)
    assert (await office.own(binh, application_id))["deadline"]["code"] == "complex"

    early = await office.act(application_id, "propose", office.officer())
    await office.did(application_id, "request_verification", office.officer(), "Xác minh thi hành án")
    whole.sources.sources.replies = {"cong-an": [Reply("answered", (), "nothing")]}
    await whole.verify()

    assert early.json()["code"] == "verification_missing"
    seen = await office.own(binh, application_id)
    assert (seen["status"], seen["steps"][-1]["action"]) == ("checking", "receive_answers")
    proposed = await office.did(application_id, "propose", office.officer())
    assert [one["judgment_number"] for one in proposed["proposed_content"]] == ["12/2014/HS-ST"]
    await office.did(application_id, "approve", office.leader())
    assert (await whole.checked(binh, application_id))["status"] == "valid"


async def test_expunged_judgment_is_not_on_form_1_and_is_on_form_2(whole: Whole) -> None:
    office, em = whole.office, whole.person(EM)
    await whole.sources.sent(judgment(person=EM))
    await whole.sources.sent(completion(person=EM), costs_paid(person=EM), source="cong-an")

    first, second = await office.checking(em), await office.checking(em, form=2)

    assert (await office.own(em, first))["fee"]["total_vnd"] == 0
    assert (await office.did(first, "propose", office.officer()))["proposed_content"] == []
    shown = (await office.did(second, "propose", office.officer()))["proposed_content"]
    assert [one["status"] for one in shown] == ["expunged"]
    for application_id in (first, second):
        await office.did(application_id, "approve", office.leader())
        assert (await whole.checked(em, application_id))["status"] == "valid"


async def test_judgment_that_comes_after_the_proposal_stops_the_issue(whole: Whole) -> None:
    office, binh = whole.office, whole.person(BINH)
    application_id = await office.checking(binh)
    await office.did(application_id, "propose", office.officer())
    await whole.sources.sent(judgment(judged_on="2025-01-02", effective_on="2025-02-01"))

    answer = await office.act(application_id, "approve", office.leader())

    assert (answer.status_code, answer.json()["code"]) == (409, "content_changed")
    assert (
        await office.rows.fetchval("select count(*) from number_counters where series like 'certificate%'")
        == 0
    )
