"""Deletes what has no further use: sign-ins under way, sessions and codes, assertions, revocations, counted
failures.

Small batches, so that no lock is held long; each timer run goes on until nothing is left.
"""

from chassis.clock import Clocks
from chassis.db import Database
from chassis.logging import get_logger
from identity.sign_in.repository import SignInRepository
from identity.staff.repository import StaffRepository
from identity.staff.rules import FORGOTTEN_AFTER
from identity.tokens.repository import TokenRepository

BATCH = 1000

log = get_logger(__name__)


async def forget_expired(database: Database, clocks: Clocks) -> int:
    """Delete everything past its use and return how many rows that were. Idempotent."""
    total = 0
    while True:
        async with database.transaction() as db:
            now = clocks.real_now()
            deleted = await TokenRepository(db).forget_expired(now, BATCH)
            deleted += await SignInRepository(db).forget_expired(now, BATCH)
            deleted += await StaffRepository(db).forget_old(now - FORGOTTEN_AFTER, BATCH)
        total += deleted
        if deleted < BATCH:
            break
    if total:
        log.info("retention.deleted", count=total)
    return total
