"""Dependencies of the routes, by name of what they give."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.db import Db
from dossier.procedures.service import ProcedureService


async def _procedures(request: Request, db: Db) -> ProcedureService:
    return ProcedureService(db, request.app.state.clocks)


Procedures = Annotated[ProcedureService, Depends(_procedures, scope="function")]
