"""What the base says of a person, and what a certificate shows."""

from datetime import date

import pytest

from chassis.errors import Invalid
from chassis.ids import new_id
from judicial_record.convictions.errors import RecordUndetermined
from judicial_record.convictions.service import FindingIn
from tests.judicial_record.convictions.conftest import TODAY, Base
from tests.judicial_record.convictions.factories import (
    BINH,
    completion,
    costs_paid,
    covering,
    judgment,
    proceedings,
)


async def test_nothing_found_and_all_complete_is_clear(base: Base) -> None:
    await base.cover_all()

    found = await base.look_up(base.person())

    assert (found.outcome, found.findings, found.unlinked_count) == ("clear", [], 0)
    assert {(one["source"], one["kind"], one["state"]) for one in found.coverage} == {
        ("toa-an", "judgments", "complete"),
        ("toa-an", "expungements", "complete"),
        ("cong-an", "executions", "complete"),
        ("cong-an", "proceedings", "complete"),
    }


async def test_nothing_found_without_coverage_is_a_gap(base: Base) -> None:
    person = base.person()
    nothing = await base.look_up(person)
    await base.cover("toa-an", covering("judgments", "expungements"))
    half = await base.look_up(person)

    assert (nothing.outcome, half.outcome) == ("gap", "gap")


async def test_coverage_that_begins_after_the_fourteenth_birthday_is_a_gap(base: Base) -> None:
    await base.cover_all()
    await base.cover("toa-an", covering("judgments", "expungements", since="1993-11-03"))
    late = await base.look_up(base.person())
    await base.cover("toa-an", covering("judgments", "expungements", since="1993-11-02"))
    whole = await base.look_up(base.person())

    assert (late.outcome, whole.outcome) == ("gap", "clear")
    assert {"from": "1993-11-02", "until": "1993-11-02"} in late.coverage[0]["gaps"]


async def test_judgment_is_a_hit_with_its_rules(base: Base) -> None:
    await base.cover_all()
    binh = base.person()
    await base.sent(judgment())
    await base.sent(completion(), costs_paid(), source="cong-an")

    found = await base.look_up(binh)

    assert found.outcome == "hit"
    (finding,) = found.findings
    assert (finding["status"], finding["expunged_on"]) == ("expunged", "2018-02-02")
    assert {"X-70-2b", "X-D216-13a", "X-69-1"} <= set(finding["rule_ids"])


async def test_form_1_hides_what_is_expunged_and_form_2_shows_it(base: Base) -> None:
    await base.cover_all()
    binh = base.person()
    await base.sent(judgment())
    await base.sent(completion(), costs_paid(), source="cong-an")

    assert await base.content(binh, 1) == []
    (shown,) = await base.content(binh, 2)
    assert (shown["status"], shown["expunged_on"]) == ("expunged", "2018-02-02")
    assert shown["duties"] == [{"kind": "costs", "done_on": "2016-03-01"}]
    assert shown["principal"] == {"kind": "prison", "months": 24, "done_on": "2016-02-01"}


async def test_both_forms_show_what_still_counts(base: Base) -> None:
    await base.cover_all()
    binh = base.person()
    await base.sent(judgment())

    for form in (1, 2):
        (shown,) = await base.content(binh, form)
        assert (shown["status"], shown["expunged_on"]) == ("not_expunged", None)


async def test_day_asked_decides(base: Base) -> None:
    await base.cover_all()
    binh = base.person()
    await base.sent(judgment())
    await base.sent(completion(completed_on="2024-11-23"), costs_paid(), source="cong-an")

    assert len(await base.content(binh, 1, on=date(2026, 11, 23))) == 1
    assert await base.content(binh, 1, on=date(2026, 11, 24)) == []


async def test_term_without_information_on_new_offences_is_undetermined(base: Base) -> None:
    binh = base.person()
    await base.sent(judgment())
    await base.sent(completion(), costs_paid(), source="cong-an")

    (finding,) = (await base.look_up(binh)).findings

    assert finding["status"] == "undetermined"
    with pytest.raises(RecordUndetermined):
        await base.content(binh, 1)


async def test_officers_finding_settles_it(base: Base) -> None:
    binh = base.person()
    await base.sent(judgment())
    await base.sent(completion(), costs_paid(), source="cong-an")
    finding = FindingIn(source="cong-an", until=TODAY, basis="Công văn 15/CV-CA")

    async with base.app.state.database.transaction() as db:
        await base.app.state.convictions.record_finding(db, new_id(), binh.citizen_id, finding, "officer")

    assert await base.content(binh, 1) == []
    kept = await base.rows.fetchval("select content from conviction_findings")
    assert "Công văn".encode() not in kept


@pytest.mark.parametrize(
    ("source", "until", "pointer"),
    [("nobody", TODAY, "/finding/source"), ("cong-an", date(9999, 12, 31), "/finding/until")],
)
async def test_finding_of_nobody_or_of_a_day_to_come_is_refused(
    base: Base, source: str, until: date, pointer: str
) -> None:
    person = base.person()
    finding = FindingIn(source=source, until=until, basis="Công văn 15/CV-CA")

    async with base.app.state.database.transaction() as db:
        with pytest.raises(Invalid) as refused:
            await base.app.state.convictions.record_finding(
                db, new_id(), person.citizen_id, finding, "officer"
            )

    assert [error.pointer for error in refused.value.errors] == [pointer]


async def test_open_case_within_the_term_is_undetermined(base: Base) -> None:
    await base.cover_all()
    binh = base.person()
    await base.sent(judgment())
    await base.sent(completion(), costs_paid(), proceedings(), source="cong-an")

    (finding,) = (await base.look_up(binh)).findings

    assert finding["status"] == "undetermined"


async def test_case_alone_is_no_conviction(base: Base) -> None:
    await base.cover_all()
    binh = base.person()
    await base.sent(proceedings(), source="cong-an")

    assert (await base.look_up(binh)).outcome == "clear"


async def test_execution_of_a_judgment_that_nobody_sent_is_a_hit_without_an_answer(base: Base) -> None:
    await base.cover_all()
    binh = base.person()
    await base.sent(completion(), source="cong-an")

    found = await base.look_up(binh)

    assert (found.outcome, found.findings[0]["status"]) == ("hit", "undetermined")
    assert found.findings[0]["facts"][0]["code"] == "judgment_missing"
    with pytest.raises(RecordUndetermined):
        await base.content(binh, 1)


async def test_document_without_its_person_is_a_gap_for_whom_it_may_concern(base: Base) -> None:
    await base.cover_all()
    base.peers.conflicts.add(str(BINH["personal_id"]))
    await base.sent(judgment())
    await base.sent(judgment(number="7/2015", person={"name": "TRAN THI BINH", "born_on": "1979"}))
    binh = base.person()

    by_number = await base.look_up(binh, personal_id=BINH["personal_id"])
    by_name = await base.look_up(binh, name="Trần Thị  Bình")
    other = await base.look_up(binh, personal_id="001085000017", name="Nguyễn Văn An")

    assert [one.outcome for one in (by_number, by_name, other)] == ["gap", "gap", "clear"]
    assert by_number.unlinked_count == 1
    assert by_name.unlinked_count == 2


async def test_other_peoples_documents_are_nobody_elses(base: Base) -> None:
    await base.cover_all()
    base.person()
    await base.sent(judgment())

    assert (await base.look_up(base.person("001085000017", "Nguyễn Văn An"))).outcome == "clear"
