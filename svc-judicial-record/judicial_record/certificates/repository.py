"""Every query over certificates. The one for verifiers is a single statement on a raw connection."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import access_log
from chassis.access_log import AccessEntry
from chassis.db import Database
from judicial_record.certificates.models import CertificateRow, RegisterRow

Found = dict[str, Any]  # Any: columns of several types

_TRACED = ", ".join(access_log.COLUMNS)
_GIVEN = ", ".join(f"${n}" for n in range(4, 3 + len(access_log.COLUMNS)))
_CONDITIONS = {
    "file": "r.pdf_sha256 = $1 and $2::bytea is null and $3::text is null",
    "code": "r.pdf_sha256 is distinct from $1 and r.number = $3 and r.code_index = $2",
}


class CertificateRepository:
    """In the caller's session; nothing here commits."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    def add(self, register: RegisterRow, certificate: CertificateRow) -> None:
        self._db.add_all((register, certificate))

    async def find_of_application(self, application_id: UUID) -> RegisterRow | None:
        statement = select(RegisterRow).where(RegisterRow.application_id == application_id)
        return (await self._db.scalars(statement)).one_or_none()

    async def find_for_update(self, number: str) -> RegisterRow | None:
        return (
            await self._db.scalars(select(RegisterRow).where(RegisterRow.number == number).with_for_update())
        ).one_or_none()

    async def find(self, number: str) -> RegisterRow | None:
        return await self._db.get(RegisterRow, number)

    async def get_file(self, register: RegisterRow) -> CertificateRow:
        """Return the row with the file of a certificate in the register."""
        statement = select(CertificateRow).where(
            CertificateRow.citizen_id == register.citizen_id,
            CertificateRow.certificate_id == register.certificate_id,
        )
        return (await self._db.scalars(statement)).one()

    async def get_code(self, register: RegisterRow) -> bytes | None:
        """Return the code of a certificate in the register without its file; None where none was kept."""
        statement = select(CertificateRow.code).where(
            CertificateRow.citizen_id == register.citizen_id,
            CertificateRow.certificate_id == register.certificate_id,
        )
        return (await self._db.scalars(statement)).one()


async def look_up(
    database: Database,
    by: Literal["file", "code"],
    *,
    pdf_sha256: bytes | None = None,
    number: str | None = None,
    code_index: bytes | None = None,
    trace: AccessEntry,
) -> Found | None:
    """Return the certificate of a file or of number and code, leaving the trace where its content is shown.

    One statement and one round trip: the trace is written by the statement that reads. `trace` names any
    citizen; the row's own is written.
    """
    values = access_log.row(trace)[1:]  # all but the citizen
    sql = f"""
        with found as (select * from certificate_register r where {_CONDITIONS[by]}),
        traced as (
            insert into access_entries ({_TRACED})
            select found.citizen_id, {_GIVEN} from found where found.state = 'valid' and found.form = 1
        )
        select * from found
    """  # noqa: S608 - constants of this module
    async with database.statement() as connection:
        found = await connection.fetchrow(sql, pdf_sha256, code_index, number, *values)
    return None if found is None else dict(found)
