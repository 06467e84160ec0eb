"""Dependencies of the routes, by name of what they give."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import TokenInvalid
from identity.acting.service import ActingService
from identity.facts.service import FactsService
from identity.me.service import MeService
from identity.notifications.service import NotificationService
from identity.people.service import PeopleService
from identity.sign_in.browser import Browsers
from identity.sign_in.service import SignInService
from identity.staff.service import StaffSignIn
from identity.tokens.service import TokenService


async def _people(request: Request) -> PeopleService:
    people: PeopleService = request.app.state.people
    return people


async def _facts(request: Request) -> FactsService:
    facts: FactsService = request.app.state.facts
    return facts


async def _tokens(request: Request) -> TokenService:
    tokens: TokenService = request.app.state.token_service
    return tokens


async def _sign_ins(request: Request) -> SignInService:
    sign_ins: SignInService = request.app.state.sign_ins
    return sign_ins


async def _staff(request: Request) -> StaffSignIn:
    staff: StaffSignIn = request.app.state.staff
    return staff


async def _acting(request: Request) -> ActingService:
    acting: ActingService = request.app.state.acting
    return acting


async def _browsers(request: Request) -> Browsers:
    browsers: Browsers = request.app.state.browsers
    return browsers


async def _me(request: Request, db: Db) -> MeService:
    return MeService(db, request.app.state.vault, request.app.state.clocks)


async def _notifications(request: Request, db: Db) -> NotificationService:
    return NotificationService(db, request.app.state.clocks)


def citizen_of(actor: Actor) -> UUID:
    """Return the citizen of a citizen's token, which the verifier has seen to."""
    if actor.citizen_id is None:
        raise TokenInvalid(reason="no_citizen")
    return actor.citizen_id


People = Annotated[PeopleService, Depends(_people)]
Facts = Annotated[FactsService, Depends(_facts)]
Tokens = Annotated[TokenService, Depends(_tokens)]
Acting = Annotated[ActingService, Depends(_acting)]
StaffSignIns = Annotated[StaffSignIn, Depends(_staff)]
SignIns = Annotated[SignInService, Depends(_sign_ins)]
BrowsersOf = Annotated[Browsers, Depends(_browsers)]
Me = Annotated[MeService, Depends(_me, scope="function")]
Notifications = Annotated[NotificationService, Depends(_notifications, scope="function")]
