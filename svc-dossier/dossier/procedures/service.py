"""Use cases of the catalogue."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.errors import FieldError, Invalid, MalformedCursor, NotFound, Text
from chassis.etag import etag_of
from chassis.paging import Cursors, Page
from dossier.procedures.fold import fold, slug, words
from dossier.procedures.models import ProcedureRow
from dossier.procedures.repository import ProcedureRepository
from dossier.procedures.rules import fees_total, form_problem, fully_online_share
from dossier.procedures.schemas import ProcedureContent, ProcedureIn, ProcedureOut, ProcedureOverviewOut

_LOCAL_COPY = re.compile(r"([1-3]\.[0-9]{6})\.[0-9A-Z.]{1,20}")
_FORM_WORDS = {
    "form_not_object_2020_12": Text(
        vi="Biểu mẫu phải là JSON Schema 2020-12 của một đối tượng.",
        en="The form must be a JSON Schema 2020-12 of an object.",
    ),
    "form_too_deep": Text(vi="Biểu mẫu lồng nhau quá sâu.", en="The form is nested too deeply."),
    "form_has_reference": Text(
        vi="Biểu mẫu không được tham chiếu ra ngoài.", en="The form must not hold references."
    ),
    "form_not_a_schema": Text(
        vi="Biểu mẫu không phải là JSON Schema hợp lệ.", en="The form is not a valid JSON Schema."
    ),
}
_PAST = Text(
    vi="Ngày hiệu lực không được trước hôm nay hoặc trước phiên bản đã công bố.",
    en="It must not begin before today, nor before the version published last.",
)


@dataclass(frozen=True, slots=True)
class Procedure:
    """One version of a procedure, as the rest of the service uses it."""

    code: str
    version: int
    valid_from: date
    content: ProcedureContent


@dataclass(frozen=True, slots=True)
class ProcedureService:
    """The catalogue, in the caller's unit of work."""

    db: AsyncSession
    clocks: Clocks

    async def list_page(
        self,
        cursors: Cursors,
        *,
        q: str | None,
        agency: str | None,
        field: str | None,
        cursor: str | None,
        limit: int,
    ) -> Page[ProcedureOverviewOut]:
        """Return procedures in force by name; a query without one letter or digit finds nothing.

        `agency` and `field` are a code or a name. Raises: MalformedCursor.
        """
        asked = words(q or "")
        if (q or "").strip() and not asked:
            return Page[ProcedureOverviewOut](items=[], next_cursor=None)
        agency, field = (slug(value) if value else None for value in (agency, field))
        scope = f"procedures:{' '.join(asked)}:{agency}:{field}"
        after = _position(cursors.decode(cursor, scope=scope)) if cursor is not None else None
        rows = await ProcedureRepository(self.db).list_in_force(
            self.clocks.legal_today(), asked, agency, field, after, limit + 1
        )
        shown = rows[:limit]
        following = None
        if len(rows) > limit:
            following = cursors.encode([shown[-1].sort_name, shown[-1].code], scope=scope)
        return Page[ProcedureOverviewOut](items=[_overview(row) for row in shown], next_cursor=following)

    async def get(self, code: str, version: int | None = None) -> tuple[ProcedureOut, str]:
        """Return the version in force today, or the one asked for, and its ETag. Raises: NotFound."""
        row = await self._row(code, version)
        return _out(row), etag_of(f"{row.code}-{row.version}")

    async def require(self, code: str, version: int | None = None) -> Procedure:
        """Return a version for use: in force today, or the one that a dossier stands under.

        Raises: NotFound.
        """
        row = await self._row(code, version)
        return Procedure(row.code, row.version, row.valid_from, _content(row))

    async def publish(
        self, code: str, wanted: ProcedureIn, by: str, require_match: Callable[[str], None]
    ) -> tuple[ProcedureOut, str, bool]:
        """Publish a new version; return it, its ETag and whether the procedure is new.

        The content in force is left as it is when nothing in it differs. `require_match` is given the
        current ETag and raises StaleVersion. Raises: Invalid, StaleVersion.
        """
        problem = form_problem(wanted.form)
        if problem is not None:
            raise Invalid(errors=[FieldError("/form", problem, _FORM_WORDS[problem])])
        repository = ProcedureRepository(self.db)
        latest = await repository.lock(code)
        require_match(etag_of(f"{code}-{latest.version if latest else 0}"))
        today = self.clocks.legal_today()
        valid_from = wanted.valid_from or max(today, latest.valid_from if latest else today)
        content = ProcedureContent.model_validate(wanted.model_dump(mode="json", exclude={"valid_from"}))
        if latest is not None and _content(latest) == content and wanted.valid_from is None:
            return _out(latest), etag_of(f"{code}-{latest.version}"), False
        if valid_from < today or (latest is not None and valid_from < latest.valid_from):
            raise Invalid(errors=[FieldError("/valid_from", "valid_from_past", _PAST)])
        row = row_of(code, latest.version + 1 if latest else 1, valid_from, content, by, self.clocks)
        await repository.add(row, latest)
        return _out(row), etag_of(f"{code}-{row.version}"), latest is None

    async def _row(self, code: str, version: int | None) -> ProcedureRow:
        local = _LOCAL_COPY.fullmatch(code)
        code = local.group(1) if local else code
        repository = ProcedureRepository(self.db)
        if version is None:
            row = await repository.find_in_force(code, self.clocks.legal_today())
        else:
            row = await repository.find(code, version)
        if row is None:
            raise NotFound
        return row


def row_of(
    code: str, version: int, valid_from: date, content: ProcedureContent, by: str, clocks: Clocks
) -> ProcedureRow:
    """Return the row of a version, open-ended, with what is searched in it."""
    parts = (content.name, code, content.agency.name, content.unit_name, content.field.name)
    return ProcedureRow(
        code=code,
        version=version,
        valid_from=valid_from,
        valid_until=None,
        name=content.name,
        sort_name=fold(content.name),
        search=" ".join(fold(part) for part in parts),
        agency_code=content.agency.code,
        field_code=content.field.code,
        document=content.model_dump(mode="json"),
        created_at=clocks.real_now(),
        created_by=by,
    )


def _content(row: ProcedureRow) -> ProcedureContent:
    return ProcedureContent.model_validate(row.document)


def _out(row: ProcedureRow) -> ProcedureOut:
    content = _content(row)
    own: dict[str, Any] = {  # Any: values of several types
        "code": row.code,
        "version": row.version,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "fully_online_share": fully_online_share(content.steps),
        "fees_total_vnd": fees_total(content.fees),
    }
    return ProcedureOut.model_validate({**row.document, **own})


def _overview(row: ProcedureRow) -> ProcedureOverviewOut:
    content = _content(row)
    return ProcedureOverviewOut(
        code=row.code,
        national_code=content.national_code,
        code_confidence=content.code_confidence,
        version=row.version,
        name=content.name,
        agency=content.agency,
        field=content.field,
        level=content.level,
        online_kind=content.online.kind,
        deadline=content.deadline,
        fees_total_vnd=fees_total(content.fees),
    )


def _position(position: list[str | int | None]) -> tuple[str, str]:
    if len(position) != 2:
        raise MalformedCursor
    return str(position[0]), str(position[1])
