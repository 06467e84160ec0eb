"""Each way in which a version can meet what is kept."""

import pytest

from national_portal_sync.inbound.rules import standing_of


@pytest.mark.parametrize(
    ("version", "newest", "kept", "expected"),
    [
        (1, 0, None, "received"),
        (2, 1, None, "received"),
        (4, 1, None, "received"),
        (1, 2, None, "stale"),
        (2, 2, b"a", "unchanged"),
        (1, 2, b"a", "unchanged"),
        (2, 2, b"b", "version_reused"),
    ],
)
def test_standing(version: int, newest: int, kept: bytes | None, expected: str) -> None:
    assert standing_of(version, b"a", newest=newest, kept=kept) == expected
