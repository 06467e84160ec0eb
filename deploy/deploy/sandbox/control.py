"""JSON interfaces of the sandbox itself: register, clock, personas, faults, journal.

Numbers travel in bodies only, as everywhere in the system.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.identifiers import PersonalId
from deploy.sandbox.accounts import PERIOD_SECONDS, totp_of
from deploy.sandbox.clock import ClockIn, LegalClock
from deploy.sandbox.faults import PEERS, Fault, Faults, Peer
from deploy.sandbox.people import Person
from deploy.sandbox.personas import Persona, personas
from deploy.sandbox.register import Register, masked
from deploy.sandbox.staff import StaffAccount, staff_accounts
from deploy.sandbox.state import State


class LookUpIn(BaseModel):
    """One number, or up to 500 of them."""

    model_config = ConfigDict(extra="forbid")

    personal_id: PersonalId | None = Field(None, examples=["001085000017"])
    personal_ids: list[PersonalId] | None = Field(None, max_length=500, examples=[["001085000017"]])

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.personal_id is None) == (self.personal_ids is None):
            raise ValueError("give either personal_id or personal_ids")
        return self


class ChangeIn(BaseModel):
    """What the register shall say from now on; fields left out stay."""

    model_config = ConfigDict(extra="forbid")

    personal_id: PersonalId
    name: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    born_on: date | None = None
    sex: Literal["male", "female"] | None = None
    level: Literal[0, 1, 2] | None = Field(None, description="Level of the VNeID account; 0 closes it.")
    is_alive: bool | None = None
    phone: Annotated[str, Field(max_length=15)] | None = None
    address: Annotated[str, Field(max_length=1024)] | None = None


def _answer(person: Person | None, personal_id: str) -> dict[str, Any]:
    if person is None:
        return {"found": False, "personal_id": personal_id, "reason": "not_in_register", "person": None}
    return {"found": True, "personal_id": personal_id, "reason": None, "person": person.as_register_entry()}


def persona_out(persona: Persona, register: Register, now: float) -> dict[str, Any]:
    """Return a persona with the password and the one-time code of this moment (`now`: seconds since 1970)."""
    person = register.find(persona.person.personal_id) if persona.person else None
    code = totp_of(person.personal_id).at(int(now)) if person is not None and person.level else None
    return {
        "name": persona.name,
        "kind": persona.kind,
        "title": person.name if person else persona.title,
        "about": {"vi": persona.about_vi, "en": persona.about_en},
        "personal_id": person.personal_id if person else None,
        "tax_code": persona.number,
        "born_on": person.born_on.isoformat() if person else None,
        "organisation": persona.organisation,
        "represented_by": persona.represented_by,
        "level": person.level if person else None,
        "usual_level": persona.person.level if persona.person else None,
        "password": persona.password,
        "one_time_code": code,
        "code_changes_in_seconds": PERIOD_SECONDS - int(now) % PERIOD_SECONDS if code else None,
    }


def staff_out(account: StaffAccount, now: float) -> dict[str, Any]:
    """Return a staff account with the password and the one-time code of this moment."""
    persona = account.persona
    return {
        "username": account.username,
        "title": persona.title,
        "about": {"vi": persona.about_vi, "en": persona.about_en},
        "organisation": persona.organisation,
        "roles": list(account.roles),
        "password": account.password,
        "one_time_code": account.totp.at(int(now)),
        "code_changes_in_seconds": PERIOD_SECONDS - int(now) % PERIOD_SECONDS,
    }


def routes(
    register: Register, clock: LegalClock, faults: Faults, state: State, now: Callable[[], float]
) -> APIRouter:
    """Return the JSON routes; `now` gives real time in seconds since 1970."""
    router = APIRouter(prefix="/sandbox", tags=["Sandbox"])

    @router.post("/population/look-ups", summary="Look up person")
    async def look_up_person(body: LookUpIn) -> dict[str, Any]:
        """Answer `{found, person, reason}` for one number, `{items: [...]}` in the order asked for many."""
        if body.personal_ids is not None:
            found = [_answer(register.find(number), number) for number in body.personal_ids]
            state.record(
                "population", "looked_up", count=len(found), found=sum(one["found"] for one in found)
            )
            return {"items": found}
        number = body.personal_id or ""
        person = register.find(number)
        state.record("population", "looked_up", number=masked(number), found=person is not None)
        return _answer(person, number)

    @router.post("/population/changes", summary="Change person")
    async def change_person(body: ChangeIn) -> dict[str, Any]:
        """Correct the register as a civil-status office would; later look-ups read the change."""
        patch = body.model_dump(mode="json", exclude_unset=True, exclude_none=True, exclude={"personal_id"})
        try:
            person = register.change(body.personal_id, patch)
        except KeyError as error:
            raise HTTPException(404, "nobody in the register has this number") from error
        state.record("population", "changed", number=masked(body.personal_id), fields=sorted(patch))
        return _answer(person, body.personal_id)

    @router.get("/clock", summary="Read legal clock")
    async def read_clock() -> dict[str, Any]:
        return clock.reading()

    @router.put("/clock", summary="Move legal clock")
    async def move_clock(body: ClockIn) -> dict[str, Any]:
        """Move legal time for the whole system; real time (tokens, retries) is untouched."""
        clock.move(body.resolve_now())
        return clock.reading()

    @router.get("/api/personas", summary="List personas")
    async def list_personas() -> dict[str, Any]:
        return {"items": [persona_out(persona, register, now()) for persona in personas().values()]}

    @router.get("/api/staff", summary="List staff accounts")
    async def list_staff() -> dict[str, Any]:
        """Give who signs in at identity's own page, with passwords and one-time codes of this moment."""
        return {"items": [staff_out(account, now()) for account in staff_accounts().values()]}

    @router.get("/api/town", summary="List townspeople")
    async def list_townspeople(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100, offset: Annotated[int, Query(ge=0)] = 0
    ) -> dict[str, Any]:
        """Give seeded people in their fixed order, with passwords; one-time codes by the same rule as all."""
        own = {persona.person.personal_id for persona in personas().values() if persona.person}
        people = [person for person in register if person.personal_id not in own]
        items = [
            person.as_register_entry() | {"password": register.password(person) if person.level else None}
            for person in people[offset : offset + limit]
        ]
        return {"items": items, "total": len(people)}

    @router.get("/api/faults", summary="List fault switches")
    async def list_faults() -> dict[str, Fault]:
        return faults.all()

    @router.put("/api/faults/{peer}", summary="Set fault switch")
    async def set_fault(peer: Peer, body: Fault) -> dict[str, Fault]:
        """Set how a peer misbehaves; an empty object ends the fault."""
        faults.set(peer, body)
        state.record(peer, "fault_set", **body.model_dump())
        return faults.all()

    @router.get("/api/received", summary="List what was received")
    async def list_received(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100, peer: str | None = None
    ) -> dict[str, Any]:
        """Give what the peers received, newest first; `peer` is one of population, vneid, clock."""
        if peer is not None and peer not in {*PEERS, "clock"}:
            raise HTTPException(422, "no such peer")
        return {"items": state.journal(limit, peer)}

    return router
