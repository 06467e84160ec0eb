"""Key files: private, made once, rotated with overlap."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chassis import jws
from chassis.keys import FileKeyProvider, KeyUnavailable, SigningKey, public_key_of


def test_missing_key_stops_production(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path)

    with pytest.raises(KeyUnavailable, match="field-keys"):
        provider.field_keys()
    assert list(tmp_path.iterdir()) == []


def test_sandbox_makes_keys_once_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "keys" / "dossier"

    made = FileKeyProvider(folder, create=True)
    keys = (made.field_keys(), made.secret("cursors"), made.signing_keys("tokens").current.kid)

    again = FileKeyProvider(folder)
    assert (again.field_keys(), again.secret("cursors"), again.signing_keys("tokens").current.kid) == keys
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        secrets = set(
            pool.map(lambda _: FileKeyProvider(tmp_path, create=True).secret("blind-index"), range(64))
        )

    assert len(secrets) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["blind-index.json"]


def test_key_open_to_others_is_refused(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path, create=True)
    provider.secret("cursors")
    (tmp_path / "cursors.json").chmod(0o640)

    with pytest.raises(KeyUnavailable, match="chmod 600"):
        provider.secret("cursors")


def test_field_key_rotation_keeps_the_old_one(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path, create=True)
    before = provider.field_keys()

    current = provider.rotate_field_key()

    after = provider.field_keys()
    assert after.current == current != before.current
    assert after.keys[before.current] == before.keys[before.current]


def test_signing_key_rotation_overlaps(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path, create=True)
    first = provider.signing_keys("tokens").current

    second = provider.rotate_signing_key("tokens")
    third = provider.rotate_signing_key("tokens")

    assert [key.kid for key in second.previous] == [first.kid]
    assert [key.kid for key in third.previous] == [second.current.kid]
    published = provider.signing_keys("tokens").public_jwks()["keys"]
    assert [key["kid"] for key in published] == [third.current.kid, second.current.kid]
    assert all("d" not in key for key in published)


def test_private_jwk_round_trip_signs(tmp_path: Path) -> None:
    key = SigningKey.generate()

    restored = SigningKey.from_jwk(key.private_jwk())

    token = jws.sign({"kid": restored.kid}, {"a": 1}, restored.private_key)
    assert jws.is_signed_by(jws.parse(token), public_key_of(key.public_jwk()))
    assert restored.kid == key.kid


@pytest.mark.parametrize("jwk", [{}, {"kty": "RSA"}, {"kty": "EC", "crv": "P-384", "d": "AA"}])
def test_other_keys_are_refused(jwk: dict[str, str]) -> None:
    with pytest.raises(KeyUnavailable):
        SigningKey.from_jwk(jwk)
    with pytest.raises(ValueError, match="P-256"):
        public_key_of(jwk)


def test_thumbprint_is_that_of_rfc_7638() -> None:
    """The kid is SHA-256 over {"crv","kty","x","y"} in this order, computed here by hand."""
    import base64
    import hashlib

    jwk = SigningKey.generate().public_jwk()
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'

    expected = base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()

    assert jwk["kid"] == expected
