"""Who stands in a dossier: the names and numbers that it was filed under, kept with it encrypted."""

from typing import Any

from chassis.errors import NotFound
from dossier.clients.identity import IdentityClient
from dossier.dossiers.parties import Owner

PARTIES = "dossiers.parties"
Json = dict[str, Any]  # Any: JSON members


async def parties_of(identity: IdentityClient, owner: Owner) -> Json:
    """Return `{"owner": {kind, name, …}, "acting": {name, …} | None}` as identity tells it now.

    Kept with the dossier, because it says who filed it then. Raises: UpstreamUnavailable, NotFound where
    identity does not know the owner.
    """
    wanted = [one for one in (owner.acting, owner.owner_id if owner.kind == "citizen" else None) if one]
    people = await identity.people(wanted) if wanted else {}
    acting = people.get(owner.acting) if owner.acting else None
    told: Json = {"acting": None}
    if owner.kind == "company":
        company = await identity.organisation(owner.owner_id)
        if company is None:
            raise NotFound(reason="organisation")
        told["owner"] = {
            "kind": "company",
            "name": company.name,
            "tax_code": company.tax_code,
            "address": company.address,
        }
    else:
        person = people.get(owner.owner_id)
        if person is None:
            raise NotFound(reason="person")
        told["owner"] = {
            "kind": "citizen",
            "name": person.name,
            "personal_id": person.personal_id,
            "born_on": person.born_on,
            "address": person.address,
        }
    if acting is not None:
        told["acting"] = {"name": acting.name, "personal_id": acting.personal_id}
    return told


def shown(parties: Json) -> str:
    """Return who filed, in one line: `Phan Thị Ngân thay mặt Công ty TNHH Dược Mẫu`."""
    name = str(parties["owner"]["name"])
    acting = parties.get("acting")
    return f"{acting['name']} thay mặt {name}" if acting else name
