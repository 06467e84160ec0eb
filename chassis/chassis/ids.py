"""New identifiers: UUIDv7, so that keys made one after another lie side by side in an index."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a new UUIDv7: the first 48 bits are milliseconds since 1970 in UTC, the rest is random.

    Made in Python and not by PostgreSQL, whose `uuidv7()` is newer than the oldest version we run on.
    """
    return UUID(bytes=uuid_utils.uuid7().bytes)
