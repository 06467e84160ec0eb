"""The time-stamping authority, judged by OpenSSL."""

import hashlib
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from asn1crypto import tsp
from fastapi import FastAPI

from deploy.local import pki
from deploy.sandbox.state import State
from deploy.sandbox.tsa import routes
from deploy.sandbox.tsa.authority import Authority, Refusal

NOW = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
QUERY = {"content-type": "application/timestamp-query"}
ADDRESS = "/sandbox/tsa/time-stamps"


def query(**changes: object) -> tsp.TimeStampReq:
    asked = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": hashlib.sha256(b"paper").digest(),
        },
        "nonce": 7,
        "cert_req": True,
    }
    return tsp.TimeStampReq(asked | changes)


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    pki.write(tmp_path)
    state = State(tmp_path / "sandbox.sqlite3")
    app = FastAPI()
    app.include_router(routes.routes(Authority(tmp_path / "pki" / "tsa.pem"), state, NOW.timestamp))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://tsa") as client:
        yield client
    state.close()


async def test_openssl_takes_the_token(http: httpx2.AsyncClient, tmp_path: Path) -> None:
    paper, asked, answered = (tmp_path / name for name in ("paper", "paper.tsq", "paper.tsr"))
    paper.write_bytes(b"paper")
    _openssl("ts", "-query", "-data", paper, "-sha256", "-cert", "-out", asked)
    answer = await http.post(ADDRESS, content=asked.read_bytes(), headers=QUERY)
    assert answer.headers["content-type"] == "application/timestamp-reply"
    answered.write_bytes(answer.content)
    roots = tmp_path / "pki" / "roots.pem"
    verdict = _openssl(
        "ts", "-verify", "-queryfile", asked, "-in", answered, "-CAfile", roots, "-attime", "1795500000"
    )
    assert "Verification: OK" in verdict


async def test_token_names_the_instant_and_the_question(http: httpx2.AsyncClient) -> None:
    answer = tsp.TimeStampResp.load((await http.post(ADDRESS, content=query().dump(), headers=QUERY)).content)
    assert answer["status"]["status"].native == "granted"
    info = answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert info["gen_time"].native == NOW
    assert info["nonce"].native == 7


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "bad_data_format"),
        (b"no request", "bad_data_format"),
        (query(req_policy="1.2.3").dump(), "unaccepted_policy"),
        (
            query(
                message_imprint={"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": bytes(20)}
            ).dump(),
            "bad_alg",
        ),
        (
            query(
                message_imprint={"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(20)}
            ).dump(),
            "bad_data_format",
        ),
    ],
    ids=["empty", "garbage", "policy", "algorithm", "length"],
)
async def test_bad_request_is_refused_with_its_reason(
    http: httpx2.AsyncClient, body: bytes, reason: str
) -> None:
    answer = Refusal.load((await http.post(ADDRESS, content=body, headers=QUERY)).content, strict=True)
    assert answer["status"]["status"].native == "rejection"
    assert answer["status"]["fail_info"].native == {reason}


async def test_other_content_and_oversize_are_refused(http: httpx2.AsyncClient) -> None:
    assert (await http.post(ADDRESS, content=b"{}")).status_code == 415
    assert (await http.post(ADDRESS, content=bytes(5000), headers=QUERY)).status_code == 413


def _openssl(*arguments: object) -> str:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout + done.stderr
