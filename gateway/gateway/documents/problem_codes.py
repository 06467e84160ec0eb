"""Every problem code of the whole system: the shared ones, the gateway's, and what each service says of
its own.
"""

from chassis.problems_catalogue import ALL, CatalogueEntry, entries
from gateway.documents.sources import OpenApiSources
from gateway.problems import MalformedRequest, RequestTimeout

OWN = entries((MalformedRequest, RequestTimeout))


class ProblemCodes:
    """Gives the table by status and code."""

    def __init__(self, openapi: OpenApiSources) -> None:
        self._openapi = openapi

    async def all(self) -> tuple[CatalogueEntry, ...]:
        """Return every code once; those of a service that has never answered are missing until it does."""
        by_code = {entry.code: entry for entry in (*ALL, *OWN)}
        for document in await self._openapi.documents():
            for given in document.get("x-problems", ()):
                entry = CatalogueEntry(**given)
                by_code.setdefault(entry.code, entry)
        return tuple(sorted(by_code.values(), key=lambda entry: (entry.status, entry.code)))
