"""Acting for a child or a company: the own token is exchanged for one that names both (RFC 8693)."""

from typing import Any

import httpx2

from deploy.cli.sign_in import CLIENT_ID, access_token, metadata, said
from deploy.cli.stack import CommandFailed
from deploy.sandbox.personas import Persona

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind


def exchange(
    client: httpx2.Client, public_url: str, token: str, principal: Persona, scopes: tuple[str, ...] | None
) -> str:
    """Return a token with which the holder of `token` acts for a child or a company.

    Raises:
        CommandFailed: the holder may not act for it, or the exchange is refused.
    """
    form = {
        "grant_type": GRANT,
        "client_id": CLIENT_ID,
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        "requested_subject": _subject(client, public_url, token, principal),
    }
    if scopes is not None:
        form["scope"] = " ".join(scopes)
    return access_token(client.post(metadata(client, public_url)["token_endpoint"], data=form))


def _subject(client: httpx2.Client, public_url: str, token: str, principal: Persona) -> str:
    answer = client.get(f"{public_url}/v1/me/acting-for", headers={"authorization": f"Bearer {token}"})
    if answer.status_code != 200:
        raise CommandFailed(f"nobody to act for ({answer.status_code}): {said(answer)}")
    for one in answer.json()["items"]:
        if _is(one, principal):
            return str(one["id"])
    raise CommandFailed(
        f"the population and business registers name nobody here who may act for {principal.name}"
    )


def _is(one: dict[str, Any], principal: Persona) -> bool:
    """Whether an entry is this persona; personal numbers are in no list, name and birth suffice here."""
    if principal.person is None:
        return bool(one["kind"] == "company" and one["tax_code"] == principal.number)
    born_on = principal.person.born_on.isoformat()
    return (one["kind"], one["name"], one["born_on"]) == ("child", principal.person.name, born_on)
