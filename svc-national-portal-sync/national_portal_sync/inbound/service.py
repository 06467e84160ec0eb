"""Taking what peers hand over: each item by itself, once per version, never an older over a newer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import outbox
from chassis.clock import Clocks
from chassis.crypto import Cipher
from chassis.errors import FieldError, Language, NotFound, Text
from chassis.ids import new_id
from chassis.schemas import RequestModel
from chassis.validation import field_errors
from contracts.events.national_portal_sync import InboundDossierReceivedV1
from contracts.portal import InboundDossier
from national_portal_sync.inbound.errors import NothingAccepted
from national_portal_sync.inbound.repository import InboundRepository, find_content
from national_portal_sync.inbound.rules import standing_of
from national_portal_sync.inbound.schemas import (
    InboundDossierIn,
    InboundStateOut,
    InboundStatusIn,
    ItemErrorOut,
    VerdictOut,
    VerdictsOut,
)

Item = TypeVar("Item", InboundDossierIn, InboundStatusIn)

_VERSION_REUSED = FieldError(
    "/version",
    "version_reused",
    Text(
        vi="Phiên bản này đã được gửi với nội dung khác; hãy tăng số phiên bản.",
        en="This version was sent with other content; count the version up.",
    ),
)
_UNKNOWN_DOSSIER = FieldError(
    "/code",
    "unknown_dossier",
    Text(
        vi="Chưa nhận được hồ sơ có mã này; hãy gửi hồ sơ trước.",
        en="No dossier with this code is known; send the dossier first.",
    ),
)


@dataclass(frozen=True, slots=True)
class InboundService:
    """Use cases of one peer in its request's unit of work."""

    db: AsyncSession
    clocks: Clocks
    cipher: Cipher
    peer: str
    language: Language

    async def receive_dossiers(self, given: Sequence[object]) -> VerdictsOut:
        """Take dossiers and announce each new version. Raises: NothingAccepted."""
        items, verdicts = self._read(given, InboundDossierIn)
        repository = InboundRepository(self.db, self.peer)
        newest = await repository.lock(item.code for item in items.values())
        for index, item in items.items():
            content = orjson.dumps(item.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
            digest = hashlib.sha256(content).digest()
            kept = await repository.find(item.code, item.version)
            standing = standing_of(
                item.version, digest, newest=newest[item.code], kept=kept.digest if kept else None
            )
            inbound_id = kept.inbound_id if kept else None
            if standing == "received":
                inbound_id = new_id()
                sealed = self.cipher.encrypt_bytes(content, context=_context(inbound_id))
                now = self.clocks.real_now()
                await repository.add(item.code, item.version, inbound_id, digest, sealed, now)
                await outbox.add(
                    self.db,
                    InboundDossierReceivedV1(
                        inbound_id=inbound_id,
                        peer=self.peer,
                        external_code=item.code,
                        version=item.version,
                        received_at=now,
                        detail_url=f"/internal/v1/inbound-dossiers/{inbound_id}",
                    ),
                )
                newest[item.code] = item.version
            verdicts[index] = self._verdict(index, item, standing, inbound_id)
        return _answer(verdicts)

    async def receive_statuses(self, given: Sequence[object]) -> VerdictsOut:
        """Take statuses of dossiers at the peer. Raises: NothingAccepted."""
        items, verdicts = self._read(given, InboundStatusIn)
        repository = InboundRepository(self.db, self.peer)
        await repository.lock(item.code for item in items.values())
        for index, item in items.items():
            verdicts[index] = await self._receive_status(repository, index, item)
        return _answer(verdicts)

    async def _receive_status(
        self, repository: InboundRepository, index: int, item: InboundStatusIn
    ) -> VerdictOut:
        if not await repository.is_known(item.code):
            return self._rejection(index, item, _UNKNOWN_DOSSIER)
        document = orjson.dumps(item.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(document).digest()
        version, kept = await repository.find_status(item.code) or (0, None)
        standing = standing_of(
            item.version, digest, newest=version, kept=kept if version == item.version else None
        )
        if standing == "received":
            await repository.set_status(
                {
                    "code": item.code,
                    "version": item.version,
                    "status": item.status,
                    "digest": digest,
                    "changed_at": item.changed_at,
                    "received_at": self.clocks.real_now(),
                }
            )
        return self._verdict(index, item, standing, None)

    async def get_state(self, code: str) -> InboundStateOut:
        """Return what is held of a dossier of this peer. Raises: NotFound."""
        state = await InboundRepository(self.db, self.peer).find_state(code)
        if state is None:
            raise NotFound
        return InboundStateOut(**state)

    def _read(
        self, given: Sequence[object], model: type[Item]
    ) -> tuple[dict[int, Item], dict[int, VerdictOut]]:
        """Return the sound items and the verdicts of the others, by position."""
        items: dict[int, Item] = {}
        verdicts: dict[int, VerdictOut] = {}
        for index, raw in enumerate(given):
            try:
                items[index] = model.model_validate(raw)
            except ValidationError as failure:
                verdicts[index] = VerdictOut(
                    index=index,
                    code=_text(raw, "code"),
                    version=_number(raw, "version"),
                    outcome="rejected",
                    inbound_id=None,
                    errors=[self._error(one) for one in field_errors(_details(failure))],
                )
        return items, verdicts

    def _verdict(self, index: int, item: Item, standing: str, inbound_id: UUID | None) -> VerdictOut:
        if standing == "version_reused":
            return self._rejection(index, item, _VERSION_REUSED)
        return VerdictOut.model_validate(
            {
                "index": index,
                "code": item.code,
                "version": item.version,
                "outcome": standing,
                "inbound_id": inbound_id,
            }
        )

    def _rejection(self, index: int, item: RequestModel, error: FieldError) -> VerdictOut:
        return VerdictOut(
            index=index,
            code=_text(item.model_dump(), "code"),
            version=_number(item.model_dump(), "version"),
            outcome="rejected",
            inbound_id=None,
            errors=[self._error(error)],
        )

    def _error(self, error: FieldError) -> ItemErrorOut:
        return ItemErrorOut(pointer=error.pointer, code=error.code, message=error.message[self.language])


async def get_content(db: AsyncSession, cipher: Cipher, inbound_id: UUID) -> InboundDossier:
    """Return a dossier as its peer handed it over. Raises: NotFound."""
    sealed = await find_content(db, inbound_id)
    if sealed is None:
        raise NotFound
    return InboundDossier.model_validate_json(cipher.decrypt_bytes(sealed, context=_context(inbound_id)))


def _details(failure: ValidationError) -> list[dict[str, Any]]:  # Any: pydantic's error details
    return [{**detail, "loc": ("body", *detail["loc"])} for detail in failure.errors()]


def _context(inbound_id: UUID) -> bytes:
    return b"inbound_dossiers.content:" + inbound_id.bytes


def _answer(verdicts: dict[int, VerdictOut]) -> VerdictsOut:
    items = [verdicts[index] for index in sorted(verdicts)]
    if all(item.outcome == "rejected" for item in items):
        raise NothingAccepted([item.model_dump(mode="json") for item in items])
    return VerdictsOut(items=items)


def _text(raw: object, name: str) -> str | None:
    value: Any = raw.get(name) if isinstance(raw, dict) else None  # Any: JSON not checked yet
    return value[:64] if isinstance(value, str) else None


def _number(raw: object, name: str) -> int | None:
    value: Any = raw.get(name) if isinstance(raw, dict) else None  # Any: JSON not checked yet
    return value if type(value) is int else None
