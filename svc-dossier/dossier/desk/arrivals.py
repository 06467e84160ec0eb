"""Dossiers that come on paper: the receiving desk enters them, accepted, refused or incomplete."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from casework.transitions import START
from chassis.auth import Actor
from chassis.errors import FieldError, Invalid, NotFound, Text
from chassis.ids import new_id
from chassis.schemas import RequestModel
from contracts.identifiers import PersonalId
from dossier.clients.identity import IdentityClient
from dossier.desk.case import Case, load_case
from dossier.desk.engine import take
from dossier.desk.schemas import ActionIn, ActionName, Line, Prose
from dossier.desk.tools import Tools
from dossier.dossiers.filing import give_code
from dossier.dossiers.forms import cleaned, form_errors
from dossier.dossiers.models import DossierRow
from dossier.dossiers.parties import Owner
from dossier.dossiers.people import PARTIES, parties_of
from dossier.procedures.service import Procedure, ProcedureService

FORM = "dossiers.form"
_STEPS: dict[tuple[str, str], str] = {
    ("accept", "counter"): "accept_at_counter",
    ("accept", "post"): "accept_by_post",
    ("refuse", "counter"): "refuse_on_arrival",
    ("refuse", "post"): "refuse_on_arrival",
    ("request_supplement", "counter"): "request_supplement_on_arrival",
    ("request_supplement", "post"): "request_supplement_on_arrival",
}
_UNKNOWN_PROCEDURE = Text(
    vi="Không có thủ tục này đang còn hiệu lực mà quầy được nhận.",
    en="No procedure of this code is in force and received here.",
)
_UNKNOWN_OWNER = Text(vi="Không xác định được người nộp.", en="Who files cannot be told.")


class OwnerIn(RequestModel):
    """Whose dossier it is: a person by the personal number, or a company by its tax code."""

    personal_id: PersonalId | None = Field(
        None, description="Of a person; in bodies only.", examples=["001085000017"]
    )
    name: Line | None = Field(None, description="Name of the person.", examples=["Nguyễn Văn An"])
    tax_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{10}(-[0-9]{3})?$")] | None = Field(
        None, description="Of a company.", examples=["0100000010"]
    )


class PaperIn(RequestModel):
    """One paper that was handed in."""

    slot: Annotated[str, StringConstraints(max_length=40)] = Field(
        description="Slot of the procedure's paper.", examples=["paper-1"]
    )
    count: Annotated[StrictInt, Field(ge=1, le=100)] = Field(description="How many.", examples=[1])


class ArrivalIn(RequestModel):
    """A dossier as it lies on the desk, and what the desk decides about it at once."""

    procedure_code: Annotated[str, StringConstraints(max_length=40)] = Field(
        description="Procedure of the catalogue.", examples=["1.002088"]
    )
    channel: Literal["counter", "post"] = Field(description="How it came.", examples=["counter"])
    owner: OwnerIn = Field(description="Whose it is.")
    form: dict[str, Any] | None = Field(  # Any: checked by the procedure's schema
        None, description="The form as typed in from the paper.", examples=[{"brand": "Hoa Sen"}]
    )
    papers: list[PaperIn] = Field(default=[], max_length=100, description="What was handed in.")
    decision: Literal["accept", "refuse", "request_supplement"] = Field(
        "accept", description="What the desk decides.", examples=["accept"]
    )
    reason: Prose | None = Field(None, description="Reason of a refusal or a request.", examples=[None])
    legal_basis: Prose | None = Field(None, description="Legal basis of a refusal.", examples=[None])
    items: list[Line] | None = Field(
        None, min_length=1, max_length=100, description="Everything to bring.", examples=[None]
    )


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Use case of taking paper in, in the request's unit of work."""

    db: AsyncSession
    tools: Tools
    identity: IdentityClient
    code_prefix: str

    async def enter(self, actor: Actor, arrival: ArrivalIn) -> Case:
        """Return the new dossier's case: accepted, refused with slip 03, or waiting with slip 02.

        Raises: Invalid, ConditionNotMet, UpstreamUnavailable when identity cannot say whose it is.
        """
        procedure = await self._procedure(actor, arrival.procedure_code)
        owner = await self._owner(arrival.owner)
        form = self._form(procedure, arrival)
        parties = await parties_of(self.identity, owner)
        dossier = self._row(procedure, arrival, owner)
        vault = self.tools.vault
        dossier.form = vault.seal_json(form, FORM, dossier.dossier_id)
        dossier.parties = vault.seal_json(parties, PARTIES, dossier.dossier_id)
        self.db.add(dossier)
        await self.db.flush()
        await give_code(self.db, dossier, vault, self.tools.clocks, self.code_prefix)
        case = await load_case(self.db, dossier, self.tools.rules, vault)
        given = {paper.slot for paper in arrival.papers}
        missing = [name for slot, name in case.procedure.required_slots.items() if slot not in given]
        decision: ActionName = arrival.decision
        await take(
            self.db,
            self.tools,
            case,
            _STEPS[arrival.decision, arrival.channel],
            actor.roles,
            actor=actor,
            body=ActionIn(
                action=decision,
                reason=arrival.reason,
                legal_basis=arrival.legal_basis,
                items=arrival.items,
            ),
            missing_papers=missing,
            from_status=START,
        )
        await self.db.flush()
        return case

    async def _procedure(self, actor: Actor, code: str) -> Procedure:
        try:
            procedure = await ProcedureService(self.db, self.tools.clocks).require(code)
        except NotFound:
            procedure = None
        if procedure is None or procedure.content.agency.code not in self.tools.offices.seen_by(actor):
            raise Invalid(errors=[FieldError("/procedure_code", "unknown_procedure", _UNKNOWN_PROCEDURE)])
        return procedure

    async def _owner(self, given: OwnerIn) -> Owner:
        if given.tax_code is not None:
            company = await self.identity.organisation_of(given.tax_code)
            if company is not None:
                return Owner("company", company.organisation_id, company.tax_code, None)
        elif given.personal_id is not None and given.name is not None:
            citizen_id = await self.identity.resolve(given.personal_id, given.name)
            if citizen_id is not None:
                return Owner("citizen", citizen_id, None, None)
        raise Invalid(errors=[FieldError("/owner", "unknown_owner", _UNKNOWN_OWNER)])

    def _form(self, procedure: Procedure, arrival: ArrivalIn) -> dict[str, Any]:  # Any: JSON members
        form = cleaned(arrival.form or {})
        if arrival.form is not None and arrival.decision == "accept":
            errors = form_errors(procedure.content.form, form)
            if errors:
                raise Invalid(errors=errors)
        return form

    def _row(self, procedure: Procedure, arrival: ArrivalIn, owner: Owner) -> DossierRow:
        now = self.tools.clocks.legal_now()
        return DossierRow(
            dossier_id=new_id(),
            version=1,
            procedure_code=procedure.code,
            procedure_version=procedure.version,
            agency_code=procedure.content.agency.code,
            channel=arrival.channel,
            status=0,
            owner_kind=owner.kind,
            owner_id=owner.owner_id,
            owner_organisation=owner.organisation,
            acting_citizen_id=owner.acting,
            created_at=now,
            updated_at=now,
            supplement_round=0,
        )
