"""Who may see which application, and the trace that reading another person's leaves.

Nobody learns of an application that is not theirs: another citizen and another office get the same 404, and
the person whose it is sees the attempt in the access log.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.access_log import AccessEntry, record, record_refusal
from chassis.auth import Actor
from chassis.db import Database
from chassis.errors import NotFound, RoleMissing, TokenInvalid
from judicial_record.applications.errors import ActingForAnother
from judicial_record.applications.models import ApplicationRow

PURPOSE = "judicial_record_application"
LEGAL_GROUND = "Law 28/2009/QH12 (amended by Law 107/2025/QH15), Decree 216/2026/NĐ-CP art. 23"
ROLES = ("judicial_officer", "judicial_leader")


def citizen_of(actor: Actor) -> UUID:
    """Return the citizen of a citizen's token, which the verifier has seen to."""
    if actor.citizen_id is None:
        raise TokenInvalid(reason="no_citizen")
    return actor.citizen_id


def oneself(actor: Actor) -> UUID:
    """Return the citizen who signed in for him- or herself. Raises: ActingForAnother, TokenInvalid."""
    if actor.act is not None:
        raise ActingForAnother
    return citizen_of(actor)


def office_of(actor: Actor) -> str:
    """Return the office that an officer works for. Raises: RoleMissing for one bound to none."""
    if not actor.organisation:
        raise RoleMissing(reason="no_office")
    return actor.organisation


def roles_of(actor: Actor) -> list[str]:
    """Return the roles of this feature that an officer holds."""
    return [role for role in ROLES if role in actor.roles]


async def record_reading(
    db: AsyncSession, actor: Actor, row: ApplicationRow, sections: Sequence[str], purpose: str = PURPOSE
) -> None:
    """Leave the trace of a reading in the reader's transaction."""
    await record(db, _entry(actor, row.citizen_id, row.application_id, tuple(sections), purpose))


async def refuse(database: Database, actor: Actor, owner: UUID | None, application_id: UUID) -> NotFound:
    """Return the refusal of an application that is not the actor's, after its owner's log has the attempt."""
    if owner is not None and owner != actor.citizen_id:
        await record_refusal(database, _entry(actor, owner, application_id, None, PURPOSE))
    return NotFound()


def _entry(
    actor: Actor, owner: UUID, application_id: UUID, sections: tuple[str, ...] | None, purpose: str
) -> AccessEntry:
    is_refused = sections is None
    role = "citizen" if actor.kind == "citizen" else next(iter(sorted(actor.roles)), None)
    return AccessEntry(
        citizen_id=owner,
        actor_kind=actor.kind,
        actor_subject=actor.person,
        actor_role=role,
        actor_organisation=actor.organisation,
        purpose=purpose,
        legal_ground="none" if is_refused else LEGAL_GROUND,
        sections=sections or (),
        outcome="refused" if is_refused else "allowed",
        reason="not_found" if is_refused else None,
        resource=f"judicial-record-applications/{application_id}",
    )
