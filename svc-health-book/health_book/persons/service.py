"""Finds the citizen of a visit through identity, and joins later what could not be found at once.

Intake never waits for identity longer than a setting says, and never fails because of it: a visit without its
person is kept as unlinked, and a timer asks again.
"""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis import outbox
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import UpstreamUnavailable
from chassis.logging import get_logger
from contracts.events.health_book import VisitRecordedV1
from health_book.batching import Batcher
from health_book.clients.identity import IdentityClient, Resolution
from health_book.persons import repository
from health_book.persons.repository import Waiting
from health_book.persons.rules import has_paper, pause_before_next_attempt
from health_book.vault import Vault

Question = dict[str, Any]  # Any: JSON members
Found = dict[bytes, tuple[UUID | None, str]]

BATCH = 200
_AWAY_SECONDS = 1.0
_WAITING = "waiting"
_CONFIRMED = "confirmed"

log = get_logger(__name__)


class PersonLinks:
    """Who a person is, by what identity answered before or answers now."""

    def __init__(self, database: Database, identity: IdentityClient, vault: Vault, clocks: Clocks) -> None:
        self._database = database
        self._identity = identity
        self._vault = vault
        self._clocks = clocks
        self._away_until = 0.0
        self._batches = Batcher(self._find_together, limit=100)

    async def find(self, questions: Sequence[Question]) -> list[tuple[UUID | None, str]]:
        """Return for each question the citizen, or `None` with the state in which the visit waits.

        States: `linked`, `waiting` (identity is away), `insufficient`, `conflict`. Never raises for identity.
        """
        indexes = [self._vault.index_of(question) for question in questions]
        found = await self._batches.submit(dict(zip(indexes, questions, strict=True)))
        return [found[index] for index in indexes]

    async def _find_together(self, asked: list[dict[bytes, Question]]) -> list[Found]:
        """Answer the questions of several callers with one look-up and one call of identity."""
        questions = {index: question for one in asked for index, question in one.items()}
        async with self._database.statement() as connection:
            known = dict(await repository.find_links(connection, list(questions)))
        missing = {
            index: question
            for index, question in questions.items()
            if index not in known and has_paper(question)
        }
        states: dict[bytes, str] = {}
        if missing:
            states = await self._ask_and_remember(missing, known)
        found: Found = {
            index: (known[index], "linked") if index in known else (None, states.get(index, "insufficient"))
            for index in questions
        }
        return [found] * len(asked)

    async def _ask_and_remember(
        self, missing: dict[bytes, Question], known: dict[bytes, UUID]
    ) -> dict[bytes, str]:
        """Add to `known` whom identity names, and remember who is confirmed; return its states by question.

        An unconfirmed number can still turn out to be another person's, so it is asked again each time.
        """
        answers = dict(zip(missing, await self._ask(list(missing.values())), strict=True))
        named = {index: one.citizen_id for index, one in answers.items() if one.citizen_id is not None}
        lasting = {index: citizen for index, citizen in named.items() if answers[index].state == _CONFIRMED}
        if lasting:
            async with self._database.statement() as connection:
                await repository.add_links(connection, lasting, self._clocks.real_now())
        known.update(named)
        return {index: one.state for index, one in answers.items()}

    async def _ask(self, questions: list[Question]) -> list[Resolution]:
        """Ask identity; while it is away nobody waits for it a second time within a second."""
        unknown = [Resolution(None, _WAITING)] * len(questions)  # type: ignore[arg-type]  # our own state
        if time.monotonic() < self._away_until:
            return unknown
        try:
            return await self._identity.resolve(questions)
        except UpstreamUnavailable:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            log.warning("persons.identity_away", count=len(questions))
            return unknown

    async def link_waiting(self) -> int:
        """Ask again for every visit whose turn has come; return how many found their person. Idempotent."""
        now = self._clocks.real_now()
        async with self._database.statement() as connection:
            due = await repository.list_due(connection, now, BATCH)
        if not due:
            return 0
        answers = await self.find([self._vault.open_question(waiting.question) for waiting in due])
        linked = 0
        for waiting, (citizen_id, state) in zip(due, answers, strict=True):
            if citizen_id is None:
                await self._postpone(waiting, state)
            else:
                linked += await self._link(waiting, citizen_id)
        log.info("persons.linked", count=linked, due_count=len(due))
        return linked

    async def _postpone(self, waiting: Waiting, state: str) -> None:
        pause = pause_before_next_attempt(state, waiting.attempts)
        async with self._database.statement() as connection:
            await repository.postpone(connection, waiting, state, self._clocks.real_now() + pause)

    async def _link(self, waiting: Waiting, citizen_id: UUID) -> bool:
        """Put one visit into its citizen's book and announce it, in one transaction."""
        async with self._database.connection() as connection:
            placed = await repository.link(connection, waiting, citizen_id)
            if placed is None or placed["outcome"] != "linked":
                return False
            event = VisitRecordedV1(
                visit_id=waiting.visit_id,
                citizen_id=citizen_id,
                facility_code=placed["facility_code"],
                version=waiting.version,
                outcome="recorded" if placed["is_first"] else "superseded",
                recorded_at=self._clocks.real_now(),
                detail_url=f"/v1/me/health-book/visits/{waiting.visit_id}",
            )
            await connection.execute(outbox.INSERT_SQL, *outbox.row(event))
        return True
