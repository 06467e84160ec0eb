"""`lienthong token`: a bearer token for a persona, by the way in which such a persona really signs in."""

from pathlib import Path

import httpx2

from chassis.clock import Clocks
from chassis.keys import SigningKey
from chassis.service_tokens import ASSERTION_TYPE, client_assertion
from deploy.cli.acting import exchange
from deploy.cli.sign_in import TIMEOUT_SECONDS, Wish, access_token, metadata, sign_in
from deploy.cli.stack import CommandFailed, RunningStack
from deploy.cli.typists import StaffMember, VNeIDHolder
from deploy.local.clients import CITIZEN, STAFF, SYSTEM_SCOPES
from deploy.sandbox.personas import Persona, personas
from deploy.sandbox.staff import staff_accounts

STAFF_SIGN_IN = ("openid", "profile")


def token_for(
    stack: RunningStack,
    name: str,
    *,
    level: int | None = None,
    acting_for: str | None = None,
    scopes: tuple[str, ...] | None = None,
) -> str:
    """Return an access token of a persona, at its own level and with all its scopes unless said otherwise.

    Raises:
        CommandFailed: nothing runs, there is no such persona, or it cannot sign in this way.
    """
    persona = _persona(name)
    public_url = stack.public_url
    with httpx2.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        try:
            if persona.kind == "system":
                if level is not None or acting_for is not None:
                    raise CommandFailed(f"{name} is a system: it has no level and acts for nobody but itself")
                return _system_token(client, public_url, stack.layout.clients, persona, scopes)
            return _person_token(client, public_url, persona, level, acting_for, scopes)
        except httpx2.HTTPError as error:
            raise CommandFailed(
                f"{public_url} does not answer ({type(error).__name__}): is it running?"
            ) from error


def _persona(name: str) -> Persona:
    try:
        return personas()[name]
    except KeyError:
        raise CommandFailed(f"no persona is called {name}; see: lienthong personas") from None


def _system_token(
    client: httpx2.Client, public_url: str, keys: Path, persona: Persona, scopes: tuple[str, ...] | None
) -> str:
    provider = metadata(client, public_url)
    key = SigningKey.from_file(keys / f"{persona.name}.jwk")
    assertion = client_assertion(
        key, client_id=persona.name, audience=provider["issuer"], clocks=Clocks.real()
    )
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": " ".join(SYSTEM_SCOPES[persona.name] if scopes is None else scopes),
    }
    return access_token(client.post(provider["token_endpoint"], data=form))


def _person_token(
    client: httpx2.Client,
    public_url: str,
    persona: Persona,
    level: int | None,
    acting_for: str | None,
    scopes: tuple[str, ...] | None,
) -> str:
    if persona.kind == "child":
        raise CommandFailed(
            f"{persona.name} has no account; a parent acts for a child: lienthong token --as binh --for chi"
        )
    if persona.name in staff_accounts():
        if level is not None or acting_for is not None:
            raise CommandFailed(f"{persona.name} is staff: no VNeID level, and nobody to act for")
        member = StaffMember(staff_accounts()[persona.name])
        return sign_in(client, public_url, Wish(member, scopes or (*STAFF_SIGN_IN, *STAFF)))
    account = ""
    if persona.kind == "company":
        if acting_for is not None:
            raise CommandFailed(f"{persona.name} is a company: people act for it, not it for others")
        persona, account = _persona(persona.represented_by or ""), persona.number or ""
    if persona.person is None:
        raise CommandFailed(f"{persona.name} has no VNeID account")
    level = level or persona.person.level
    # A token for one command is not refreshed.
    wanted = tuple(scope for scope in CITIZEN if scope != "offline_access")
    asked = wanted if scopes is None or acting_for is not None else scopes
    token = sign_in(client, public_url, Wish(VNeIDHolder(persona, level, account), asked, level))
    if acting_for is None:
        return token
    return exchange(client, public_url, token, _persona(acting_for), scopes)
