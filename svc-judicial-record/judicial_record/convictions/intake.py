"""Takes what courts and enforcement bodies send: a verdict per item, each item a transaction of its own.

A bad item never takes good ones with it; the same document again is unchanged; with another content it is a
correction that supersedes and keeps what was; one that is older than what is held is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import LEGAL_ZONE, Clocks
from chassis.db import Database
from chassis.errors import FieldError, Text
from chassis.ids import new_id
from chassis.logging import get_logger
from chassis.validation import field_errors
from judicial_record.convictions.items import ITEM, Item, JudgmentIn
from judicial_record.convictions.models import NOBODY, ClaimRow
from judicial_record.convictions.persons import Found, PersonResolver, next_attempt
from judicial_record.convictions.repository import ConvictionRepository, NewVersion
from judicial_record.convictions.sources import Source
from judicial_record.convictions.vault import ConvictionVault

Outcome = Literal["recorded", "superseded", "unchanged", "outdated"]

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """An item that was taken; `index` is its place among those sent."""

    index: int
    reference: str
    record_id: UUID
    outcome: Outcome
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that was not taken, and why."""

    index: int
    reference: str | None
    errors: tuple[FieldError, ...]


@dataclass(slots=True)
class Verdicts:
    """The verdict on each item of a batch."""

    taken: list[Taken] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def count(self, *outcomes: Outcome) -> int:
        return sum(one.outcome in outcomes for one in self.taken)


class ConvictionIntake:
    """The use case of sending."""

    def __init__(
        self, database: Database, resolver: PersonResolver, vault: ConvictionVault, clocks: Clocks
    ) -> None:
        self._database = database
        self._resolver = resolver
        self._vault = vault
        self._clocks = clocks

    async def take(self, source: Source, sent: Sequence[Any]) -> Verdicts:  # Any: JSON, not validated yet
        """Return the verdict on each item; what is taken is committed item by item.

        Idempotent. Never fails for identity: a document whose person is not found waits for it.
        """
        verdicts = Verdicts()
        items: list[tuple[int, Item]] = []
        for index, raw in enumerate(sent):
            read = self._read(index, source, raw)
            if isinstance(read, Rejected):
                verdicts.rejected.append(read)
            else:
                items.append((index, read))
        people = [item.person for _, item in items if item.person is not None]
        found = iter(await self._resolver.resolve(people))
        for index, item in items:
            about = Found(NOBODY, "organisation") if item.person is None else next(found)
            async with self._database.transaction() as db:
                taken = await self._record(db, source, item, about)
            verdicts.taken.append(Taken(index, item.reference, *taken))
        log.info(
            "convictions.taken",
            peer=source.code,
            count=len(verdicts.taken),
            rejected_count=len(verdicts.rejected),
        )
        return verdicts

    def _read(self, index: int, source: Source, raw: Any) -> Item | Rejected:  # Any: as above
        reference = raw.get("reference") if isinstance(raw, dict) else None
        reference = reference[:64] if isinstance(reference, str) else None
        try:
            item = ITEM.validate_python(raw)
        except ValidationError as failure:
            errors = [_without_tag(one) for one in failure.errors(include_input=False, include_url=False)]
            return Rejected(index, reference, tuple(field_errors(errors)))
        found = [*_not_of_source(item, source), *_impossible_days(item, self._clocks.legal_today())]
        return Rejected(index, item.reference, tuple(found)) if found else item

    async def _record(
        self, db: AsyncSession, source: Source, item: Item, about: Found
    ) -> tuple[UUID, Outcome, bool]:
        repository = ConvictionRepository(db)
        content = self._vault.content_of(item)
        claim, is_new = await repository.claim(
            self._vault.key_of(source.code, item), new_id(), about.citizen_id, item.issued_at, content
        )
        if about.state != "linked" and claim.citizen_id != NOBODY:
            about = Found(claim.citizen_id, "linked")  # named before; identity is away or in doubt now
        is_waiting = about.state not in ("linked", "organisation")
        if not is_new and claim.content_index == content:
            if about.citizen_id != claim.citizen_id and claim.citizen_id == NOBODY:
                await repository.link(claim.record_id, about.citizen_id)
            return claim.record_id, "unchanged", is_waiting
        if not is_new and item.issued_at < claim.issued_at:
            return claim.record_id, "outdated", is_waiting
        if not is_new:
            await repository.retire(claim.record_id, claim.citizen_id)
            _bring_up_to_date(claim, about, item, content)
        now = self._clocks.real_now()
        number, name = self._vault.indexes_of(item)
        new = NewVersion(
            citizen_id=about.citizen_id,
            source=source.code,
            state=about.state,
            content=self._vault.seal_item(item, claim.record_id, claim.version),
            person_index=number,
            name_index=name,
            received_at=now,
            next_attempt_at=next_attempt(about.state, 0, now),
        )
        await repository.add(claim.record_id, claim.version, new)
        return claim.record_id, "recorded" if is_new else "superseded", is_waiting


def _bring_up_to_date(claim: ClaimRow, about: Found, item: Item, content: bytes) -> None:
    claim.version += 1
    claim.citizen_id = about.citizen_id
    claim.issued_at = item.issued_at
    claim.content_index = content


def _without_tag(error: Any) -> dict[str, Any]:  # Any: pydantic's error details
    """Return an error whose place is in the item itself: pydantic puts the kind in front."""
    location = error["loc"]
    return {**error, "loc": ("body", *location[1:])}


def _not_of_source(item: Item, source: Source) -> Iterable[FieldError]:
    if item.kind not in source.kinds:
        words = Text(vi="Cơ quan này không gửi loại thông tin đó.", en="This body does not send that kind.")
        yield FieldError("/kind", "kind_not_of_source", words)


def _impossible_days(item: Item, today: date) -> Iterable[FieldError]:
    """Yield the days that cannot be: in the future, or a crime or judgment out of order."""
    future = Text(vi="Ngày ở tương lai.", en="The day is in the future.")
    order = Text(vi="Thứ tự ngày không hợp lý.", en="The days are out of order.")
    days = {name: value for name, value in item if type(value) is date}
    for name, value in days.items():
        if value > today:
            yield FieldError(f"/{name}", "day_in_future", future)
    if item.issued_at.astimezone(LEGAL_ZONE).date() > today:
        yield FieldError("/issued_at", "day_in_future", future)
    if isinstance(item, JudgmentIn):
        if item.effective_on < item.judged_on:
            yield FieldError("/effective_on", "days_out_of_order", order)
        for n, offence in enumerate(item.offences):
            if offence.committed_on > item.judged_on:
                yield FieldError(f"/offences/{n}/committed_on", "days_out_of_order", order)
