"""Builds the identity app. Importing this builds nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI, Request
from starlette.responses import Response

from chassis.app import create_service_app
from chassis.auth import TokenVerifier
from chassis.clock import Clocks
from chassis.consumer import Consumer
from chassis.crypto import BlindIndex, Cipher
from chassis.errors import Language, Problem
from chassis.keys import KeyProvider, KeyUnavailable, SigningKey
from chassis.logging import get_logger
from chassis.runner import ServiceDefinition
from chassis.timers import Timer
from contracts.events.dossier import DossierChangedV1
from contracts.events.health_book import VisitRecordedV1
from contracts.events.judicial_record import ApplicationChangedV1, CertificateIssuedV1, CertificateRevokedV1
from identity import retention
from identity.acting import routes as acting_routes
from identity.acting.service import ActingService
from identity.clients import routes as client_routes
from identity.facts import routes as fact_routes
from identity.facts.service import FactsService
from identity.loading import load
from identity.me import routes as me_routes
from identity.notifications import routes as notification_routes
from identity.notifications import subscribers
from identity.pages.render import refusal_page
from identity.peers.population_register import PopulationRegister
from identity.peers.vneid import VNeID, VNeIDRegistration
from identity.people import routes as people_routes
from identity.people.admission import Admission
from identity.people.confirmation import Confirmation
from identity.people.service import PeopleService, Vault
from identity.settings import IdentitySettings
from identity.sign_in import routes as sign_in_routes
from identity.sign_in.authorizations import Authorizations
from identity.sign_in.browser import Browsers
from identity.sign_in.refusals import SignInRefused
from identity.sign_in.routes import page_language
from identity.sign_in.service import SignInService
from identity.staff import routes as staff_routes
from identity.staff.passwords import Passwords
from identity.staff.service import StaffSignIn
from identity.tokens import routes as token_routes
from identity.tokens.authentication import ClientAuthentication
from identity.tokens.errors import OAuthError
from identity.tokens.exchange import TokenExchange
from identity.tokens.minting import Minter, OwnKeys
from identity.tokens.service import TokenService

log = get_logger(__name__)

CONSUMERS = (
    Consumer(
        purpose="notifications",
        events={
            VisitRecordedV1: subscribers.on_visit_recorded,
            ApplicationChangedV1: subscribers.on_application_changed,
            CertificateIssuedV1: subscribers.on_certificate_issued,
            CertificateRevokedV1: subscribers.on_certificate_revoked,
            DossierChangedV1: subscribers.on_dossier_changed,
        },
    ),
)


def create_app(
    settings: IdentitySettings, *, clocks: Clocks | None = None, keys: KeyProvider | None = None
) -> FastAPI:
    """Return the app of identity; nothing is opened before its lifespan."""
    clocks = clocks or Clocks.real()
    own_keys = OwnKeys()
    verifier = TokenVerifier(
        own_keys,
        issuer=settings.issuer,
        audience=(settings.public_url, settings.internal_audience),
        clocks=clocks,
    )
    app = create_service_app(
        settings,
        title="Identity",
        description="Who is who: people, sign-in, tokens and the citizen's inbox.",
        routers=(
            token_routes.router,
            sign_in_routes.router,
            staff_routes.router,
            me_routes.router,
            acting_routes.router,
            notification_routes.router,
            people_routes.router,
            fact_routes.router,
            client_routes.router,
        ),
        consumers=CONSUMERS,
        timers=_timers(settings),
        resources=_resources(settings, own_keys),
        clocks=clocks,
        keys=keys,
        verifier=verifier,
    )
    app.add_exception_handler(OAuthError, token_routes.answer_oauth_error)
    app.add_exception_handler(Problem, token_routes.answer_problem_in_oauth_shape)
    app.add_exception_handler(SignInRefused, _answer_page)
    return app


def _resources(settings: IdentitySettings, own_keys: OwnKeys) -> Any:  # Any: see chassis.app.Resources
    @asynccontextmanager
    async def open_resources(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        minter = Minter(settings.issuer, state.keys.signing_keys("tokens"))
        own_keys.publish(minter.public_keys())
        state.vault = Vault(Cipher(state.keys), BlindIndex(state.keys, purpose="papers"))
        state.people = PeopleService(state.database, state.vault, state.clocks)
        state.facts = FactsService(state.database, state.vault, state.clocks, _register(settings, state.http))
        admission = Admission(state.database, state.vault, state.clocks)
        state.acting = ActingService(
            state.database, state.vault, state.clocks, admission, _register(settings, state.http)
        )
        exchange = TokenExchange(state.database, state.clocks, minter, state.verifier, state.acting)
        state.token_service = TokenService(
            database=state.database,
            clocks=state.clocks,
            minter=minter,
            authentication=ClientAuthentication(settings.issuer, state.clocks),
            verifier=state.verifier,
            exchange=exchange,
        )
        authorizations = Authorizations(state.database, state.clocks, settings.issuer)
        passwords = Passwords()
        state.staff = StaffSignIn(
            database=state.database,
            clocks=state.clocks,
            vault=state.vault,
            passwords=passwords,
            authorizations=authorizations,
            attempts_key=state.keys.secret("attempts"),
        )
        state.browsers = Browsers(
            state.keys.secret("cookies"), is_https=settings.public_url.startswith("https://")
        )
        state.sign_ins = SignInService(
            database=state.database,
            clocks=state.clocks,
            vneid=VNeID(_registration(settings), _vneid_key(settings), state.http, state.clocks),
            admission=admission,
            authorizations=authorizations,
        )
        yield
        passwords.close()

    return open_resources


def _registration(settings: IdentitySettings) -> VNeIDRegistration:
    issuer, backchannel = settings.upstream_issuer, settings.upstream_backchannel
    if issuer is None or backchannel is None:
        raise KeyUnavailable("LIENTHONG_IDENTITY_VNEID_ISSUER is not set")
    return VNeIDRegistration(
        issuer=issuer,
        backchannel_url=backchannel,
        client_id=settings.vneid_client_id,
        redirect_uri=f"{settings.public_url}/oauth2/callback/vneid",
    )


def _vneid_key(settings: IdentitySettings) -> SigningKey:
    if settings.vneid_client_key_file is None:
        raise KeyUnavailable("LIENTHONG_IDENTITY_VNEID_CLIENT_KEY_FILE is not set")
    return SigningKey.from_file(settings.vneid_client_key_file)


def _register(settings: IdentitySettings, client: httpx2.AsyncClient) -> PopulationRegister | None:
    return PopulationRegister(settings.register_url, client) if settings.register_url else None


def _timers(settings: IdentitySettings) -> list[Timer]:
    async def confirm(state: Any) -> None:  # Any: starlette's State
        register = PopulationRegister(str(settings.register_url), state.http)
        await Confirmation(state.database, state.vault, state.clocks, register).run()

    async def forget(state: Any) -> None:  # Any: as above
        await retention.forget_expired(state.database, state.clocks)

    timers = [Timer("forget-expired", 60, forget)]
    if settings.register_url is not None:
        # Not exclusive: people are leased by row, so several workers share the queue.
        timers.append(Timer("confirm-people", 2, confirm, exclusive=False))
    return timers


async def _answer_page(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, SignInRefused)  # noqa: S101 - registered for this class alone
    log.info("sign_in.refused", name=failure.page, reason=failure.reason)
    request.state.problem_code = failure.page
    language: Language = "en" if failure.language == "en" else "vi"
    if failure.language is None:
        language = page_language(request, dict(request.query_params))
    trace_id = getattr(request.state, "trace_id", None)
    return refusal_page(failure, language=language, trace_id=trace_id)


SERVICE = ServiceDefinition(
    name="identity",
    settings_class=IdentitySettings,
    create_app=create_app,
    migrations_directory=Path(__file__).parent.parent / "migrations",
    after_migrate=load,
)
