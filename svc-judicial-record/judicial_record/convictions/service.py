"""What the base says of a person: `look_up`, `certificate_content`, and what officers found out otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.errors import FieldError, Invalid, Text
from chassis.ids import new_id
from chassis.schemas import RequestModel
from judicial_record.convictions.assembly import Assembled, assemble
from judicial_record.convictions.coverage import CoverageEntry, SourceCoverage, coverage_of, first_day
from judicial_record.convictions.errors import RecordUndetermined
from judicial_record.convictions.facts import Assessment, Conviction, JudgmentKey, Record
from judicial_record.convictions.items import Item, JudgmentIn
from judicial_record.convictions.models import FindingRow, RecordRow
from judicial_record.convictions.repository import ConvictionRepository, read_entries
from judicial_record.convictions.rulebook import RuleBook, rule_book
from judicial_record.convictions.rules import assess
from judicial_record.convictions.sources import Source, sources
from judicial_record.convictions.vault import ConvictionVault
from judicial_record.convictions.verification_repository import VerificationRepository

Json = dict[str, Any]  # Any: JSON members
_EARLIEST = date(1930, 1, 1)


@dataclass(frozen=True, slots=True)
class LookUp:
    """The base's answer.

    `clear`: nothing found, and every source complete for the person's time. `hit`: a judgment is there,
    whatever it counts for. `gap`: nothing found, but not everything is there. `findings` are the answers of
    the expungement rules, `coverage` those of the sources, both as JSON.
    """

    outcome: Literal["clear", "hit", "gap"]
    findings: list[Json]
    coverage: list[Json]
    unlinked_count: int


class FindingIn(RequestModel):
    """What an officer found out: that a source has told everything of this person up to a day."""

    source: str = Field(description="The source that told it.", examples=["cong-an"])
    until: date = Field(description="Up to which day.", examples=["2026-11-23"])
    basis: Annotated[str, Field(min_length=1, max_length=500)] = Field(
        description="The paper that it rests on.", examples=["Công văn 15/CV-TA"]
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """All that is kept of one person, opened."""

    items: Sequence[Item]
    assembled: Assembled
    answers: Mapping[str, date]
    coverage: Mapping[str, Sequence[CoverageEntry]]


class ConvictionService:
    """Reads the base; every call is in the caller's transaction, and the caller traces who reads."""

    def __init__(
        self,
        vault: ConvictionVault,
        clocks: Clocks,
        *,
        book: RuleBook | None = None,
        bodies: Mapping[str, Source] | None = None,
    ) -> None:
        self._vault = vault
        self._clocks = clocks
        self._book = book or rule_book()
        self._bodies = bodies or sources()

    async def look_up(
        self,
        db: AsyncSession,
        citizen_id: UUID,
        *,
        born_on: date,
        asked_on: date,
        personal_id: str | None = None,
        name: str | None = None,
    ) -> LookUp:
        """Return what the base says of a person on a legal day.

        Documents whose person is not known yet count as a gap for everybody whose number, or name and year of
        birth, they carry.
        """
        known = await self._open(db, citizen_id)
        coverage = self._coverage(known, first_day(born_on), asked_on)
        unlinked = await ConvictionRepository(db).count_unlinked(
            self._vault.person_index(personal_id) if personal_id else None,
            self._vault.name_index(name, born_on.isoformat()) if name else None,
        )
        findings = self._findings(known, born_on, asked_on)
        is_whole = all(one.is_complete for one in coverage) and not unlinked
        outcome: Literal["clear", "hit", "gap"] = "hit" if findings else "clear" if is_whole else "gap"
        return LookUp(outcome, findings, [one.document() for one in coverage], unlinked)

    async def certificate_content(
        self, db: AsyncSession, citizen_id: UUID, form: int, asked_on: date, *, born_on: date | None = None
    ) -> list[Json]:
        """Return what a certificate shows: form 1 what still counts, form 2 every judgment.

        Empty means nothing on record. Raises: RecordUndetermined while it cannot be told what counts.
        """
        known = await self._open(db, citizen_id)
        answers = self._assess(known, born_on or self._birth(known), asked_on)
        if known.assembled.loose or any(one.status == "undetermined" for one in answers):
            raise RecordUndetermined
        by_key = {one.judgment: one for one in answers}
        shown = []
        for judgment, conviction in zip(known.assembled.judgments, known.assembled.convictions, strict=True):
            answer = by_key.get(conviction.judgment)
            if answer is None or answer.status == "dropped":
                continue  # not in force on the day asked, or no judgment any more
            if form == 2 or answer.status == "not_expunged":
                shown.append(_shown(judgment, conviction.as_of(asked_on), answer))
        return shown

    async def read_all(
        self, db: AsyncSession, citizen_id: UUID, *, asked_on: date
    ) -> tuple[list[Json], list[Json]]:
        """Return every document held, and the answers of the rules, both as JSON."""
        known = await self._open(db, citizen_id)
        return [one.model_dump(mode="json") for one in known.items], self._findings(
            known, self._birth(known), asked_on
        )

    async def record_finding(
        self, db: AsyncSession, application_id: UUID, citizen_id: UUID, finding: FindingIn, recorded_by: str
    ) -> UUID:
        """Keep what an officer found out; it closes the source's gaps up to the day. Return its id.

        Raises: Invalid for a source that there is not, or a day that has not come.
        """
        self._require_possible(finding)
        finding_id = new_id()
        db.add(
            FindingRow(
                citizen_id=citizen_id,
                finding_id=finding_id,
                application_id=application_id,
                content=self._vault.seal(
                    "conviction_findings.content", finding_id, finding.model_dump(mode="json")
                ),
                recorded_by=recorded_by,
                recorded_at=self._clocks.legal_now(),
            )
        )
        await db.flush()
        return finding_id

    def _require_possible(self, finding: FindingIn) -> None:
        errors = []
        if finding.source not in self._bodies:
            message = Text(vi="Không có nguồn thông tin này.", en="There is no such source.")
            errors.append(FieldError("/finding/source", "unknown_source", message))
        if finding.until > self._clocks.legal_today():
            message = Text(vi="Ngày này chưa đến.", en="This day has not come.")
            errors.append(FieldError("/finding/until", "in_the_future", message))
        if errors:
            raise Invalid(errors=errors)

    async def _open(self, db: AsyncSession, citizen_id: UUID) -> _Known:
        repository = ConvictionRepository(db)
        rows = await repository.list_current(citizen_id)
        answers = dict(await VerificationRepository(db).answered_on(citizen_id))
        for row in await repository.list_findings(citizen_id):
            finding = FindingIn.model_validate(
                self._vault.open("conviction_findings.content", row.finding_id, row.content)
            )
            answers[finding.source] = max(answers.get(finding.source, finding.until), finding.until)
        told = await repository.coverage()
        items = [self._item(row) for row in rows]
        return _Known(
            items,
            assemble(items),
            answers,
            {code: read_entries(row) for code, row in told.items()},
        )

    def _item(self, row: RecordRow) -> Item:
        return self._vault.open_item(row.content, row.record_id, row.version)

    def _findings(self, known: _Known, born_on: date | None, asked_on: date) -> list[Json]:
        answers = [one.document() for one in self._assess(known, born_on, asked_on)]
        return answers + [_judgment_missing(key) for key in known.assembled.loose]

    def _assess(self, known: _Known, born_on: date | None, asked_on: date) -> tuple[Assessment, ...]:
        record = Record(
            born_on=born_on,
            convictions=known.assembled.convictions,
            proceedings=known.assembled.proceedings,
            informed_until=self._informed_until(known, asked_on),
        )
        return assess(record, asked_on=asked_on, book=self._book)

    def _informed_until(self, known: _Known, asked_on: date) -> date | None:
        """Return the last day up to which every source of prosecutions has told all."""
        convictions = known.assembled.convictions
        since = min((one.effective_on for one in convictions), default=asked_on)
        if since > asked_on:
            return None
        coverage = self._coverage(known, since, asked_on)
        days = [one.covered_until(since, asked_on) for one in coverage if one.kind == "proceedings"]
        return None if not days or None in days else min(day for day in days if day)

    def _coverage(self, known: _Known, since: date, asked_on: date) -> tuple[SourceCoverage, ...]:
        return coverage_of(
            self._bodies.values(),
            known.coverage,
            known.answers,
            since=max(since, _EARLIEST),
            asked_on=asked_on,
        )

    def _birth(self, known: _Known) -> date | None:
        """Return the day of birth that the judgments state; an unknown one makes nobody a minor."""
        for judgment in known.assembled.judgments:
            if judgment.person is not None and judgment.person.born_on:
                told = judgment.person.born_on
                return date(int(told), 12, 31) if len(told) == 4 else date.fromisoformat(told)
        return None


def _judgment_missing(key: JudgmentKey) -> Json:
    return {
        "judgment": {"court": key.court, "number": key.number},
        "status": "undetermined",
        "rule_ids": [],
        "facts": [{"code": "judgment_missing", "on": None, "about": None}],
        **dict.fromkeys(("expunged_on", "starts_on", "ends_on", "petition_from")),
    }


def _shown(judgment: JudgmentIn, conviction: Conviction, answer: Assessment) -> Json:
    return {
        "judgment_number": judgment.judgment.number,
        "court": judgment.court_name,
        "judged_on": judgment.judged_on.isoformat(),
        "effective_on": judgment.effective_on.isoformat(),
        "crimes": [{"name": one.name, "article": one.article} for one in judgment.offences],
        "principal": {
            "kind": judgment.principal.kind,
            "months": judgment.principal.months,
            "done_on": _iso(conviction.principal_done_on),
        },
        "additional": [
            {"kind": told.kind, "months": told.months, "done_on": _iso(done.done_on)}
            for told, done in zip(judgment.additional, conviction.additional, strict=True)
        ],
        "duties": [{"kind": one.kind, "done_on": _iso(one.done_on)} for one in conviction.duties],
        "status": answer.status,
        "expunged_on": _iso(answer.expunged_on),
        "rule_ids": list(answer.rule_ids),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
