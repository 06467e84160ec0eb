"""Whose a dossier is, as a token tells it: one's own, a child's by its parent, a company's by its staff."""

from dataclasses import dataclass
from uuid import UUID

from chassis.auth import Actor
from chassis.errors import RoleMissing
from contracts.portal import OwnerKind


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner and who acts for them; `acting` is None where the owner acts in person.

    `organisation` is a company's tax code.
    """

    kind: OwnerKind
    owner_id: UUID
    organisation: str | None
    acting: UUID | None


def owner_of(actor: Actor) -> Owner:
    """Return for whom the actor files. Raises: RoleMissing where the token names nobody."""
    acting = _uuid(actor.act.get("sub")) if actor.act else None
    if actor.kind == "citizen" and actor.citizen_id is not None:
        return Owner("citizen", actor.citizen_id, None, acting)
    organisation_id = _uuid(actor.subject)
    if actor.kind == "company" and organisation_id is not None and acting is not None:
        return Owner("company", organisation_id, actor.organisation, acting)
    raise RoleMissing(kind=actor.kind)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
