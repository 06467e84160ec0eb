"""`lienthong sign`: a foreign library takes what it prints; what it cannot sign is refused in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from http_message_signatures import HTTPMessageVerifier, InvalidSignature, MappingKeyResolver, algorithms

from chassis.http_signatures import COVERED
from chassis.keys import SigningKey

URL = "http://127.0.0.1:4010/v1/portal/dossiers"
BODY = '{"items": [{"code": "một"}]}'.encode()


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def var(tmp_path: Path, key: SigningKey) -> Path:
    """A folder as a running stack leaves it: an address and the key of one client."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "gateway.url").write_text("http://127.0.0.1:4010\n")
    (tmp_path / "clients").mkdir()
    file = tmp_path / "clients" / "tinh-hanoi.jwk"
    file.write_text(json.dumps(key.private_jwk()))
    file.chmod(0o600)
    return tmp_path


def sign(var: Path, *arguments: str, body: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "sign", *arguments],
        env=os.environ | {"LIENTHONG_VAR": str(var)},
        cwd="/",
        input=body,
        capture_output=True,
        timeout=60,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def require_signed(headers: dict[str, str], key: SigningKey, body: bytes) -> None:
    """Let the library judge the request. Raises: InvalidSignature."""
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ECDSA_P256_SHA256,
        key_resolver=MappingKeyResolver(
            public_keys={"tinh-hanoi": key.private_key.public_key()}, private_keys={}
        ),
    )
    request = httpx2.Request("POST" if body else "GET", URL, headers=headers, content=body)
    needed = COVERED if body else COVERED[:2]
    verifier.verify(request, require_components=needed, body=body or None)


def printed(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert done.returncode == 0, done.stderr
    return dict(line.split(": ", 1) for line in done.stdout.splitlines())


def test_printed_headers_sign_the_body_of_a_file(var: Path, key: SigningKey) -> None:
    file = var / "body.json"
    file.write_bytes(BODY)

    headers = printed(sign(var, "--as", "tinh-hanoi", "POST", "/v1/portal/dossiers", "--body", str(file)))

    assert headers["content-type"] == "application/json"
    require_signed(headers, key, BODY)
    with pytest.raises(InvalidSignature):
        require_signed(headers, key, BODY + b" ")


def test_body_may_come_from_standard_input_and_target_be_a_whole_address(var: Path, key: SigningKey) -> None:
    done = sign(var, "--as", "tinh-hanoi", "POST", URL, "--body", "-", "--json", body=BODY)

    assert done.returncode == 0, done.stderr
    require_signed(json.loads(done.stdout), key, BODY)


def test_request_without_body_covers_method_and_target(var: Path, key: SigningKey) -> None:
    headers = printed(sign(var, "--as", "tinh-hanoi", "GET", "/v1/portal/dossiers"))

    assert set(headers) == {"signature-input", "signature"}
    require_signed(headers, key, b"")


@pytest.mark.parametrize("name", ["nobody", "../clients/tinh-hanoi"])
def test_client_without_a_key_is_refused_with_those_that_have_one(var: Path, name: str) -> None:
    done = sign(var, "--as", name, "GET", "/v1/portal/dossiers")

    assert (done.returncode, done.stdout) == (1, "")
    assert "tinh-hanoi" in done.stderr
    assert "Traceback" not in done.stderr


def test_path_needs_a_running_stack(tmp_path: Path) -> None:
    done = sign(tmp_path, "--as", "tinh-hanoi", "GET", "/v1/portal/dossiers")

    assert (done.returncode, done.stdout) == (1, "")
    assert "make run" in done.stderr
