"""Identifiers that cross the wire, as types.

A personal number is a string, never a number (leading zeros), and travels only in request bodies and
userinfo: never in a path, query, log line, span attribute, metric label or event (api.md, "Everywhere").
"""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

PersonalId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
"""The 12-digit personal identification number. Source: Decree 137/2015/NĐ-CP, art. 13."""

FacilityCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5}$")]
"""The 5-character code of a health facility (`MA_CSKCB`): province at issue + 3 characters."""

CitizenId = UUID
"""Our opaque id of a person; the only way a person is addressed in paths and events."""
