"""What a signed-in citizen reads and sets about themself."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.errors import TokenInvalid
from chassis.etag import etag_of
from identity.me.repository import MeRepository
from identity.me.schemas import MeIn, MeOut
from identity.people.models import PersonRow
from identity.people.service import Vault
from identity.tokens.repository import TokenRepository
from identity.tokens.schemas import UserInfoOut


@dataclass(frozen=True, slots=True)
class MeService:
    """Use cases of `me`, in the request's unit of work."""

    db: AsyncSession
    vault: Vault
    clocks: Clocks

    async def get(self, actor: Actor) -> tuple[MeOut, str]:
        """Return the citizen and the ETag of this version. Raises: NotFound."""
        row = await MeRepository(self.db).get(_own(actor))
        return self._out(row), etag_of(row.version)

    async def change(
        self, actor: Actor, wanted: MeIn, require_match: Callable[[str], None]
    ) -> tuple[MeOut, str]:
        """Set what is wanted and return the citizen with the new ETag.

        `require_match` is given the current ETag and raises StaleVersion when the caller saw another one.
        Raises: NotFound, StaleVersion.
        """
        people = MeRepository(self.db)
        row = await people.get(_own(actor), for_update=True)
        require_match(etag_of(row.version))
        if row.language != wanted.language:
            await people.set_language(row.citizen_id, wanted.language, self.clocks.real_now())
            row = await people.get(row.citizen_id)
        return self._out(row), etag_of(row.version)

    async def user_info(self, actor: Actor) -> UserInfoOut:
        """Return the claims that the token's scopes open.

        Asks the table of revocations itself, so that a revoked token ends here even while the bus is away.
        Raises: TokenInvalid, NotFound.
        """
        if await TokenRepository(self.db).is_revoked(actor.token_id):
            raise TokenInvalid(headers={"www-authenticate": 'Bearer error="invalid_token"'}, reason="revoked")
        person_id = UUID(actor.subject) if actor.kind == "staff" else _own(actor)
        row = await MeRepository(self.db).get(person_id)
        if "profile" not in actor.scopes:
            return UserInfoOut(sub=actor.subject)
        if actor.kind == "staff":
            return UserInfoOut(sub=actor.subject, name=row.name, locale=row.language)
        return UserInfoOut(
            sub=actor.subject,
            name=row.name,
            gender=row.sex if row.sex != "unknown" else None,
            birthdate=row.born_on,
            personal_id=self._personal_id(row),
            locale=row.language,
        )

    def _out(self, row: PersonRow) -> MeOut:
        return MeOut.model_validate(
            {
                "id": row.citizen_id,
                "name": row.name,
                "born_on": row.born_on,
                "sex": row.sex,
                "personal_id": self._personal_id(row),
                "state": row.state,
                "language": row.language,
                "updated_at": row.updated_at,
            }
        )

    def _personal_id(self, row: PersonRow) -> str | None:
        sealed = row.personal_id_ciphertext
        return self.vault.open(sealed, row.citizen_id) if sealed is not None else None


def _own(actor: Actor) -> UUID:
    """Return the citizen of a citizen's token, which the verifier has seen to."""
    if actor.citizen_id is None:
        raise TokenInvalid(reason="no_citizen")
    return actor.citizen_id
