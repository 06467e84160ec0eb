"""Which resource a reference inside a Bundle means, and how references are rewritten to our ids.

Source: FHIR R4, Bundle, "Resolving references in Bundles" and http, "Transaction Processing Rules".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from health_book.fhir.json_text import Json, Number
from health_book.fhir.persons import items

Rewrite = Callable[[str], str | None]
"""Gives the new reference for an old one, or `None` to leave it."""

LITERAL = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?")
CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?identifier=(.+)")
_BUNDLE_LOCAL = ("urn:uuid:", "urn:oid:")


def rewritten(value: Any, rewrite: Rewrite) -> Any:  # Any: JSON
    """Return a copy of a resource with its references rewritten; everything else as it was.

    `reference` members are rewritten, and any text that is the address of an entry of the Bundle itself.
    """
    if isinstance(value, dict):
        return {name: _member(name, member, rewrite) for name, member in value.items()}
    if isinstance(value, list):
        return [rewritten(item, rewrite) for item in value]
    if isinstance(value, str) and not isinstance(value, Number) and value.startswith(_BUNDLE_LOCAL):
        return rewrite(value) or value
    return value


def _member(name: str, member: Any, rewrite: Rewrite) -> Any:
    if name == "reference" and isinstance(member, str):
        return rewrite(member) or member
    return rewritten(member, rewrite)


def references(value: Any) -> Iterator[str]:  # Any: JSON
    """Yield every `reference` of a resource, in the order of the text; those to contained ones left out."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "reference" and isinstance(member, str):
                if not member.startswith("#"):
                    yield member
            else:
                yield from references(member)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def reference_of(resource: Json, *names: str) -> str | None:
    """Return the reference of the first of these members that has one, of a list its first item."""
    for name in names:
        member = resource.get(name)
        if isinstance(member, list):
            member = member[0] if member else None
        if isinstance(member, dict) and isinstance(member.get("reference"), str):
            reference: str = member["reference"]
            return reference
    return None


class BundleAddresses:
    """The entries of a Bundle by every address under which another entry may name them."""

    def __init__(self, entries: Mapping[int, tuple[str | None, Json]]) -> None:
        """`entries` holds (fullUrl, resource) by position."""
        self._positions: dict[str, int] = {}
        for position, (full_url, resource) in entries.items():
            if full_url:
                self._positions.setdefault(full_url, position)
            if isinstance(resource.get("id"), str):
                self._positions.setdefault(f"{resource['resourceType']}/{resource['id']}", position)
            for one in items(resource, "identifier"):
                by_identifier = (
                    f"{resource['resourceType']}?identifier={one.get('system')}|{one.get('value')}"
                )
                self._positions.setdefault(by_identifier, position)

    def position(self, reference: str) -> int | None:
        """Return the entry that a reference means, or `None` where it leads out of the Bundle."""
        plain = reference.partition("#")[0]
        found = self._positions.get(plain)
        if found is None and not plain.startswith(("http://", "https://")):
            literal = LITERAL.fullmatch(plain)
            if literal:
                found = self._positions.get(f"{literal.group(1)}/{literal.group(2)}")
        if found is None and "/_history/" in plain:
            found = self._positions.get(plain.partition("/_history/")[0])
        return found
